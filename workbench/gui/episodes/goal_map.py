"""A map of goals in the plane: those of tasks drawn together, one of them chosen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.acting.planar import PlanarSettings
from workbench.core.base.phrases import counted
from workbench.core.episodes.shown_episode import Goals, ShownEpisode
from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours, colours
from workbench.gui.look.reward_field import paint_field, star

_REACH = 1.25
"""How far it shows, in halves of the square that goals are drawn from."""

_STAR, _OTHER, _START = 11.0, 3.5, 5.0
_MARGIN = 10


class GoalMap(QWidget):
    """Shows one task's goal and start over its reward, among the others' goals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._goals: Goals | None = None
        self._task: PlanarSettings | None = None
        self.setAccessibleName("Map of goals")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes().changed.connect(self.update)

    def show_episode(self, shown: ShownEpisode) -> None:
        """Show the goal of an episode among those drawn with it."""
        task = shown.config.task
        self._goals = shown.goals
        self._task = task if isinstance(task, PlanarSettings) else None
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """Return what is shown."""
        if self._goals is None:
            return ""
        goals, _, which = self._goals
        x, y = goals[which].tolist()
        others = counted(len(goals) - 1, "other")
        return f"Goal at {x:.2f}, {y:.2f}, among {others} of the meta-batch"

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
            self._paint_goals(painter, shown)
        painter.end()

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
        scale = min(self.width(), self.height()) / (2 * _REACH * half)
        return QTransform(scale, 0, 0, -scale, self.width() / 2, self.height() / 2)
