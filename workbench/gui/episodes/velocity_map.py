"""A map of goals that are velocities, or ways to run, and how fast was run."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent
from typing_extensions import override

from workbench.core.acting.running import RunningSettings
from workbench.core.base.phrases import counted
from workbench.core.episodes.acted_episode import Acted, ActedEpisode
from workbench.core.episodes.shown_episode import Floats, Goals, ShownEpisode
from workbench.gui.episodes.chart import Chart
from workbench.gui.episodes.trajectory_chart import NEAR
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.rule import Rule
from workbench.gui.look.colours import colours, pen

_ROOM = 0.18
"""What is free between the trajectories and the goals, in all of their height."""

_FAR = 10.0
"""What is reached farther out than this is drawn there."""


class VelocityMap(Chart):
    """Shows a task's goal among the others', over how fast its trajectories run.

    Each trajectory has a row, the first at the bottom; the goals are above them.

    Signals:
        picked(int): a trajectory was clicked, or -1 where there is none.
    """

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__("Map of goals", "velocity, m/s", "trajectory")
        self.setObjectName("episode.velocity_map")
        self._task: RunningSettings | None = None
        self.goals: Goals | None = None
        self.reached: Floats = np.zeros(0)
        self._reach = 1.0
        self.rule = Rule(0, angle=90)
        self.mean = Rule(0, angle=90)
        self.others = Line(pen=None, symbol="o", symbolSize=7)
        self.each = Line(pen=None, symbol="o", symbolSize=7)
        self.one = Line(pen=None, symbol="o", symbolSize=11)
        self.goal = Line(pen=None, symbol="star", symbolSize=18)
        # A way to go has an arrow at its edge of the view, and no velocity.
        self.ways = {-1: pg.TextItem(anchor=(0, 0.5)), 1: pg.TextItem(anchor=(1, 0.5))}
        for arrow in self.ways.values():
            self.addItem(arrow, ignoreBounds=True)
        for rule in (self.rule, self.mean):
            self.addItem(rule)
        for depth, item in enumerate((self.others, self.each, self.one, self.goal), 1):
            item.setZValue(depth)
            self.addItem(item)
        self.paint_colours()

    def show_episode(self, shown: ShownEpisode) -> bool:
        """Show the goal of an episode among others'; return whether it is to run."""
        task = shown.config.task
        self._task = task if isinstance(task, RunningSettings) else None
        self.goals = None if self._task is None else shown.goals
        self.show_acted(None, 0)
        self.setTitle(self.words(), color=colours().text, size="9pt")
        self.setAccessibleDescription(self.words())
        return self.goals is not None

    def words(self) -> str:
        """Return what is shown."""
        if self.goals is None or self._task is None:
            return ""
        values = self.goals.goals[:, 0]
        goal = float(values[self.goals.which])
        others = counted(len(values) - 1, "other")
        told = self._task.told_goal(goal)
        if not self._task.ways:
            return f"Goal: {told}, among {others}"
        alike = int((np.sign(values) == np.sign(goal)).sum()) - 1
        return f"Goal: {told}, as {alike} of {others}"

    def show_acted(self, acted: ActedEpisode | None, step: int) -> None:
        """Show what trajectories reach after an inner step, or nothing yet."""
        every = [] if acted is None else [self._of(each) for each in acted.updates]
        self._reach = max((float(np.abs(each).max()) for each in every), default=0.0)
        self.reached = np.zeros(0) if acted is None else self._of(acted.after(step))
        rows = np.arange(1.0, len(self.reached) + 1)
        self.each.setData(self.reached, rows)
        self.mean.setVisible(len(self.reached) > 0)
        if len(self.reached):
            self.mean.setValue(float(self.reached.mean()))
        self._place_goals()
        self.choose(None)

    def choose(self, number: int | None) -> None:
        """Draw one trajectory apart, or none."""
        if number is None or number >= len(self.reached):
            self.one.setData([], [])
        else:
            self.one.setData([self.reached[number]], [number + 1.0])

    def trajectory_at(self, place: QPointF) -> int:
        """Return which trajectory is near to a place of the widget; -1 if none is."""
        if not len(self.reached):
            return -1
        at = self.getViewBox().mapSceneToView(self.mapToScene(place.toPoint()))
        width, height = self.getViewBox().viewPixelSize()
        rows = np.arange(1.0, len(self.reached) + 1)
        away = np.hypot((self.reached - at.x()) / width, (rows - at.y()) / height)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= NEAR else -1

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        shown = colours()
        self.rule.setPen(pen(shown.support, Qt.PenStyle.DashLine))
        self.mean.setPen(pen(shown.query, width=3))
        for item, colour in (
            (self.others, shown.quiet),
            (self.each, shown.faint(shown.query, 0.6)),
            (self.one, shown.accent),
            (self.goal, shown.support),
        ):
            item.setSymbolBrush(colour)
            item.setSymbolPen(pen(shown.background))
        self._paint_ways()
        if self.goals is not None:
            self.setTitle(self.words(), color=shown.text, size="9pt")

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.trajectory_at(event.position()))

    def _of(self, acted: Acted) -> Floats:
        """Return what trajectories reached, as far as there is a view of it."""
        # A course tells of velocities first.
        reached = next(iter(acted.figures.values()), np.zeros(acted.number))
        clipped: Floats = np.clip(np.nan_to_num(reached), -_FAR, _FAR)
        return clipped

    def _place_goals(self) -> None:
        if self.goals is None or self._task is None:
            return
        values, last = self.goals.goals[:, 0].astype(float), max(len(self.reached), 1)
        top, has_ways = last + max(1.0, _ROOM * last), bool(self._task.ways)
        own = float(values[self.goals.which])
        marked = values[:0] if has_ways else values
        self.others.setData(marked, np.full(len(marked), top))
        self.goal.setData(*([], []) if has_ways else ([own], [top]))
        self.rule.setValue(0.0 if has_ways else own)
        if has_ways:
            high = max(self._task.fastest, self._reach)
            low = -high
        else:
            low = min(0.0, *values, *self.reached)
            high = max(0.0, *values, *self.reached)
        self.setXRange(low, high, padding=0.06)
        self.setYRange(0.0, top, padding=0.06)
        self._place_ways(low, high, top)
        ticks = [(float(row), str(row)) for row in sorted({1, last // 2 or 1, last})]
        self.getAxis("left").setTicks([[*ticks, (top, "goals")]])

    def _place_ways(self, low: float, high: float, top: float) -> None:
        """Put an arrow to where each way leads, if the goals are ways."""
        ways = {} if self._task is None else self._task.ways
        names = {int(np.sign(way)): name for name, way in ways.items()}
        for side, arrow in self.ways.items():
            arrow.setVisible(side in names)
            name = names.get(side, "")
            arrow.setText(f"{name} ▶" if side > 0 else f"◀ {name}")
            arrow.setPos(high if side > 0 else low, top)
        self._paint_ways()

    def _paint_ways(self) -> None:
        """Tell the goal's way apart."""
        if self.goals is None:
            return
        shown, own = colours(), float(self.goals.goals[self.goals.which, 0])
        for side, arrow in self.ways.items():
            font = QFont(self.font())
            font.setBold(side * own > 0)
            arrow.setFont(font)
            arrow.setColor(shown.support if side * own > 0 else shown.quiet)
