"""Chooses the goal of a run: a velocity by a slider, or one of the ways."""

from __future__ import annotations

from functools import partial
from random import Random

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from workbench.core.acting.running import RunningSettings
from workbench.gui.look import theme

_FINE = 100
"""Positions of the slider to a metre a second."""

_FIRST = 1.0


class GoalChooser(QWidget):
    """Shows the goal, and lets the person choose another.

    Signals:
        goal_moved(): another goal is chosen, perhaps not for long.
        released(): the slider was let go, or there was none to hold.
    """

    goal_moved = Signal()
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.goal = _FIRST
        self._task: RunningSettings | None = None
        self.label = QLabel("Goal")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("play.goal.slider")
        self.slider.setAccessibleName("Goal velocity")
        self.slider.setToolTip("The velocity that is rewarded, which nobody is told")
        self.slider.setSingleStep(_FINE // 20)
        self.slider.setPageStep(_FINE // 4)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setTickInterval(_FINE // 2)
        self.told = QLabel()
        self.told.setObjectName("play.goal.told")
        self.told.setFont(theme.tabular(self.told.font()))
        self.buttons: list[QPushButton] = []
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE)
        for part, stretch in ((self.label, 0), (self.slider, 1), (self.told, 0)):
            self._row.addWidget(part, stretch)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.slider.sliderReleased.connect(self.released)

    def show_task(self, task: RunningSettings) -> None:
        """Offer the goals of a task."""
        if task == self._task:
            return
        self._task = task
        self._make_buttons(task)
        has_ways = bool(task.ways)
        self.slider.setVisible(not has_ways)
        self.told.setVisible(not has_ways)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, round(_FINE * task.fastest))
        widest = self.told.fontMetrics().horizontalAdvance(task.told_goal(88.88))
        self.told.setMinimumWidth(widest)
        goals = task.ways.values()
        near = min(self.goal, task.fastest) if self.goal >= 0 else _FIRST
        self._show(min(goals, key=lambda way: abs(way - self.goal), default=near))

    def put(self, goal: float) -> None:
        """Have another goal."""
        self._show(goal)
        self.goal_moved.emit()

    def take_another(self, chance: Random) -> None:
        """Have another goal by chance."""
        assert self._task is not None
        others = [way for way in self._task.ways.values() if way != self.goal]
        fastest = self._task.fastest
        self.put(
            chance.choice(others) if others else round(chance.random() * fastest, 2)
        )
        self.released.emit()

    def _make_buttons(self, task: RunningSettings) -> None:
        for button in self.buttons:
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        for number, (name, way) in enumerate(task.ways.items()):
            button = QPushButton(name.capitalize())
            button.setObjectName(f"play.goal.way_{number + 1}")
            button.setCheckable(True)
            button.setProperty("role", "choice")
            button.setToolTip(f"Reward running {name}")
            button.clicked.connect(partial(self._on_button_clicked, way))
            self._group.addButton(button)
            self._row.insertWidget(1 + number, button, 1)
            self.buttons.append(button)

    def _show(self, goal: float) -> None:
        assert self._task is not None
        self.goal = goal
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(_FINE * goal))
        self.told.setText(self._task.told_goal(goal))
        ways = self._task.ways.values()
        for button, way in zip(self.buttons, ways, strict=True):
            button.setChecked(way == goal)

    def _on_slider_value_changed(self, value: int) -> None:
        self.put(value / _FINE)
        if not self.slider.isSliderDown():
            self.released.emit()

    def _on_button_clicked(self, way: float, _checked: bool = False) -> None:
        self.put(way)
        self.released.emit()
