"""An episode that is acted in: where its trajectories lead, and what they are worth."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.core.acting.running import RIGHT_WAY, RunningSettings
from workbench.core.acting.settings import ActingSettings
from workbench.core.base.phrases import counted
from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.shown_episode import ShownEpisode
from workbench.core.learning.task_family import TaskSettings
from workbench.gui.episodes.goal_map import GoalMap
from workbench.gui.episodes.task_map import TaskMap
from workbench.gui.episodes.trajectory_chart import TrajectoryChart, span_of
from workbench.gui.episodes.trajectory_table import TrajectoryTable
from workbench.gui.episodes.velocity_map import VelocityMap
from workbench.gui.look import theme

_BESIDE = 520
"""From this width on the charts are beside the map."""


class ActedView(QWidget):
    """Shows an episode's goal and trajectories; one of them is told apart everywhere.

    A click or the table chooses it, and Escape chooses none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("episode.acted")
        self.acted: ActedEpisode | None = None
        self.chosen: int | None = None
        self._step = 0
        self._problem = ""
        self._task: TaskSettings | None = None
        self.map = GoalMap()
        self.velocities = VelocityMap()
        self.tasks = TaskMap()
        self.table = TrajectoryTable()
        self.rewards = TrajectoryChart("Reward over time", "reward", has_times=False)
        self.advantages = TrajectoryChart("Advantage over time", "advantage")
        self.rewards.setObjectName("episode.rewards")
        self.advantages.setObjectName("episode.advantages")
        self.legend = QLabel()
        self.legend.setObjectName("episode.legend")
        self.legend.setProperty("role", "muted")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lay_out()
        self._parts = (
            self.map,
            self.velocities,
            self.rewards,
            self.advantages,
            self.table,
        )
        for part in self._parts:
            part.picked.connect(self._on_picked)
        theme.changes().changed.connect(self._say_what_is_drawn)

    def show_episode(self, shown: ShownEpisode) -> None:
        """Show the goal of an episode; its trajectories come later."""
        self.map.setVisible(self.map.show_episode(shown))
        self.velocities.setVisible(self.velocities.show_episode(shown))
        self.tasks.setVisible(self.tasks.show_episode(shown))
        self.chosen = None
        self.show_acted(None, 0)
        self._begin(shown.config.task)

    def show_acted(self, acted: ActedEpisode | None, step: int) -> None:
        """Show trajectories after an inner step, or that they are being collected."""
        self.acted, self._step, self._problem = acted, step, ""
        now = None if acted is None else acted.after(step)
        self.map.show_acted(acted, step)
        self.velocities.show_acted(acted, step)
        self.table.show_acted(now)
        for chart, name in (
            (self.rewards, "rewards"),
            (self.advantages, "advantages"),
        ):
            every = [] if acted is None else [getattr(u, name) for u in acted.updates]
            values = None if now is None else getattr(now, name)
            chart.show_values(values, span_of(every) if every else None)
        if now is None or (self.chosen is not None and self.chosen >= now.number):
            self.chosen = None
        self._show_chosen()

    def show_problem(self, text: str) -> None:
        """Say why there are no trajectories."""
        self.show_acted(None, 0)
        self._problem = text
        self._say_what_is_drawn()

    def choose(self, number: int | None) -> None:
        """Tell a trajectory apart, or none."""
        self.chosen = number
        self._show_chosen()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way, is_wide = QBoxLayout.Direction, self._is_wide()
        self._across.setDirection(way.LeftToRight if is_wide else way.TopToBottom)
        self._across.setStretch(0, 1 if is_wide else 2)
        self._across.setStretch(1, 1 if is_wide else 3)
        self.table.setVisible(is_wide)
        self._say_what_is_drawn()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.chosen is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)

    def _begin(self, task: TaskSettings) -> None:
        """Keep nothing that was said of the trajectories of another task."""
        if task == self._task or not isinstance(task, ActingSettings):
            return
        self._task = task
        is_run = isinstance(task, RunningSettings)
        self.table.begin({"success": RIGHT_WAY} if is_run else {})
        for chart in (self.rewards, self.advantages):
            chart.begin(task.horizon)

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(theme.SPACE // 2)
            self._across.addLayout(column, 1)
        left.addWidget(self.map, 3)
        left.addWidget(self.velocities, 3)
        left.addWidget(self.tasks, 3)
        left.addWidget(self.table, 2)
        right.addWidget(self.legend)
        right.addWidget(self.rewards, 1)
        right.addWidget(self.advantages, 1)
        self._across.setContentsMargins(0, 0, 0, 0)
        self._across.setSpacing(theme.SPACE)

    def _show_chosen(self) -> None:
        for part in self._parts:
            part.choose(self.chosen)
        self._say_what_is_drawn()

    def _is_wide(self) -> bool:
        return self.width() >= _BESIDE

    def _say_what_is_drawn(self) -> None:
        self.legend.setVisible(self._is_wide() or self.acted is None)
        if self.acted is None:
            text = self._problem or "Trajectories are being collected."
            self.legend.setText(html.escape(text))
            return
        shown = theme.colours()
        number = self.acted.after(self._step).number
        told = "Click one to tell it apart."
        if self.chosen is not None:
            told = (
                f'<span style="color: {shown.accent}">Number {self.chosen + 1}</span>'
            )
        self.legend.setText(
            f"{counted(number, 'trajectory', 'trajectories')}, "
            f'<span style="color: {shown.query}">their mean</span>. {told}'
        )

    def _on_picked(self, number: int) -> None:
        self.choose(number if number >= 0 else None)
