"""Paints a body that runs along a way, seen from the side by who runs along."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours, mix
from workbench.gui.look.reward_field import star

if TYPE_CHECKING:
    from workbench.core.episodes.gaits import Gait, Gaits

_HIGH, _DEEP = 1.35, 0.3
"""How much is seen above and below the ground at least, in metres."""

_WIDE, _LIMB = 3.6, 0.08
_LOW = 84
"""In a lane of fewer pixels, words are beside who runs; else above."""

_NEAR_LABELS = 40
"""Nearer than so many pixels, not every metre is written."""

_STAR, _DOT, _EDGE, _MARGIN = 9.0, 2.5, 22.0, 8.0
_WRAPPED = (
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
)
_FAR_LEG = 0.6
_FADED = 0.45


class Lane(NamedTuple):
    """A gait after so many updates, so many seconds after its start."""

    gaits: Gaits
    update: int
    seconds: float
    words: str = ""
    is_chosen: bool = True

    @property
    def gait(self) -> Gait:
        """How it runs."""
        return self.gaits.updates[self.update]


class _View(NamedTuple):
    """Where in an area a lane's metres are."""

    area: QRectF
    camera: float
    ground: float
    scale: float
    high: float

    def place(self, along: float, up: float) -> QPointF:
        return QPointF(self.x(along), self.ground - up * self.scale)

    def x(self, along: float) -> float:
        return self.area.center().x() + (along - self.camera) * self.scale

    @property
    def half(self) -> float:
        return self.area.width() / 2 / self.scale


def paint_lane(
    painter: QPainter, area: QRectF, lane: Lane, shown: PlotColours, colour: QColor
) -> None:
    """Paint a lane into an area: the ground, the goal, and who runs."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    poses = lane.gait.poses_at(lane.seconds / lane.gaits.seconds)
    pose = poses[lane.gait.typical]
    words = _words_place(painter, area, lane.words)
    line = painter.fontMetrics().height()
    view = _view(area, (words, line), lane, float(pose[0]))
    _paint_ground(painter, view, shown)
    _paint_others(painter, view, poses[:, 0], (shown, colour))
    _paint_goal(painter, view, lane, shown)
    _paint_body(painter, view, lane.gaits.figure.posed(pose), lane, (shown, colour))
    painter.setFont(theme.tabular(painter.font()))
    painter.setPen(shown.text)
    painter.drawText(words, _WRAPPED, lane.words)
    painter.restore()


def _words_place(painter: QPainter, area: QRectF, words: str) -> QRectF:
    """Return where the words of a lane are, no larger than they need."""
    painter.setFont(theme.tabular(painter.font()))
    room = area.adjusted(_MARGIN, _MARGIN / 2, -_MARGIN, -_MARGIN / 2)
    return painter.boundingRect(room, _WRAPPED, words)


def _view(area: QRectF, said: tuple[QRectF, int], lane: Lane, camera: float) -> _View:
    """Return where metres are: all that runs is below the words, or beside them.

    ``said`` is where words are, and how high a line is; metres are written below the
    ground where words are above.
    """
    (words, line), stage = said, QRectF(area)
    high, below = max(_HIGH, lane.gaits.tallest + _LIMB), 0.0
    if area.height() < _LOW:
        stage.setLeft(words.right() + _MARGIN)
    else:
        stage.setTop(words.bottom())
        below = line + _MARGIN
    free = stage.height() - below
    deep = 0.0 if below else _DEEP
    scale = min(free / (high + deep), stage.width() / _WIDE)
    below += deep * scale + (free - (high + deep) * scale) / 3
    return _View(stage, camera, stage.bottom() - below, scale, high)


def _paint_ground(painter: QPainter, view: _View, shown: PlotColours) -> None:
    area, line = view.area, shown.faint(shown.quiet, 0.7)
    earth = QRectF(area.left(), view.ground, area.width(), area.bottom() - view.ground)
    painter.fillRect(earth, mix(shown.background, shown.quiet, 0.1))
    painter.setPen(QPen(line, 1.5))
    painter.drawLine(
        QPointF(area.left(), view.ground), QPointF(area.right(), view.ground)
    )
    painter.setFont(theme.smaller(theme.tabular(painter.font())))
    every = 1 if view.scale >= _NEAR_LABELS else 5
    has_room = earth.height() >= painter.fontMetrics().height() + 6
    first = math.floor(view.camera - view.half) - 1
    for metre in range(first, math.ceil(view.camera + view.half) + 2):
        x, is_said = view.x(metre), has_room and metre % every == 0
        if not area.left() <= x <= area.right():
            continue
        painter.setPen(QPen(line, 1.5 if is_said else 1))
        painter.drawLine(
            QPointF(x, view.ground), QPointF(x, view.ground + (6 if is_said else 3))
        )
        if is_said:
            said = f"{metre} m".replace("-", "\N{MINUS SIGN}")
            half = painter.fontMetrics().horizontalAdvance(said) / 2 + 1
            # Without its sign it would be another place.
            if x - half < area.left() or x + half > area.right():
                continue
            room = QRectF(x - 40, view.ground + 6, 80, area.bottom() - view.ground - 6)
            painter.setPen(shown.quiet)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(room, flags, said)


def _paint_others(
    painter: QPainter,
    view: _View,
    places: np.ndarray,
    ink: tuple[PlotColours, QColor],
) -> None:
    """Mark on the ground where all trajectories are."""
    shown, colour = ink
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shown.faint(colour, _FADED))
    for along in places.tolist():
        painter.drawEllipse(view.place(along, 0), _DOT, _DOT)


def _paint_goal(painter: QPainter, view: _View, lane: Lane, shown: PlotColours) -> None:
    """Show who runs at the goal velocity, or the way; out of view, at the edge."""
    goal, area = lane.gaits.goal, view.area
    ahead = math.copysign(math.inf, goal) if lane.gaits.is_way else goal * lane.seconds
    left, right = area.left() + _EDGE, area.right() - _EDGE
    x = min(max(view.x(ahead), left), right)
    y = max(view.ground - view.scale * (view.high - 0.25), area.top() + _EDGE)
    at = QPointF(x, y)
    painter.setBrush(shown.support)
    painter.setPen(QPen(shown.background, 1.5))
    if left < x < right:
        painter.setPen(QPen(shown.faint(shown.support, 0.7), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(at, QPointF(x, view.ground))
        painter.setPen(QPen(shown.background, 1.5))
    else:
        way = 1 if x >= right else -1
        tip = at + QPointF(way * (_STAR + 9), 0)
        back = QPointF(way * 7, 0)
        side = QPointF(0, 6)
        painter.drawPolygon(QPolygonF([tip, tip - back + side, tip - back - side]))
    painter.drawPolygon(star(at, _STAR))


def _paint_body(
    painter: QPainter,
    view: _View,
    limbs: np.ndarray,
    lane: Lane,
    ink: tuple[PlotColours, QColor],
) -> None:
    """Paint the limbs, the hind leg fainter, each with a rim to tell them apart."""
    shown, colour = ink
    body = lane.gaits.figure
    legs = [number for number, part in enumerate(body.parts) if part.hangs_on == 0]
    far = range(legs[0], legs[1]) if len(legs) > 1 else range(0)
    order = sorted(range(len(limbs)), key=lambda n: body.limbs[n].part not in far)
    for number in order:
        (x1, y1), (x2, y2) = limbs[number].tolist()
        one, other = view.place(x1, y1), view.place(x2, y2)
        limb = body.limbs[number]
        wide = max(2.0, 2 * limb.radius * view.scale)
        own = shown.faint(colour, _FAR_LEG) if limb.part in far else colour
        for pen in (QPen(shown.background, wide + 2), QPen(own, wide)):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(one, other)
