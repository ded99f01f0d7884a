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
from workbench.gui.graphs.plot import Plot
from workbench.gui.graphs.series import RunHistory
from workbench.gui.graphs.track import Lane
from workbench.gui.look import theme
from workbench.gui.plots.task_look import GaitLook
from workbench.gui.plots.task_plot import TaskPlot

_ANGLES = 2


class TaskGait(TaskPlot[GaitLook], Plot):
    """A trajectory in one task before or after an update, played at real speed."""

    key = "task_gait"
    help = (
        "One validation task with the meta-parameters of now: the trajectory of the "
        "most usual return, before adaptation or after the inner step chosen, from the "
        "side. The star runs at the goal velocity, or shows the way; dots are where "
        "the other trajectories are."
    )
    empty = "Press Start to train: who runs is shown here, update by update."
    waiting = "Nothing yet: who runs will be shown here, update by update."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = LaneView(self)
        self.body.addWidget(self.view, 1)
        self.steps = InnerSteps(self, plays=False)
        self.body.addWidget(self.steps)
        self.add_another()
        self.play_button = self.add_button(
            "play", "Play at real speed", "mdi6.play", self._on_play_toggled
        )
        self.finish_controls()
        self.steps.moved.connect(self._on_steps_moved)
        self.view.playing_changed.connect(self._on_view_playing_changed)
        self.paint_colours()

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return isinstance(history.config.task, RunningSettings)

    @override
    def begin_task(self) -> None:
        self.redraw()
        if self.isVisible():
            self.view.play_anew()

    @override
    def exported(self) -> QWidget:
        return self.view

    @override
    def paint_colours(self) -> None:
        self.view.paint_colours(self.colours)
        self._show_what_play_does()

    @override
    def draw(self) -> None:
        look = self.look
        self.play_button.setEnabled(look is not None)
        if look is None:
            self.view.show_lane(None)
            return
        step = min(self.steps.step, look.steps)
        gait, goal = look.gaits.updates[step], look.gaits.told_goal
        lane = Lane(look.gaits, step, 0.0, f"goal: {goal}")
        self.view.show_lane(lane)
        told = f"return {figures.told_return(gait.mean_return)}"
        velocity = figures.signed(gait.velocity, 2)
        self.steps.write(f"{told}, {velocity} m/s")
        self.view.setAccessibleDescription(f"{lane.words}; {told}")

    @override
    def table(self) -> Table:
        names = ("inner step", "trajectory", "time", "x", "height", "pitch")
        if self.look is None:
            return Table(names, ())
        gaits = self.look.gaits
        rows = (
            (step, number, time * gaits.seconds, *map(float, pose[: _ANGLES + 1]))
            for step, gait in enumerate(gaits.updates)
            for number, poses in enumerate(gait.poses)
            for time, pose in enumerate(poses)
        )
        return Table(names, rows)

    def _on_steps_moved(self) -> None:
        self.redraw()
        if self.look is not None and self.isVisible():
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
