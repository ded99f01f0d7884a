"""A straight line from one end of a graph to the other."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QPainter, QPen
from typing_extensions import override

from workbench.gui.look.colours import whole_pixels


class Rule(pg.InfiniteLine):
    """A line as wide as its pen says, in logical pixels, on every screen."""

    @override
    def paint(self, painter: QPainter, *how: Any) -> None:
        said: QPen = vars(self)["currentPen"]
        self.currentPen = QPen(said)
        self.currentPen.setWidth(whole_pixels(said.widthF(), painter))
        try:
            super().paint(painter, *how)
        finally:
            self.currentPen = said
