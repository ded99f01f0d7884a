"""Plots as files: a picture for a slide, a drawing for a paper, numbers for a table."""

from __future__ import annotations

import contextlib
import csv
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QWidget

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
    with _drawn_anew(widget):
        widget.render(image, QPoint())
    return image


def save_png(widget: QWidget, path: Path, background: QColor) -> None:
    """Write the widget as a picture."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    picture(widget, background).save(buffer, "PNG")  # type: ignore[call-overload]
    path.write_bytes(buffer.data().data())


def save_svg(widget: QWidget, path: Path, background: QColor) -> None:
    """Write the widget as a drawing, which looks the same on other machines.

    WORKAROUND: Qt's drawings lose the clipping of what lies within something else and
    of what comes after a text, so that curves, which go on beyond their axes, are drawn
    apart and clipped here.
    """
    with contextlib.ExitStack() as stack:
        for view in widget.findChildren(pg.PlotWidget):
            stack.enter_context(_without_pixels(view))
        stack.enter_context(_drawn_anew(widget))
        drawing = _drawn_in_parts(widget, background)
    # Qt names an alias of this machine, for which others take a serif font.
    families = f"font-family=\"'{QFontInfo(widget.font()).family()}', sans-serif\""
    drawing = re.sub('font-family="[^"]*"', families, drawing)
    # Browsers smooth what is to have sharp pixels, unless they are told in their words.
    sharp = 'style="image-rendering: pixelated" xlink:href'
    drawing = drawing.replace("xlink:href", sharp)
    path.write_text(drawing, encoding="utf-8")


def _drawn_in_parts(widget: QWidget, background: QColor) -> str:
    """Return the widget's drawing: first without curves, and these on top."""
    views = widget.findChildren(pg.PlotWidget)
    with _transparent(view.getViewBox().childGroup for view in views):
        drawing = _drawing(widget, lambda painter: _paint(widget, painter, background))
    for number, view in enumerate(views):
        plot = view.getPlotItem()
        with _transparent(item for item in plot.childItems() if item is not plot.vb):
            inside = _drawing(widget, functools.partial(_paint_curves, view, widget))
        clip = f'<clipPath id="axes{number}">{_axes(view, widget)}</clipPath>\n</defs>'
        group = f'<g clip-path="url(#axes{number})">{_body(inside)}</g>\n</svg>'
        drawing = drawing.replace("</defs>", clip, 1).replace("</svg>", group)
    return drawing


def _drawing(widget: QWidget, paint: Callable[[QPainter], None]) -> str:
    """Return what is painted as a drawing as large as the widget."""
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(widget.logicalDpiX())
    generator.setSize(widget.size())
    generator.setViewBox(widget.rect())
    generator.setTitle(widget.accessibleName())
    painter = QPainter(generator)
    paint(painter)
    painter.end()
    return bytes(buffer.data().data()).decode()


def _paint(widget: QWidget, painter: QPainter, background: QColor) -> None:
    painter.fillRect(widget.rect(), background)
    widget.render(painter, QPoint())


def _paint_curves(view: pg.PlotWidget, within: QWidget, painter: QPainter) -> None:
    """Paint the view's scene where the view lies."""
    target = QRectF(QRect(view.mapTo(within, QPoint()), view.size()))
    view.render(painter, target, view.rect(), Qt.AspectRatioMode.IgnoreAspectRatio)


def _axes(view: pg.PlotWidget, within: QWidget) -> str:
    """Return the place between a view's axes as an element of a drawing."""
    box = view.getViewBox()
    at = view.mapTo(within, QPoint())
    place = box.mapRectToScene(box.boundingRect()).translated(QPointF(at))
    left, top, width, height = place.getRect()
    return f'<rect x="{left}" y="{top}" width="{width}" height="{height}"/>'


def _body(drawing: str) -> str:
    """Return what a drawing is made of, without its head."""
    return drawing.partition("</defs>")[2].rpartition("</svg>")[0]


@contextlib.contextmanager
def _transparent(items: Iterable[QGraphicsItem]) -> Iterator[None]:
    """Leave out these items for a while; they count as shown, as the legend has it."""
    opacities = [(item, item.opacity()) for item in items]
    for item, _ in opacities:
        item.setOpacity(0)
    try:
        yield
    finally:
        for item, opacity in opacities:
            item.setOpacity(opacity)


@contextlib.contextmanager
def _drawn_anew(widget: QWidget) -> Iterator[None]:
    """Have nothing taken from the pixels that are kept for the screen."""
    kept = [
        (item, item.cacheMode())
        for view in widget.findChildren(pg.PlotWidget)
        for item in view.scene().items()
        if item.cacheMode() is not QGraphicsItem.CacheMode.NoCache
    ]
    for item, _ in kept:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in kept:
            item.setCacheMode(mode)


@contextlib.contextmanager
def _without_pixels(view: pg.PlotWidget) -> Iterator[None]:
    """Have symbols painted as shapes for a while, and no background over what is."""
    background, cached = view.backgroundBrush(), view.cacheMode()
    symbols = [i for i in view.scene().items() if isinstance(i, pg.ScatterPlotItem)]
    view.setBackgroundBrush(Qt.BrushStyle.NoBrush)
    view.setCacheMode(view.CacheModeFlag.CacheNone)
    for item in symbols:
        item.setExportMode(True, {"antialias": True})
    try:
        yield
    finally:
        for item in symbols:
            item.setExportMode(False)
        view.setCacheMode(cached)
        view.setBackgroundBrush(background)
