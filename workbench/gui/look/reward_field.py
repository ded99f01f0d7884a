"""The reward in the plane as a background: the nearer the goal, the stronger."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from workbench.gui.look.colours import PlotColours, mix

RING = 0.1
"""From one shade to the next, in units of distance from the goal."""

_RINGS = 12
_STRONGEST = 0.42


def shades(shown: PlotColours) -> list[QColor]:
    """Return the colours of the rings around a goal, the outermost first."""
    parts = [_STRONGEST * (1 - ring / _RINGS) ** 1.5 for ring in range(_RINGS)]
    return [mix(shown.background, shown.support, part) for part in reversed(parts)]


def paint_field(
    painter: QPainter, area: QRectF, goal: QPointF, shown: PlotColours
) -> None:
    """Paint the reward of an area, with the painter in the plane's own units."""
    painter.save()
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(area, shown.background)
    for number, shade in enumerate(shades(shown)):
        radius = RING * (_RINGS - number)
        painter.setBrush(shade)
        painter.drawEllipse(goal, radius, radius)
    painter.restore()


def star(centre: QPointF, size: float) -> QPolygonF:
    """Return the outline of a star, which marks a goal."""
    points = []
    for corner in range(10):
        angle = math.pi * corner / 5
        radius = size if corner % 2 == 0 else 0.45 * size
        step = QPointF(radius * math.sin(angle), -radius * math.cos(angle))
        points.append(centre + step)
    return QPolygonF(points)
