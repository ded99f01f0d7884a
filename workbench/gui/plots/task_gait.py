"""This task, now: a body from the side that runs as its learner adapted."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.acting.running import RunningSettings
from workbench.core.base import figures
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.inner_steps import InnerSteps
from workbench.gui.graphs.lane_view import LaneView
from workbench.gui.graphs.plot import Plot, Quarter
from workbench.gui.graphs.series import RunHistory
from workbench.gui.graphs.track import Lane
from workbench.gui.look import theme
from workbench.gui.plots.task_look import GaitLook

_ANGLES = 2


class TaskGait(Plot):
    """A trajectory in one task before or after an update, played at real speed."""

    key = "task_gait"
    title = "This task, now"
    help = (
        "One validation task with the meta-parameters of now: the trajectory of the "
        "most usual return, before adaptation or after the inner step chosen, from the "
        "side. The star runs at the goal velocity, or shows the way; dots are where "
        "the other trajectories are."
    )
    empty = "Press Start to train: who runs is shown here, update by update."
    waiting = "Nothing yet: who runs will be shown here, update by update."
    over = "Nothing to draw: the run ended before its first checkpoint."
    place = Quarter.BOTTOM_RIGHT

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = 0
        self._look: GaitLook | None = None
        self.view = LaneView(self)
        self.body.addWidget(self.view, 1)
        self.steps = InnerSteps(self, plays=False)
        self.body.addWidget(self.steps)
        another = self.add_button(
            "another", "Another task", "mdi6.dice-multiple-outline"
        )
        self.play_button = self.add_button(
            "play", "Play at real speed", "mdi6.play", self._on_play_toggled
        )
        self.finish_controls()
        self.steps.moved.connect(self._on_steps_moved)
        self.view.playing_changed.connect(self._on_view_playing_changed)
        another.clicked.connect(self._on_another_clicked)
        self.paint_colours()

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return isinstance(history.config.task, RunningSettings)

    def show_task(self, look: GaitLook | None) -> None:
        """Show a task from now on; None for none."""
        is_other = (
            look is None or self._look is None or look.number != self._look.number
        )
        self._look = look
        if look is None:
            self.steps.clear()
        else:
            self.steps.set_steps(look.gaits.steps, look.trained_steps)
        self.redraw()
        if is_other and self.isVisible():
            self.view.play_anew()

    @override
    def is_empty(self) -> bool:
        return self._look is None

    @override
    def version(self, history: RunHistory) -> int:
        return id(self._look)

    @override
    def exported(self) -> QWidget:
        return self.view

    @override
    def paint_colours(self) -> None:
        self.view.paint_colours(self.colours)
        self._show_what_play_does()

    @override
    def draw(self) -> None:
        look = self._look
        self.play_button.setEnabled(look is not None)
        if look is None:
            self.view.show_lane(None)
            return
        step = min(self.steps.step, look.gaits.steps)
        gait, goal = look.gaits.updates[step], look.gaits.told_goal
        lane = Lane(look.gaits, step, 0.0, f"goal: {goal}")
        self.view.show_lane(lane)
        told = f"return {figures.number(gait.mean_return)}"
        self.steps.write(f"{told}, {gait.velocity:.2f} m/s")
        self.view.setAccessibleDescription(f"{lane.words}; {told}")

    @override
    def table(self) -> Table:
        names = ("inner step", "trajectory", "time", "x", "height", "pitch")
        if self._look is None:
            return Table(names, ())
        gaits = self._look.gaits
        rows = (
            (step, number, time * gaits.seconds, *map(float, pose[: _ANGLES + 1]))
            for step, gait in enumerate(gaits.updates)
            for number, poses in enumerate(gait.poses)
            for time, pose in enumerate(poses)
        )
        return Table(names, rows)

    def _on_steps_moved(self) -> None:
        self.redraw()
        if self._look is not None and self.isVisible():
            self.view.play_anew()

    def _on_play_toggled(self, checked: bool) -> None:
        if checked:
            self.view.play()
        elif self.view.is_playing:
            self.view.stop()

    def _on_view_playing_changed(self, playing: bool) -> None:
        with QSignalBlocker(self.play_button):
            self.play_button.setChecked(playing)
        self._show_what_play_does()

    def _show_what_play_does(self) -> None:
        icon = "mdi6.pause" if self.view.is_playing else "mdi6.play"
        self.play_button.setIcon(theme.icon(icon))

    def _on_another_clicked(self) -> None:
        self.number += 1
        self.task_wanted.emit()
