"""Plots as files: a picture for a slide, a drawing for a paper, numbers for a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

_SCALE = 2


class Table(NamedTuple):
    """A plot's numbers: the names of the columns, with units, and the rows."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


def save_csv(table: Table, path: Path) -> None:
    """Write the numbers as comma-separated values."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows(table.rows)


def picture(widget: QWidget, background: QColor) -> QImage:
    """Return the widget as an image with twice its pixels."""
    image = QImage(widget.size() * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(background)
    widget.render(image, QPoint())
    return image


def save_png(widget: QWidget, path: Path, background: QColor) -> None:
    """Write the widget as a picture."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    picture(widget, background).save(buffer, "PNG")  # type: ignore[call-overload]
    path.write_bytes(buffer.data().data())


def save_svg(widget: QWidget, path: Path, background: QColor) -> None:
    """Write the widget as a drawing, which looks the same on other machines."""
    buffer = QBuffer()
    area = QRect(QPoint(), widget.size())
    # Only in this version are curves clipped to their axes.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(widget.logicalDpiX())
    generator.setSize(widget.size())
    generator.setViewBox(area)
    generator.setTitle(widget.accessibleName() or path.stem)
    painter = QPainter(generator)
    painter.fillRect(area, background)
    _draw(widget, painter, QPoint())
    painter.end()
    # Qt names an alias of this machine, for which others take a serif font.
    families = f"font-family=\"'{QFontInfo(widget.font()).family()}', sans-serif\""
    text = bytes(buffer.data().data()).decode()
    drawing = re.sub('font-family="[^"]*"', families, text)
    path.write_text(drawing, encoding="utf-8")


def _draw(widget: QWidget, painter: QPainter, at: QPoint) -> None:
    """Draw a widget and those in it.

    WORKAROUND: in a drawing Qt forgets where a widget lies within another when it clips
    what the widget paints, but not when a view is asked to paint its scene.
    """
    if isinstance(widget, QGraphicsView):
        target = QRectF(QRect(at, widget.size()))
        fill = Qt.AspectRatioMode.IgnoreAspectRatio
        widget.render(painter, target, widget.rect(), fill)
        return
    widget.render(painter, at, renderFlags=QWidget.RenderFlag(0))
    for child in widget.findChildren(
        QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
    ):
        if child.isVisibleTo(widget):
            _draw(child, painter, at + child.pos())
