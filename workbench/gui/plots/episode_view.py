"""The pictures of one episode, painted: support, and queries framed right or wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from workbench.core.base.phrases import percent
from workbench.gui.look.colours import PlotColours, colours, mix, pen
from workbench.gui.plots.task_look import TaskLook

_BAR = 3
_GAP = 6
_LABEL = 16
_LARGEST = 72
_MARGIN = 8
_ENOUGH_QUERIES = 4


class _Cell(NamedTuple):
    """Where a picture is painted; ``query`` is None for a support example."""

    place: QRect
    row: int
    query: int | None


class _Layout(NamedTuple):
    """How an episode fills a space: the size of pictures, and how many in a block."""

    size: int
    blocks: int
    rows: int
    supports: int
    queries: int


class EpisodeView(QWidget):
    """Paints an episode, a row per class; as many queries as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Episode")
        self._colours = colours()
        self._look: TaskLook | None = None
        self._step = 0
        self._pictures: dict[tuple[bool, int], QImage] = {}
        self._cells: list[_Cell] = []

    def show_task(self, look: TaskLook | None, step: int) -> None:
        """Show an episode as it is classified at an inner step."""
        is_other = (
            look is None or self._look is None or look.number != self._look.number
        )
        if is_other or not np.array_equal(look.query_x, self._look.query_x):  # type: ignore[union-attr]
            self._pictures.clear()
        self._look, self._step = look, step
        if look is not None:
            right = look.right_at(step)
            self.setAccessibleDescription(
                f"{right.sum()} of {len(right)} queries right"
            )
        self.update()

    def paint_colours(self, shown: PlotColours) -> None:
        """Paint in these colours."""
        self._colours = shown
        self._pictures.clear()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, 100)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        classes = int(max(look.support_y.max(), look.query_y.max())) + 1
        layout = self._layout(look, classes)
        self._cells = list(self._arranged(look, classes, layout))
        self._paint_labels(painter, classes, layout)
        for cell in self._cells:
            self._paint_cell(painter, look, cell)
        painter.end()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._look is not None:
            for cell in self._cells:
                if cell.place.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), self.describe(cell), self)
                    return True
        return super().event(event)

    def describe(self, cell: _Cell) -> str:
        """Return in words what a picture is and what it is taken for."""
        look = self._look
        if look is None:
            return ""
        if cell.query is None or cell.query < 0:
            return (
                f"Support example of class {class_name(int(look.support_y[cell.row]))}"
            )
        shares = look.outputs[self._step][cell.query]
        truth, said = int(look.query_y[cell.query]), int(shares.argmax())
        verdict = "right" if truth == said else f"wrong, it is {class_name(truth)}"
        return (
            f"Query: class {class_name(said)} with "
            f"{percent(float(shares[said]), 1)} confidence — {verdict}"
        )

    def _layout(self, look: TaskLook, classes: int) -> _Layout:
        """Return the arrangement with the largest pictures that shows some queries."""
        width, height = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        supports = int(np.bincount(look.support_y).max())
        queries = int(np.bincount(look.query_y).max())
        best, best_score = _Layout(8, 1, classes, 1, 1), -1.0
        for blocks in range(1, classes + 1):
            rows = -(-classes // blocks)
            size = min(_LARGEST, height // rows - _GAP - _BAR)
            room = (width // blocks - _LABEL - 2 * _GAP) // max(1, size + _GAP)
            shown = min(supports, max(1, room // 3))
            asked = min(queries, room - shown)
            score = size * min(asked, _ENOUGH_QUERIES)
            if size >= 6 and asked >= 1 and score > best_score:
                best, best_score = _Layout(size, blocks, rows, shown, asked), score
        return best

    def _arranged(self, look: TaskLook, classes: int, layout: _Layout) -> list[_Cell]:
        cells: list[_Cell] = []
        step = layout.size + _GAP
        for number in range(classes):
            left, top = self._corner(number, layout)
            left += _LABEL
            for row in np.flatnonzero(look.support_y == number)[: layout.supports]:
                cells.append(_Cell(_square(left, top, layout.size), int(row), None))
                left += step
            left += _GAP
            for row in np.flatnonzero(look.query_y == number)[: layout.queries]:
                cells.append(_Cell(_square(left, top, layout.size), int(row), int(row)))
                left += step
        return cells

    def _corner(self, number: int, layout: _Layout) -> tuple[int, int]:
        block, row = divmod(number, layout.rows)
        left = _MARGIN + block * ((self.width() - 2 * _MARGIN) // layout.blocks)
        return left, _MARGIN + row * (layout.size + _GAP + _BAR)

    def _paint_labels(self, painter: QPainter, classes: int, layout: _Layout) -> None:
        painter.setPen(self._colours.quiet)
        for number in range(classes):
            left, top = self._corner(number, layout)
            place = QRect(left, top, _LABEL, layout.size)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, class_name(number))

    def _paint_cell(self, painter: QPainter, look: TaskLook, cell: _Cell) -> None:
        shown = self._colours
        painter.drawImage(cell.place, self._picture(look, cell))
        frame = QRectF(cell.place).adjusted(-1, -1, 1, 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if cell.query is None:
            painter.setPen(pen(shown.support, width=2))
            painter.drawRect(frame)
            return
        shares = look.outputs[self._step][cell.query]
        said = int(shares.argmax())
        is_right = said == int(look.query_y[cell.query])
        colour = shown.right if is_right else shown.wrong
        style = Qt.PenStyle.SolidLine if is_right else Qt.PenStyle.DotLine
        painter.setPen(pen(colour, style, 2))
        painter.drawRect(frame)
        bar = QRectF(frame.left(), frame.bottom() + 2, frame.width(), _BAR)
        painter.fillRect(bar, mix(shown.background, shown.quiet, 0.25))
        bar.setWidth(bar.width() * float(shares[said]))
        painter.fillRect(bar, colour)
        if not is_right:
            self._paint_wrong(painter, frame, class_name(said))

    def _paint_wrong(self, painter: QPainter, frame: QRectF, said: str) -> None:
        """Cross the corner out and write the class that the model says."""
        shown, side = self._colours, min(14.0, frame.width() / 2)
        corner = QRectF(frame.right() - side, frame.top(), side, side)
        painter.fillRect(corner, shown.wrong)
        painter.setPen(pen(shown.background, width=1.5))
        if side >= 12:
            painter.drawText(corner, Qt.AlignmentFlag.AlignCenter, said)
        else:
            inner = corner.adjusted(2, 2, -2, -2)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(
                QPointF(inner.left(), inner.bottom()),
                QPointF(inner.right(), inner.top()),
            )

    def _picture(self, look: TaskLook, cell: _Cell) -> QImage:
        key = (cell.query is None, cell.row)
        if key not in self._pictures:
            source = look.support_x if cell.query is None else look.query_x
            inverts = look.light_ink not in (None, self._colours.dark)
            self._pictures[key] = to_image(source[cell.row], inverted=inverts)
        return self._pictures[key]


def class_name(number: int) -> str:
    """Return a class's letter; beyond Z its number."""
    return chr(ord("A") + number) if number < 26 else str(number)


def to_image(pixels: np.ndarray, *, inverted: bool = False) -> QImage:
    """Return [channels, height, width] in 0..1 as an image."""
    levels = np.clip(pixels * 255, 0, 255).astype(np.uint8)
    levels = 255 - levels if inverted else levels
    channels, height, width = levels.shape
    if channels == 1:
        grey = np.ascontiguousarray(levels[0])
        return QImage(
            grey.data, width, height, width, QImage.Format.Format_Grayscale8
        ).copy()
    colour = np.ascontiguousarray(levels[:3].transpose(1, 2, 0))
    return QImage(
        colour.data, width, height, 3 * width, QImage.Format.Format_RGB888
    ).copy()


def _square(left: int, top: int, size: int) -> QRect:
    return QRect(left, top, size, size)
