"""Plots as files: a picture for a slide, a drawing for a paper, numbers for a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect
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
    """Write the widget as a picture; OSError if that cannot be done."""
    if not picture(widget, background).save(str(path), "PNG"):  # type: ignore[call-overload]
        raise OSError(f"cannot write {path}")


def save_svg(widget: QWidget, path: Path, background: QColor) -> None:
    """Write the widget as a drawing; OSError if that cannot be done."""
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(), widget.size()))
    generator.setTitle(widget.accessibleName() or path.stem)
    painter = QPainter()
    if not painter.begin(generator):
        raise OSError(f"cannot write {path}")
    painter.fillRect(QRect(QPoint(), widget.size()), background)
    widget.render(painter, QPoint())
    painter.end()
