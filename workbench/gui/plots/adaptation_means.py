"""What adaptation curves draw of an evaluation, and the lines they draw it with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from workbench.core.base.measure import Measure
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.runs.events import EvaluationEvent
from workbench.gui.graphs.band import Band
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.points import set_points
from workbench.gui.look.colours import pen

_BEYOND = 2.0
"""How far the view goes beyond losses up to training's K, in what they span."""


class Means(NamedTuple):
    """The means or medians over tasks at each inner step, with their bands' edges."""

    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, event: EvaluationEvent, measure: Measure, *, support: bool) -> Means:
        """Return what is drawn of a measure, by inner step."""
        drawn = [
            DrawnScore.of(score, measure, support=support) for score in event.by_step
        ]
        steps = [score.step for score in event.by_step]
        y, low, high = np.array([each[:3] for each in drawn], dtype=float).T
        return cls(np.array(steps, dtype=float), y, low, high)


class MeansLine:
    """One set of examples of one run: its middle, and the band around it."""

    def __init__(self, item: pg.PlotItem, *, depth: float) -> None:
        self.band = Band(item, depth)
        self.curve = Line(antialias=True, symbolSize=5)
        self.curve.setZValue(depth + 1)
        self._item = item
        item.addItem(self.curve, ignoreBounds=True)

    def paint(self, colour: QColor, style: Qt.PenStyle, symbol: str) -> None:
        """Give curve, marks and band their colour."""
        self.curve.setPen(pen(colour, style, 2))
        self.curve.setSymbol(symbol)
        self.curve.setSymbolPen(pen(colour))
        self.curve.setSymbolBrush(colour)
        self.band.paint(colour)

    def set(self, means: Means, *, log: bool) -> None:
        """Draw these means."""
        set_points(self.curve, means.x, means.y, log=log)
        self.band.set(means.x, means.low, means.high, log=log)

    def remove(self) -> None:
        """Take the line off the plot."""
        self._item.removeItem(self.curve)
        self.band.remove()


def axis_name(measure: Measure, loss_unit: str) -> str:
    """Return what an axis is called, with its unit if there is one."""
    unit = loss_unit if measure is Measure.LOSS else measure.unit.strip()
    return f"{measure} ({unit})" if unit else str(measure)


def samples_of(
    event: EvaluationEvent, measure: Measure
) -> tuple[tuple[float, ...], ...]:
    """Return the curves of single tasks that are kept, of a measure."""
    if measure is Measure.RETURN:
        return tuple(tuple(-loss for loss in task) for task in event.samples)
    is_accuracy = measure is Measure.ACCURACY
    return event.sample_accuracies if is_accuracy else event.samples


def extent_of(
    means: Sequence[Means], trained_steps: int, *, log: bool, is_signed: bool = False
) -> Extent | None:
    """Return what there is to be seen of means; None where none is finite.

    Where the inner loop diverges beyond training's steps, those before count. What
    ``is_signed`` may be below zero.
    """
    middle = _finite(np.concatenate([one.y for one in means]))
    if not len(middle):
        return None
    low = _finite(np.concatenate([one.low for one in means])).min()
    high = _finite(np.concatenate([one.high for one in means])).max()
    # A loss is seen from zero on; what has a sign, as far as its bands go.
    seen = [part for one in means for part in (one[1:] if is_signed else (one.y,))]
    usual = _finite(np.concatenate([part[: trained_steps + 1] for part in seen]))
    if len(usual):
        spread = usual.max() - min(usual.min(), 0.0)
        low = max(low, usual.min() - _BEYOND * spread)
        # What diverges lowers a return: the highest is the best, however far it is.
        high = high if is_signed else min(high, usual.max() + _BEYOND * spread)
    if not is_signed:
        # No losses and accuracies are below zero, whatever their confidence.
        low = max(low, min(middle.min(), 0.0))
    if log:
        low = max(low, middle.min() / 2)
    last = max(float(one.x[-1]) for one in means)
    return Extent(-0.02 * last, last * 1.02, float(low), float(high))


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]
