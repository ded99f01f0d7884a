"""Axes that say what they measure."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from typing_extensions import override

from workbench.gui.look.colours import whole_pixels

_MARGIN = 4
"""What Qt leaves free around a text; no more is needed at an axis' ends."""


class Axis(pg.AxisItem):
    """An axis whose lines, those of the grid too, weigh the same on every screen."""

    _weight = 1

    @override
    def paint(self, painter: QPainter, *how: Any) -> None:
        weight = whole_pixels(1, painter)
        if weight != self._weight:
            self._weight = weight
            self.picture = None
        super().paint(painter, *how)

    @override
    def generateDrawSpecs(self, painter: QPainter) -> Any:
        specs = super().generateDrawSpecs(painter)
        if specs is None:
            return None
        line, ticks, texts = specs
        for pen, *_ends in (line, *ticks):
            pen.setWidth(self._weight)
        return line, ticks, texts


class WholeAxis(Axis):
    """An axis of whole numbers, such as steps: no ticks between them."""

    @override
    def tickSpacing(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, float]]:
        levels = super().tickSpacing(minVal, maxVal, size)
        return [level for level in levels if level[0] >= 1] or [(1.0, 0.0)]

    @override
    def tickStrings(
        self, values: list[float], scale: float, spacing: float
    ) -> list[str]:
        return [f"{value:,.0f}" for value in values]


class LeftAxis(Axis):
    """An axis whose logarithmic ticks are 1, 2 and 5 in each decade."""

    @override
    def logTickValues(
        self,
        minVal: float,
        maxVal: float,
        size: float,
        stdTicks: list[tuple[float, list[float]]],
    ) -> list[tuple[float | None, list[float]]]:
        levels = super().logTickValues(minVal, maxVal, size, stdTicks)
        return [
            (
                spacing,
                [tick for tick in ticks if spacing is not None or _is_round(tick)],
            )
            for spacing, ticks in levels
        ]


def set_axis_font(axis: pg.AxisItem, font: QFont) -> None:
    """Write an axis' numbers and its name a little smaller than ``font``."""
    small = QFont(font)
    small.setPointSizeF(max(7.5, font.pointSizeF() - 1.5))
    axis.setStyle(tickFont=small)
    axis.label.setFont(small)


def fit_label(axis: pg.AxisItem) -> None:
    """Keep an axis' name within the view, shortened only where it is longer than that.

    It stands at the middle of its axis, or as near to that as there is room.
    """
    view = axis.getViewWidget()
    if view is None:
        return
    stands = axis.orientation in ("left", "right")
    room = (view.height() if stands else view.width()) - 2 * _MARGIN
    metrics = QFontMetricsF(axis.label.font())
    shown = metrics.elidedText(axis.labelText, Qt.TextElideMode.ElideMiddle, room)
    axis.label.setHtml(axis.labelString().replace(axis.labelText, shown))
    axis.label.setToolTip("" if shown == axis.labelText else axis.labelText)
    axis.resizeEvent(None)
    place = axis.label.sceneBoundingRect()
    first, last = place.top(), place.bottom()
    if not stands:
        first, last = place.left(), place.right()
    move = max(0.0, -first) + min(0.0, room + 2 * _MARGIN - last)
    axis.label.moveBy(*((0.0, move) if stands else (move, 0.0)))


def _is_round(tick: float) -> bool:
    return round(10 ** (tick - math.floor(tick)), 3) in (1, 2, 5)
