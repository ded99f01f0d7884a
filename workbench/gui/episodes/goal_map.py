"""A map of goals in the plane: those of tasks drawn together, and paths to one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.acting.planar import PlanarSettings
from workbench.core.base.phrases import counted
from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.shown_episode import Floats, Goals, ShownEpisode
from workbench.gui.episodes.trajectory_chart import NEAR
from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours, colours
from workbench.gui.look.reward_field import paint_field, star

_REACH = 1.25
"""How far it shows, in halves of the square that goals are drawn from."""

_FAR = 3.0
"""No path farther out than this makes it show more."""

_MOST = 97
"""How many percent of all places are seen; the farthest ones may be cut off."""

_STAR, _OTHER, _START = 11.0, 3.5, 5.0
_MARGIN = 10


class GoalMap(QWidget):
    """Shows one task's goal and start over its reward, among the others' goals.

    Signals:
        picked(int): a trajectory was clicked, or -1 where there is none.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._goals: Goals | None = None
        self._task: PlanarSettings | None = None
        self.paths: Floats | None = None
        self.chosen: int | None = None
        self._farthest = 0.0
        self.setObjectName("episode.goal_map")
        self.setAccessibleName("Map of goals")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes().changed.connect(self.update)

    def show_episode(self, shown: ShownEpisode) -> bool:
        """Show the goal of an episode among others'; return whether it has a place."""
        task = shown.config.task
        self._task = task if isinstance(task, PlanarSettings) else None
        self._goals = None if self._task is None else shown.goals
        self.show_acted(None, 0)
        self.setAccessibleDescription(self.words())
        return self._goals is not None

    def show_acted(self, acted: ActedEpisode | None, step: int) -> None:
        """Show the paths of trajectories after an inner step, or none yet."""
        every = [] if acted is None else [each.paths for each in acted.updates]
        far = [_reach_of(paths) for paths in every if paths is not None]
        self._farthest = min(_FAR, max(far, default=0.0))
        self.paths = None if acted is None else acted.after(step).paths
        self.update()

    def choose(self, number: int | None) -> None:
        """Draw one path apart, or none."""
        self.chosen = number
        self.update()

    def trajectory_at(self, place: QPointF) -> int:
        """Return which path is near to a place of the widget; -1 if none is."""
        if self.paths is None:
            return -1
        transform = self._places()
        scale, origin = transform.m11(), transform.map(QPointF(0.0, 0.0))
        x = origin.x() + scale * self.paths[..., 0] - place.x()
        y = origin.y() - scale * self.paths[..., 1] - place.y()
        away = np.nan_to_num(np.hypot(x, y), nan=np.inf).min(-1)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= NEAR else -1

    def words(self) -> str:
        """Return what is shown."""
        if self._goals is None:
            return ""
        goals, _, which = self._goals
        x, y = goals[which].tolist()
        others = counted(len(goals) - 1, "other")
        place = f"{x:.2f}, {y:.2f}".replace("-", "\N{MINUS SIGN}")
        return f"Goal at {place}, among {others}"

    def position_of(self, x: float, y: float) -> QPointF:
        """Return where a place is seen."""
        return self._places().map(QPointF(x, y))

    @override
    def sizeHint(self) -> QSize:
        return QSize(400, 400)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = colours()
        if self._goals is not None and self._task is not None:
            self._paint_ground(painter, shown)
            self._paint_paths(painter, shown)
            self._paint_goals(painter, shown)
        painter.end()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.trajectory_at(event.position()))

    def _paint_ground(self, painter: QPainter, shown: PlotColours) -> None:
        assert self._goals is not None
        assert self._task is not None
        place, area, half = self._places(), QRectF(self.rect()), self._task.half
        painter.save()
        painter.setTransform(place, True)
        goal = QPointF(*self._goals.goals[self._goals.which].tolist())
        paint_field(painter, place.inverted()[0].mapRect(area), goal, shown)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(shown.faint(shown.quiet, 0.6), 1, Qt.PenStyle.DashLine))
        painter.drawRect(place.mapRect(QRectF(-half, -half, 2 * half, 2 * half)))
        painter.setPen(QPen(shown.text, 4))
        for one, other in self._task.walls:
            painter.drawLine(place.map(QPointF(*one)), place.map(QPointF(*other)))

    def _paint_paths(self, painter: QPainter, shown: PlotColours) -> None:
        if self.paths is None:
            return
        place = self._places()
        drawn = [(path, QPen(shown.faint(shown.query, 0.45), 1)) for path in self.paths]
        mean = self.paths.mean(0)
        drawn += [(mean, QPen(shown.background, 5)), (mean, QPen(shown.query, 3))]
        if self.chosen is not None and self.chosen < len(self.paths):
            one = self.paths[self.chosen]
            drawn += [(one, QPen(shown.background, 4)), (one, QPen(shown.accent, 2))]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path, pen in drawn:
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            seen = path[np.isfinite(path).all(-1)]
            line = QPolygonF([QPointF(x, y) for x, y in seen.tolist()])
            painter.drawPolyline(place.map(line))

    def _paint_goals(self, painter: QPainter, shown: PlotColours) -> None:
        assert self._goals is not None
        goals, starts, which = self._goals
        painter.setPen(QPen(shown.background, 1))
        painter.setBrush(shown.quiet)
        for x, y in goals.tolist():
            painter.drawEllipse(self.position_of(x, y), _OTHER, _OTHER)
        start, corner = (
            self.position_of(*starts[which].tolist()),
            QPointF(_START, _START),
        )
        painter.setBrush(shown.text)
        painter.drawRect(QRectF(start - corner, start + corner))
        painter.setBrush(shown.support)
        painter.drawPolygon(star(self.position_of(*goals[which].tolist()), _STAR))
        painter.setPen(shown.text)
        painter.setFont(theme.tabular(painter.font()))
        room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, flags | Qt.TextFlag.TextWordWrap, self.words())

    def _places(self) -> QTransform:
        half = 0.5 if self._task is None else self._task.half
        reach = max(_REACH * half, self._farthest)
        scale = min(self.width(), self.height()) / (2 * reach)
        return QTransform(scale, 0, 0, -scale, self.width() / 2, self.height() / 2)


def _reach_of(paths: Floats) -> float:
    """Return how far from the origin most places of paths are, along an axis."""
    far = np.nan_to_num(np.abs(paths), nan=_FAR, posinf=_FAR).max(-1)
    return float(np.percentile(far, _MOST))
