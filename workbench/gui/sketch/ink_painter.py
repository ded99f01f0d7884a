"""Paints drawings: smooth strokes at any scale, and pictures of ink."""

from __future__ import annotations

import itertools

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from workbench.core.drawing.strokes import PEN_RADIUS, SIZE, Picture
from workbench.core.sketch.session import Drawing, PenStroke

_EVEN = 0.02


def paint_drawing(
    painter: QPainter, drawing: Drawing, paper: QRectF, colour: QColor
) -> None:
    """Paint a drawing on the square ``paper``."""
    if drawing.pixels is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(paper, ink_image(drawing.pixels, colour))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for stroke in drawing.strokes:
        paint_stroke(painter, stroke, paper, colour)


def paint_stroke(
    painter: QPainter, stroke: PenStroke, paper: QRectF, colour: QColor
) -> None:
    """Paint one stroke, wider where the pen was pressed."""
    scale = paper.width() / SIZE
    points = [
        QPointF(paper.left() + x * scale, paper.top() + y * scale)
        for x, y in zip(stroke.x, stroke.y, strict=True)
    ]
    widths = [2 * PEN_RADIUS * scale * (p + 0.5) for p in stroke.pressure]
    pen = QPen(colour, widths[0])
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if len(points) == 1:
        painter.setPen(pen)
        painter.drawPoint(points[0])
    elif max(stroke.pressure) - min(stroke.pressure) < _EVEN:
        painter.setPen(pen)
        painter.drawPath(_smooth(points))
    else:
        _paint_pieces(painter, pen, points, widths)


def ink_image(pixels: Picture, colour: QColor, paper: QColor | None = None) -> QImage:
    """Return ink as an image: the colour, as strong as the ink, on paper or on none."""
    shade = pixels.astype(float)[..., None] / 255
    over = np.array((colour.red(), colour.green(), colour.blue()), float)
    if paper is None:
        rgb = np.broadcast_to(over, (*pixels.shape, 3))
        alpha = pixels[..., None]
    else:
        under = np.array((paper.red(), paper.green(), paper.blue()), float)
        rgb = over * shade + under * (1 - shade)
        alpha = np.full((*pixels.shape, 1), 255, np.uint8)
    rgba = np.concatenate([rgb, alpha], -1).round().astype(np.uint8)
    height, width = pixels.shape
    image = QImage(
        rgba.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888
    )
    return image.copy()


def _smooth(points: list[QPointF]) -> QPainterPath:
    """Return a curve through the middles, bent towards the points."""
    path = QPainterPath(points[0])
    for before, after in itertools.pairwise(points):
        path.quadTo(before, (before + after) / 2)
    path.lineTo(points[-1])
    return path


def _paint_pieces(
    painter: QPainter, pen: QPen, points: list[QPointF], widths: list[float]
) -> None:
    start = points[0]
    for row in range(1, len(points)):
        is_last = row == len(points) - 1
        end = points[row] if is_last else (points[row] + points[row + 1]) / 2
        path = QPainterPath(start)
        path.quadTo(points[row], end)
        pen.setWidthF((widths[row - 1] + widths[row]) / 2)
        painter.setPen(pen)
        painter.drawPath(path)
        start = end
