"""The episode as an image for a slide: support, query and answers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from workbench.core.base.phrases import percent
from workbench.core.sketch.session import Sketch
from workbench.gui.look.colours import colours
from workbench.gui.sketch.bars import BarColumn
from workbench.gui.sketch.ink_painter import paint_drawing

_SCALE = 2
_CELL = 120
_MARGIN = 24
_INK, _PAPER, _LINE, _QUIET = "#1b1f24", "#ffffff", "#c9ced6", "#5c6470"
_COLUMNS = 5


def episode_image(
    sketch: Sketch, titles: list[str], columns: tuple[BarColumn, ...], step: int
) -> QImage:
    """Return an image, dark on white, of the classes, the query and what runs said."""
    drawn = [each for each in sketch.classes if each.drawn]
    across = min(max(len(drawn), 1), _COLUMNS)
    rows = -(-len(drawn) // across) or 1
    width = 2 * _MARGIN + max(across * (_CELL + 12), 560)
    height = (
        2 * _MARGIN + rows * (_CELL + 34) + 24 + max(_CELL + 60, 24 * len(drawn) + 40)
    )
    image = QImage(width * _SCALE, height * _SCALE, QImage.Format.Format_RGB32)
    image.fill(QColor(_PAPER))
    image.setDevicePixelRatio(_SCALE)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = QFont(painter.font())
    font.setPixelSize(14)
    painter.setFont(font)
    for number, each in enumerate(drawn):
        row, column = divmod(number, across)
        place = QRectF(
            _MARGIN + column * (_CELL + 12), _MARGIN + row * (_CELL + 34), _CELL, _CELL
        )
        _cell(painter, place, each.name)
        paint_drawing(painter, each.drawn[0], place, QColor(_INK))
    top = _MARGIN + rows * (_CELL + 34) + 24
    query = QRectF(_MARGIN, top, _CELL, _CELL)
    _cell(painter, query, "query")
    paint_drawing(painter, sketch.query, query, QColor(_INK))
    room = QRectF(
        query.right() + 2 * _MARGIN,
        top,
        width - query.right() - 3 * _MARGIN,
        height - top,
    )
    _bars(painter, room, titles, columns, step)
    painter.end()
    return image


def _cell(painter: QPainter, place: QRectF, name: str) -> None:
    painter.setPen(QColor(_LINE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place, 6, 6)
    painter.setPen(QColor(_INK))
    below = QRectF(place.left(), place.bottom() + 4, place.width(), 20)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def _bars(
    painter: QPainter,
    room: QRectF,
    titles: list[str],
    columns: tuple[BarColumn, ...],
    step: int,
) -> None:
    painter.setPen(QColor(_QUIET))
    painter.drawText(
        QRectF(room.left(), room.top(), room.width(), 18),
        Qt.AlignmentFlag.AlignLeft,
        f"after inner step {step}",
    )
    width = room.width() / max(len(columns), 1)
    for number, (title, column) in enumerate(zip(titles, columns, strict=True)):
        left = room.left() + number * width
        metrics = painter.fontMetrics()
        painter.setPen(QColor(_INK))
        shown = metrics.elidedText(
            title, Qt.TextElideMode.ElideRight, round(width) - 12
        )
        painter.drawText(QRectF(left, room.top() + 20, width, 18), 0, shown)
        for row, (name, share) in enumerate(column.probabilities.items()):
            y = room.top() + 44 + 24 * row
            bar = QRectF(left + 44, y, width - 106, 14)
            painter.fillRect(bar, QColor("#eceff3"))
            filled = QRectF(bar.left(), bar.top(), bar.width() * share, bar.height())
            painter.fillRect(filled, colours().run(number))
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, 40)
            painter.drawText(QRectF(left, y - 2, 42, 18), 0, name)
            painter.drawText(QRectF(bar.right() + 6, y - 2, 48, 18), 0, percent(share))
