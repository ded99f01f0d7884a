"""Plots as files: a picture for a slide, a drawing for a paper, numbers for a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

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
    """Write the widget as a drawing."""
    buffer = QBuffer()
    area = QRect(QPoint(), widget.size())
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(area)
    generator.setTitle(widget.accessibleName() or path.stem)
    painter = QPainter(generator)
    painter.fillRect(area, background)
    widget.render(painter, QPoint())
    painter.end()
    path.write_bytes(buffer.data().data())
