"""What the network sees of a drawing, in large pixels."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.drawing.strokes import REDUCED_SIZE
from workbench.core.sketch.pictures import seen
from workbench.core.sketch.session import EMPTY, Drawing
from workbench.gui.look import theme
from workbench.gui.sketch.ink_painter import ink_image


class SeenView(QWidget):
    """Shows a drawing as the network sees it, every pixel a square."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._pixels = REDUCED_SIZE
        self._drawing: Drawing = EMPTY
        self._fit = True
        self.setAccessibleName("What the network sees")
        self._tell()
        policy = QSizePolicy.Policy.Preferred
        self.setSizePolicy(policy, policy)
        theme.changes().changed.connect(self.update)

    def show_drawing(self, drawing: Drawing, fit: bool) -> None:
        """Show a drawing, moved and scaled first if it is to ``fit``."""
        if (drawing, fit) != (self._drawing, self._fit):
            self._drawing, self._fit = drawing, fit
            self.update()

    def show_pixels(self, side: int) -> None:
        """Show so many pixels along a side: as many as the network takes."""
        if side != self._pixels:
            self._pixels = side
            self._tell()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    @override
    def minimumSizeHint(self) -> QSize:
        side = min(self._side, REDUCED_SIZE)
        return QSize(side, side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = min(self.width(), self.height()) - 2
        cell = max(1, room // self._pixels)
        side = cell * self._pixels if room >= self._pixels else room
        square = QRectF(
            (self.width() - side) // 2, (self.height() - side) // 2, side, side
        )
        shown = theme.colours()
        picture = seen(self._drawing, self._fit, self._pixels)
        image = ink_image(picture, QColor(shown.text), QColor(shown.surface))
        painter.drawImage(square, image)
        if cell >= 4:
            self._paint_grid(painter, square, cell)
        painter.setPen(QPen(QColor(shown.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.end()

    def _tell(self) -> None:
        self.setToolTip(
            f"What the network sees: {self._pixels} x {self._pixels} pixels"
        )

    def _paint_grid(self, painter: QPainter, square: QRectF, cell: int) -> None:
        # A tile with two of its edges: there are too many lines to draw one by one
        # while a person waits for the answer.
        line = QColor(theme.colours().line)
        line.setAlphaF(0.5)
        ratio = self.devicePixelRatioF()
        tile = QPixmap(QSize(cell, cell) * ratio)
        tile.fill(Qt.GlobalColor.transparent)
        edges = QPainter(tile)
        edges.fillRect(0, 0, tile.width(), 1, line)
        edges.fillRect(0, 1, 1, tile.height(), line)
        edges.end()
        tile.setDevicePixelRatio(ratio)
        painter.drawTiledPixmap(square, tile)
