"""Curves over meta-steps: raw and smoothed, validation with its band, several runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSlider, QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.core.base.measure import Measure
from workbench.core.base.phrases import percent
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.runs.events import Spread
from workbench.gui.graphs.band import Band
from workbench.gui.graphs.crosshair import ReadoutLine
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.legend import Entry
from workbench.gui.graphs.line import WEIGHT, Line, LongLine
from workbench.gui.graphs.points import robust_range, set_points
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.graphs.smoothing import Smoother
from workbench.gui.look.colours import PlotColours, pen, run_style

_NOTCHES = 100
_SPREAD = tuple(field.name for field in dataclasses.fields(Spread))
_NOT_FINITE = "Nothing to draw: none of the numbers here is finite."
_BEYOND = 2.0
"""How far the view goes above training's figures for validation's, in what they span.
"""


class _RunCurves:
    """What is drawn of one run; made once, filled again and again."""

    def __init__(self, graph: Graph, run: ShownRun, *, first: bool) -> None:
        self.run = run
        self.first = first
        self.raw, self.smooth = (LongLine(antialias=False) for _ in range(2))
        self.band = Band(graph.item)
        self.validation = Line(symbol="o", symbolSize=5)
        self.point = pg.PlotDataItem(pen=None, symbol="o", symbolSize=5)
        self.best = pg.PlotDataItem(pen=None, symbol="star", symbolSize=14)
        # What is faint lies under everything, of whatever run; the first run on top.
        self.raw.setZValue(-10)
        for depth, item in enumerate(self.items):
            if item is not self.raw:
                item.setZValue(1 + depth + (10 if first else 0))
            graph.item.addItem(item, ignoreBounds=True)
        # Only now: adding an item to a plot sets its clipping and downsampling anew.
        for line in (self.raw, self.smooth):
            line.setClipToView(True)
            line.setDownsampling(auto=True, method="peak")
        self.smoother = Smoother(0)
        self.drawn_validations = (-1, 0, False)
        self._graph = graph
        self._rewrites = -1

    @property
    def items(self) -> tuple[pg.GraphicsObject, ...]:
        return self.raw, self.smooth, self.point, self.validation, self.best

    def remove(self) -> None:
        self.band.remove()
        for item in self.items:
            self._graph.item.removeItem(item)

    def smoothed(self, raw: np.ndarray, weight: float) -> np.ndarray:
        rewrites = self.run.history.rewrites
        if self.smoother.weight != weight or self._rewrites != rewrites:
            self.smoother = Smoother(weight)
            self._rewrites = rewrites
        return self.smoother.follow(raw)

    def paint(self, shown: PlotColours) -> None:
        colour, style = shown.run(self.run.index), run_style(self.run.index)
        self.raw.setPen(pen(shown.faint(colour, 0.35)))
        self.smooth.setPen(pen(colour, style, WEIGHT))
        self.point.setSymbolPen(pen(colour))
        self.point.setSymbolBrush(colour)
        strong = _validation_colour(shown, self.run)
        self.validation.setPen(pen(strong, style, WEIGHT))
        self.validation.setSymbolPen(pen(strong))
        self.validation.setSymbolBrush(strong)
        self.best.setSymbolPen(pen(shown.background))
        self.best.setSymbolBrush(strong)
        self.band.paint(strong)


class StepCurves(Graph):
    """A figure by meta-step, of each run shown.

    ``column`` names the curve of the history; ``validated`` says that it is a measure,
    which validations give as well, under ``validation_<column>``; ``percent`` that it
    is a share.
    """

    column: ClassVar[str] = ""
    validated: ClassVar[bool] = False
    percent: ClassVar[bool] = False
    names_all = True

    def __init__(self, parent: QWidget | None = None) -> None:
        self.weight = 0.9
        self._curves: list[_RunCurves] = []
        super().__init__(parent)
        if self.percent:
            self.item.getAxis("left").setScale(100)

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return cls.column in history.curves

    @override
    def make_controls(self) -> None:
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, _NOTCHES)
        self.smoothing.setFixedWidth(72)
        self.smoothing.setValue(round(_NOTCHES * self.weight**2))
        self.add_control("smoothing", self.smoothing, "Smoothing of the training curve")
        self.smoothing.valueChanged.connect(self._on_smoothing_changed)
        super().make_controls()

    @override
    def version(self, history: RunHistory) -> Hashable:
        # Less than half a pixel's worth of new steps is nothing new to see.
        pixels = max(1.0, 2 * self.box.width())
        steps = max(self.box.viewRect().width(), history.step if self.following else 0)
        worth = max(1, int(steps / pixels))
        return history.rewrites, len(history.validations), history.step // worth

    @override
    def is_empty(self) -> bool:
        return not any(self._is_drawn(run.history) for run in self.runs)

    @override
    def rebuild(self) -> None:
        for curves in self._curves:
            curves.remove()
        self._curves = [
            _RunCurves(self, run, first=number == 0)
            for number, run in enumerate(self.runs)
        ]
        self.item.setLogMode(x=False, y=self.log)
        self.paint_colours()
        if self.runs:
            self.set_axis("left", self.axis_text())

    def axis_text(self) -> str:
        """Return the name of the y axis with its unit."""
        return self.y_axis

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        for curves in self._curves:
            curves.paint(self.colours)

    @override
    def draw(self) -> None:
        for curves in self._curves:
            self._draw_training(curves)
            if self.validated:
                self._draw_validation(curves)

    @override
    def extent(self) -> Extent | None:
        lows, highs, last = [], [], 0.0
        for curves in self._curves:
            history = curves.run.history
            x, y = history.curve(self.column)
            trained = robust_range(y, 0.02)
            validated_x, validated_y = history.curve(f"validation_{self.column}")
            if (
                self.validated
                and history.validations
                and self._last_drawn(history).is_median
            ):
                # Quartiles are no error: half of the tasks are between them.
                edges = (f"validation_{self.column}_{end}" for end in ("low", "high"))
                validated_y = np.concatenate([history.curve(name)[1] for name in edges])
            validated = robust_range(validated_y, 0.0)
            if trained is not None and validated is not None and not self.is_return:
                # More inner steps than training's may diverge, and by any factor.
                beyond = _BEYOND * (trained[1] - min(trained[0], 0.0))
                validated = validated[0], min(validated[1], trained[1] + beyond)
            for steps, found in ((x, trained), (validated_x, validated)):
                if found is not None:
                    lows.append(found[0])
                    highs.append(found[1])
                    last = max(last, float(steps[-1]))
        if not lows:
            return None
        right = max(last, 10.0)
        return Extent(-0.01 * right, 1.01 * right, min(lows), max(highs))

    @override
    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        lines: list[ReadoutLine] = []
        for curves in self._curves:
            history, colour = curves.run.history, self.colours.run(curves.run.index)
            prefix = f"{history.title} " if len(self._curves) > 1 else ""
            steps, values = history.curve(self.column)
            at = _nearest(steps, x)
            if at is not None:
                if not lines:
                    lines.append(ReadoutLine("meta-step", figures.step(steps[at])))
                smooth = curves.smoothed(values, self.weight)
                lines.append(
                    ReadoutLine(prefix + "smoothed", self.written(smooth[at]), colour)
                )
                if not prefix:
                    lines.append(ReadoutLine("raw", self.written(values[at]), colour))
            lines += self._validation_values(curves, prefix, x)
        return lines

    def written(self, value: float) -> str:
        """Return a y value as the readout has it."""
        return percent(value, 1) if self.percent else figures.number(value)

    @override
    def table(self) -> Table:
        columns = (
            "run",
            "curve",
            "meta-step",
            self.column,
            "smoothed",
            "ci95",
            *_SPREAD,
        )
        return Table(columns, self._rows())

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.column, f"validation_{self.column}")

    @override
    def hint(self) -> str:
        is_measured = any(
            len(run.history.curve(name)[0]) for run in self.runs for name in self._names
        )
        return _NOT_FINITE if is_measured else super().hint()

    @property
    def is_return(self) -> bool:
        """Whether returns are drawn: the highest is the best, however far it is."""
        return self.column == Measure.RETURN

    @property
    def _measure(self) -> Measure:
        return Measure(self.column)

    def _is_drawn(self, history: RunHistory) -> bool:
        return any(np.isfinite(history.curve(name)[1]).any() for name in self._names)

    def _draw_training(self, curves: _RunCurves) -> None:
        x, y = curves.run.history.curve(self.column)
        shows_raw = self.weight > 0 and curves.first
        curves.raw.setVisible(shows_raw)
        rewrites = curves.run.history.rewrites
        if shows_raw:
            curves.raw.show_values(x, y, rewrites)
        smooth = curves.smoothed(y, self.weight) if self.weight else y
        curves.smooth.show_values(x, smooth, (rewrites, self.weight))
        # One point is no line, and would not be seen.
        alone = slice(len(x) if len(x) == 1 else 0)
        set_points(curves.point, x[alone], smooth[alone], log=self.log)

    def _draw_validation(self, curves: _RunCurves) -> None:
        history = curves.run.history
        x, y = history.curve(f"validation_{self.column}")
        drawn = (history.rewrites, len(x), self.log)
        if drawn == curves.drawn_validations:
            return
        curves.drawn_validations = drawn
        set_points(curves.validation, x, y, log=self.log)
        if curves.first:
            low, high = (
                history.curve(f"validation_{self.column}_{end}")[1]
                for end in ("low", "high")
            )
            curves.band.set(x, low, high, log=self.log)
        best = history.best
        here = x == best.step if best is not None else np.zeros(len(x), bool)
        set_points(curves.best, x[here], y[here], log=self.log)

    def _validation_values(
        self, curves: _RunCurves, prefix: str, x: float
    ) -> Iterator[ReadoutLine]:
        history = curves.run.history
        steps, _ = history.curve(f"validation_{self.column}")
        at = _nearest(steps, x)
        if at is not None:
            score = history.validations[at].by_step[-1]
            drawn, colour = (
                DrawnScore.of(score, self._measure),
                _validation_colour(self.colours, curves.run),
            )
            name = f"{prefix}validation at {figures.step(steps[at])}"
            yield ReadoutLine(name, drawn.text(self.written), colour)
            if drawn.is_median and not prefix:
                yield ReadoutLine("its mean", self.written(score.loss), colour)
                if score.diverged:
                    yield ReadoutLine("diverged", f"{score.diverged:,}", colour)

    @override
    def legend_entries(self) -> Iterator[Entry]:
        if len(self._curves) == 1:
            (curves,) = self._curves
            if self.weight:
                yield Entry(curves.raw, "each step")
            yield Entry(curves.smooth, "smoothed" if self.weight else "each step")
            if curves.run.history.validations and self.validated:
                drawn = self._last_drawn(curves.run.history)
                name = _validation_name(curves.run.history)
                yield Entry(curves.validation, f"{name}{drawn.words}")
                yield Entry(curves.best, self._best_name(curves.run.history))
            return
        for curves in self._curves:
            if self._is_drawn(curves.run.history):
                yield Entry(curves.smooth, curves.run.history.title)

    def _last_drawn(self, history: RunHistory) -> DrawnScore:
        return DrawnScore.of(history.validations[-1].by_step[-1], self._measure)

    def _best_name(self, history: RunHistory) -> str:
        """Name the best validation, and by what it is, if that is not what is drawn."""
        if history.measure is not self._measure:
            return f"best {history.measure}"
        return "best middle 98 %" if self._last_drawn(history).is_median else "best"

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for curves in self._curves:
            history = curves.run.history
            x, y = history.curve(self.column)
            smooth = curves.smoothed(y, self.weight)
            for step, raw, mean in zip(x, y, smooth, strict=True):
                row = history.title, "training", int(step), raw, mean, ""
                yield (*row, *("",) * len(_SPREAD))
            for event in history.validations if self.validated else ():
                score = event.by_step[-1]
                mean, ci95 = score.of(self._measure)
                spread = dataclasses.astuple(score.spread) if score.spread else ()
                row = history.title, "validation", event.step, mean, "", ci95
                yield (*row, *(spread or ("",) * len(_SPREAD)))

    def _on_smoothing_changed(self, notch: int) -> None:
        # More of the slider's way goes to the strong smoothing that long runs need.
        self.weight = min((notch / _NOTCHES) ** 0.5, 0.999)
        self.redraw()


def _validation_name(history: RunHistory) -> str:
    """Name the validation; with its inner steps, if they are not those of training."""
    event = history.validations[-1]
    steps = len(event.by_step) - 1
    after = "" if steps == event.trained_steps else f" (K = {steps})"
    return f"validation{after}"


def _validation_colour(shown: PlotColours, run: ShownRun) -> QColor:
    return (
        shown.run(run.index).lighter(130)
        if shown.dark
        else shown.run(run.index).darker(130)
    )


def _nearest(steps: np.ndarray, x: float) -> int | None:
    """Return the index of the step nearest to x; None if there is none."""
    if not len(steps):
        return None
    right = int(np.searchsorted(steps, x))
    candidates = [at for at in (right - 1, right) if 0 <= at < len(steps)]
    return min(candidates, key=lambda at: abs(steps[at] - x))
