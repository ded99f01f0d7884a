"""A band around a curve: its confidence, or its quartiles."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

_OPACITY = 48
_SMALLEST = 1e-12


class Band:
    """The area between two curves; made once and filled anew."""

    def __init__(self, item: pg.PlotItem, depth: float = 0) -> None:
        self._edges = [pg.PlotCurveItem(pen=None) for _ in range(2)]
        self._area = pg.FillBetweenItem(*self._edges)
        self._area.setZValue(depth)
        self._item = item
        for part in (self._area, *self._edges):
            item.addItem(part, ignoreBounds=True)

    def set(
        self, x: np.ndarray, low: np.ndarray, high: np.ndarray, *, log: bool
    ) -> None:
        """Show what is between two edges; ``log`` says that the axis is logarithmic."""
        if log:
            low, high = (np.log10(np.maximum(edge, _SMALLEST)) for edge in (low, high))
        self._edges[0].setData(x, low)
        self._edges[1].setData(x, high)

    def paint(self, colour: QColor) -> None:
        """Fill with a thin shade of ``colour``."""
        shade = QColor(colour)
        shade.setAlpha(_OPACITY)
        self._area.setBrush(shade)

    def remove(self) -> None:
        """Take the band off the plot."""
        for part in (self._area, *self._edges):
            self._item.removeItem(part)
