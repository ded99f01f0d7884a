"""Curves that weigh the same on every screen, and are drawn fast."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.GraphicsItem import GraphicsItem
from pyqtgraph.graphicsItems.PlotCurveItem import arrayToLineSegments
from pyqtgraph.graphicsItems.PlotDataItem import PlotDataset
from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget
from typing_extensions import override

from workbench.gui.graphs.peaks import Peaks
from workbench.gui.look.colours import weighed

WEIGHT = 1.5
"""The width of a curve, in logical pixels."""

_PIECE = 0.5
"""The longest that a dash is off its place, in logical pixels."""


class LineCurve(pg.PlotCurveItem):  # type: ignore[misc]
    """A curve with a pen as wide as it says, in logical pixels.

    Qt takes tens of times longer for a wide polyline than for its segments one by one,
    which look the same while they are not smoothed. So on the screen these are drawn,
    or what is left of them between dashes; of what was downsampled, only a bar for each
    column of pixels.
    """

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        said = self.opts["pen"]
        if said is None or said.style() == Qt.PenStyle.NoPen:
            return
        pen = weighed(said, painter)
        is_screen = painter.paintEngine().type() == QPaintEngine.Type.Raster
        if is_screen and not self.opts["antialias"]:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            self._paint_segments(painter, pen, said.widthF())
            return
        self.opts.update(pen=pen, segmentedLineMode="off")
        try:
            super().paint(painter, option, widget)
        finally:
            self.opts["pen"] = said

    @override
    def viewTransformChanged(self) -> None:
        # WORKAROUND: pyqtgraph's curve does not forget what was in view before.
        GraphicsItem.viewTransformChanged(self)
        super().viewTransformChanged()

    def _paint_segments(self, painter: QPainter, pen: QPen, width: float) -> None:
        x, y = self.getData()
        if x is None or len(x) < 2:
            return
        pixels = painter.worldTransform().m11()
        x = x * pixels
        if is_downsampled(x):
            x, y = columns(x, y)
        elif pen.style() == Qt.PenStyle.SolidLine and pen.widthF() <= 1:
            painter.setPen(pen)
            painter.drawPath(self.getPath())
            return
        else:
            x, y = np.repeat(x, 2)[1:-1], np.repeat(y, 2)[1:-1]
        if pen.style() != Qt.PenStyle.SolidLine:
            view = self.viewRect()
            pattern = np.cumsum(pen.dashPattern()) * width
            reach = view.left() * pixels, view.right() * pixels
            x, y = dashes(x, y, pattern, reach)
            pen.setStyle(Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        lines = arrayToLineSegments(x / pixels, y, "pairs", True)
        painter.drawLines(*lines.drawargs())


class Line(pg.PlotDataItem):  # type: ignore[misc]
    """A ``LineCurve`` with symbols, downsampled and clipped."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        plain: pg.PlotCurveItem = vars(self)["curve"]
        plain.setParentItem(None)
        self.curve = LineCurve()
        self.curve.setParentItem(self)
        self.curve.setZValue(-1)  # below the symbols
        self.setData(**options)


class LongLine(Line):
    """A line of any length: no more of it is looked at than can be seen."""

    def __init__(self, **options: Any) -> None:
        self._peaks = Peaks()
        self._version: Hashable = None
        super().__init__(**options)

    def show_values(self, x: np.ndarray, y: np.ndarray, version: Hashable) -> None:
        """Draw these; with the same version, values were added and none changed."""
        if version != self._version:
            self._peaks, self._version = Peaks(), version
        self._peaks.follow(x, y)
        # One bin a pixel, as wide as a line is: its highest and lowest value.
        self.setData(x, y, autoDownsampleFactor=1)

    @override
    def _getDisplayDataset(self) -> PlotDataset | None:
        box = self.getViewBox()
        is_stale = self._datasetDisplay is None or self.property("xViewRangeWasChanged")
        if box is not None and self._dataset is not None and is_stale:
            view = box.viewRect()
            seen = self._peaks.between(view.left(), view.right(), box.width())
            self._datasetMapped = PlotDataset(*seen)
            self._datasetMapped.applyLogMapping(self.opts["logMode"])
        return super()._getDisplayDataset()


def is_downsampled(x: np.ndarray) -> bool:
    """Return whether these are the highest and the lowest value of each column."""
    return len(x) % 2 == 0 and bool(np.all(x[0::2] == x[1::2]))


def columns(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of a bar for each column, two and two; x in pixels.

    It reaches the next one's; one without height lies, for Qt would not draw it.
    """
    high, low = y[0::2].copy(), y[1::2].copy()
    np.fmax(high[:-1], y[3::2], out=high[:-1])
    np.fmin(low[:-1], y[2::2], out=low[:-1])
    aside = np.where(high > low, 0.0, 0.5)
    return (
        np.column_stack([x[0::2] - aside, x[1::2] + aside]).ravel(),
        np.column_stack([high, low]).ravel(),
    )


def dashes(
    x: np.ndarray, y: np.ndarray, pattern: np.ndarray, view: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of what dashes leave of segments, two and two; x in pixels.

    ``pattern`` is where the first dash ends, the second begins, and so on; it starts at
    x = 0, so that dashes move with the curve.
    """
    start, along = x[0::2], x[1::2] - x[0::2]
    run = np.where(along > 0, along, np.inf)
    # What is far out of view is not to be cut into pieces.
    first = np.clip((view[0] - start) / run, 0, 1)
    last = np.where(along > 0, np.clip((view[1] - start) / run, 0, 1), 1)
    length = np.maximum(last - first, 0)
    count = np.maximum(np.ceil(length * along / _PIECE), 1).astype(int)
    at = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    ends = first[at] + (length / count)[at] * (number + np.array([[0], [1]]))
    middle = start[at] + along[at] * ends.mean(axis=0)
    drawn = np.searchsorted(pattern, middle % pattern[-1], side="right") % 2 == 0
    at, ends = at[drawn], ends[:, drawn]
    up = y[1::2] - y[0::2]
    pieces = start[at] + along[at] * ends, y[0::2][at] + up[at] * ends
    return pieces[0].T.ravel(), pieces[1].T.ravel()
