"""Paints a plane: reward, walls, trajectories up to a time, start and goal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTransform

from workbench.core.acting.planar import Place, PlanarSettings
from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours
from workbench.gui.look.reward_field import paint_field, star

if TYPE_CHECKING:
    from workbench.core.episodes.walks import Walk, Walks

_STAR, _START, _HEAD = 11.0, 5.0, 2.5
_FAINT = 70
_CASING = 220
_MARGIN = 10


class Moment(NamedTuple):
    """A time of an adaptation: after which update, and how far the walk is, 0 to 1."""

    update: int = 0
    share: float = 1.0


class Scene(NamedTuple):
    """What there is to see in a plane; ``reach`` is how far it shows at least."""

    goal: Place = (0.3, 0.3)
    start: Place = (0.0, 0.0)
    walks: Walks | None = None
    task: PlanarSettings | None = None
    moment: Moment = Moment()
    reach: float = 0.75
    words: str = ""

    @property
    def walk(self) -> Walk | None:
        """The walk at the moment, if there is one."""
        if self.walks is None:
            return None
        return self.walks.updates[min(self.moment.update, self.walks.steps)]


def to_pixels(area: QRectF, reach: float) -> QTransform:
    """Return where in an area the plane's places are; y points up."""
    scale = min(area.width(), area.height()) / (2 * reach)
    centre = area.center()
    return QTransform(scale, 0, 0, -scale, centre.x(), centre.y())


def paint_scene(
    painter: QPainter, area: QRectF, scene: Scene, shown: PlotColours, colour: QColor
) -> None:
    """Paint a scene into an area."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(area)
    place = to_pixels(area, scene.reach)
    _paint_ground(painter, area, scene, place, shown)
    if scene.walk is not None and scene.walks is not None:
        before = scene.walks.updates[0]
        if scene.moment.update > 0:
            dotted = QPen(shown.quiet, 2, Qt.PenStyle.DotLine)
            painter.setPen(dotted)
            painter.drawPolyline(_line(before.mean_path, place))
        _paint_walk(painter, scene.walk, scene.moment.share, place, (shown, colour))
    _paint_marks(painter, scene, place, shown)
    _paint_words(painter, area, scene.words, shown)
    painter.restore()


def _paint_ground(
    painter: QPainter,
    area: QRectF,
    scene: Scene,
    place: QTransform,
    shown: PlotColours,
) -> None:
    painter.save()
    painter.setTransform(place, True)
    seen = place.inverted()[0].mapRect(area)
    paint_field(painter, seen, QPointF(*scene.goal), shown)
    painter.restore()
    if scene.task is None:
        return
    half = scene.task.half
    square = place.mapRect(QRectF(-half, -half, 2 * half, 2 * half))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(shown.faint(shown.quiet, 0.6), 1, Qt.PenStyle.DashLine))
    painter.drawRect(square)
    painter.setPen(QPen(shown.text, 4))
    for one, other in scene.task.walls:
        painter.drawLine(place.map(QPointF(*one)), place.map(QPointF(*other)))


def _paint_walk(
    painter: QPainter,
    walk: Walk,
    share: float,
    place: QTransform,
    ink: tuple[PlotColours, QColor],
) -> None:
    shown, colour = ink
    faint, casing = QColor(colour), QColor(shown.background)
    faint.setAlpha(_FAINT)
    casing.setAlpha(_CASING)
    time = share * walk.horizon
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(faint, 1))
    heads = []
    for path, length in zip(walk.paths, walk.lengths, strict=True):
        line = _line(_until(path, min(time, float(length))), place)
        painter.drawPolyline(line)
        heads.append(line.last())
    mean = _line(_until(walk.mean_path, time), place)
    for pen in (QPen(casing, 5), QPen(colour, 3)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(mean)
    painter.setPen(QPen(shown.background, 1))
    painter.setBrush(colour)
    for head in heads:
        painter.drawEllipse(head, _HEAD, _HEAD)


def _paint_marks(
    painter: QPainter, scene: Scene, place: QTransform, shown: PlotColours
) -> None:
    start = place.map(QPointF(*scene.start))
    painter.setPen(QPen(shown.background, 1.5))
    painter.setBrush(shown.text)
    corner = QPointF(_START, _START)
    painter.drawRect(QRectF(start - corner, start + corner))
    painter.setBrush(shown.support)
    painter.drawPolygon(star(place.map(QPointF(*scene.goal)), _STAR))


def _paint_words(
    painter: QPainter, area: QRectF, words: str, shown: PlotColours
) -> None:
    font = QFont(theme.tabular(painter.font()))
    painter.setFont(font)
    painter.setPen(shown.text)
    room = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.drawText(room, flags | Qt.TextFlag.TextWordWrap, words)


def _until(path: np.ndarray, time: float) -> np.ndarray:
    """Return a path up to a time, also between two steps."""
    whole = min(math.floor(time), len(path) - 1)
    part = path[: whole + 1]
    if whole + 1 < len(path) and time > whole:
        between = path[whole] + (time - whole) * (path[whole + 1] - path[whole])
        part = np.concatenate([part, between[None]])
    return part


def _line(path: np.ndarray, place: QTransform) -> QPolygonF:
    return place.map(QPolygonF([QPointF(x, y) for x, y in path.tolist()]))
