"""What trajectories have at each time: all of them faint, their mean, one chosen."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from typing_extensions import override

from workbench.gui.episodes.chart import Chart
from workbench.gui.graphs.line import Line
from workbench.gui.look.colours import colours, pen

Values: TypeAlias = NDArray[np.floating[Any]]

NEAR = 14.0
"""How near to a trajectory a click chooses it, in pixels."""


_BARE = 4
"""The height of an axis of times whose numbers stand at the chart below."""


class TrajectoryChart(Chart):
    """Draws values of trajectories over time, which are [n, horizon].

    Without ``has_times`` it stands above one that says what the times are.

    Signals:
        picked(int): a trajectory was clicked, or -1 where there is none.
    """

    picked = Signal(int)

    def __init__(self, name: str, values: str, *, has_times: bool = True) -> None:
        self._has_times = has_times
        super().__init__(name, "time step" if has_times else "", values)
        self.values: Values | None = None
        self.each = Line(antialias=True, connect="finite")
        self.mean = Line(antialias=True, connect="finite")
        self.one = Line(antialias=True, connect="finite")
        for depth, item in enumerate((self.each, self.mean, self.one)):
            item.setZValue(depth)
            self.addItem(item)
        self.paint_colours()

    def begin(self, horizon: int) -> None:
        """Have the axes of a task of so many steps, of whose values none is known."""
        self.getAxis("left").setStyle(showValues=False)
        self.setXRange(1.0, float(horizon), padding=0.02)

    def show_values(
        self, values: Values | None, span: tuple[float, float] | None = None
    ) -> None:
        """Show these; ``span`` is from where to where they may be."""
        self.values = values
        for item in (self.each, self.mean, self.one):
            item.setData([], [])
        if values is None:
            return
        self.getAxis("left").setStyle(showValues=True)
        times = np.arange(1.0, values.shape[1] + 1)
        gap = np.full((len(values), 1), np.nan)
        joined = np.concatenate([values, gap], 1).ravel()
        self.each.setData(np.tile([*times, np.nan], len(values)), joined)
        self.mean.setData(times, mean_of(values))
        self.setXRange(1.0, float(times[-1]), padding=0.02)
        if span is not None:
            self.setYRange(*span)

    @override
    def fit_letters(self) -> None:
        super().fit_letters()
        if not self._has_times:
            axis = self.getAxis("bottom")
            axis.setStyle(showValues=False)
            axis.showLabel(False)
            axis.setHeight(_BARE)

    def choose(self, number: int | None) -> None:
        """Draw one of them apart, or none."""
        values = self.values
        if values is None or number is None or number >= len(values):
            self.one.setData([], [])
        else:
            self.one.setData(np.arange(1.0, values.shape[1] + 1), values[number])

    def trajectory_at(self, place: QPointF) -> int:
        """Return which trajectory is near to a place of the widget; -1 if none is."""
        if self.values is None:
            return -1
        at = self.getViewBox().mapSceneToView(self.mapToScene(place.toPoint()))
        time = round(at.x()) - 1
        if not 0 <= time < self.values.shape[1]:
            return -1
        away = (
            np.abs(self.values[:, time] - at.y()) / self.getViewBox().viewPixelSize()[1]
        )
        away = np.where(np.isfinite(away), away, np.inf)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= NEAR else -1

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        shown = colours()
        self.each.setPen(pen(shown.faint(shown.query, 0.3)))
        self.mean.setPen(pen(shown.query, width=3))
        self.one.setPen(pen(shown.accent, width=2))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.trajectory_at(event.position()))


def mean_of(values: Values) -> Values:
    """Return the mean at each time of those that still go on; no number of none."""
    going = np.isfinite(values)
    number = going.sum(0)
    total = np.where(going, values, 0.0).sum(0)
    mean: Values = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return mean


def span_of(values: list[Values]) -> tuple[float, float] | None:
    """Return the least and the largest of all numbers among these."""
    every = np.concatenate([each[np.isfinite(each)] for each in values])
    return (float(every.min()), float(every.max())) if len(every) else None
