"""Planes side by side: a goal is put into them, and walks lead there."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.core.acting.planar import Place, PlanarSettings
from workbench.core.acting.settings import ActingSettings
from workbench.gui.look import theme
from workbench.gui.play.arena import Arena
from workbench.gui.play.film import Reel, titled
from workbench.gui.play.plane_film import reel_of
from workbench.gui.play.plane_view import PlaneView
from workbench.gui.play.stage import Stage
from workbench.gui.play.timeline import Timeline
from workbench.gui.play.walking import Walked
from workbench.gui.shell.run_picker import lasting_title_of


class PlaneArena(Arena):
    """Planes side by side, and the timeline of their walks."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = Stage(self)
        self.planes = [PlaneView(number) for number in range(most)]
        self.bar = self.timeline = Timeline()
        self.stage.moment = self.timeline.moment
        self._half = PlanarSettings.half
        self._runs = 0
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addLayout(row, 1)
        column.addWidget(self.timeline)
        for plane in self.planes:
            row.addWidget(plane, 1)
            plane.goal_moved.connect(self._on_plane_goal_moved)
            plane.start_moved.connect(self._on_plane_start_moved)
            plane.released.connect(self.released)
            plane.reach_changed.connect(self.stage.set_reach)
            plane.play_asked.connect(self.play_asked)
        self.timeline.moved.connect(self._on_timeline_moved)
        self.stage.changed.connect(self._on_stage_changed)

    @property
    @override
    def goal(self) -> Place:
        return self.stage.goal

    @property
    @override
    def start(self) -> Place:
        return self.stage.start

    @override
    def show_runs(self, titles: Sequence[str], task: ActingSettings | None) -> None:
        self._runs = len(titles)
        if isinstance(task, PlanarSettings):
            self._half = task.half
        for number, plane in enumerate(self.planes):
            is_there = number < len(titles)
            plane.setVisible(is_there)
            of = f"Plane of {titles[number]}" if is_there else "Plane"
            plane.setAccessibleName(of)
        self._on_stage_changed()

    @override
    def forget(self) -> None:
        self.stage.journeys = ()
        self._on_stage_changed()

    @override
    def show_walked(self, walked: Walked) -> None:
        self.stage.show_walked(walked)

    @override
    def set_updates(self, updates: int) -> None:
        self.timeline.set_updates(updates)
        self._on_timeline_moved()

    @override
    def go_to(self, update: int) -> None:
        self.timeline.go_to(update)

    @override
    def begin_to_drag(self, updates: int) -> None:
        self.timeline.go_to(updates)

    @override
    def take_another_goal(self, chance: Random) -> None:
        x, y = (round(chance.uniform(-self._half, self._half), 2) for _ in range(2))
        self._on_plane_goal_moved((x, y))
        self.released.emit()

    @override
    def reel(self) -> Reel | None:
        journeys = self.stage.journeys
        done = [n for n, each in enumerate(journeys) if each.walks is not None]
        if not done:
            return None
        words = [self.stage.words(number) for number in done]
        reel = reel_of([self.stage.scene(number) for number in done], words)
        return titled(reel, [lasting_title_of(journeys[n].folder) for n in done])

    def _on_plane_goal_moved(self, goal: Place) -> None:
        self.stage.goal, self.stage.is_new = goal, False
        self.stage.changed.emit()
        self.goal_moved.emit()

    def _on_plane_start_moved(self, start: Place) -> None:
        self.stage.start = start
        self.stage.changed.emit()
        self.goal_moved.emit()

    def _on_timeline_moved(self) -> None:
        self.stage.set_moment(self.timeline.moment)

    def _on_stage_changed(self) -> None:
        for number, plane in enumerate(self.planes[: self._runs]):
            plane.show_scene(self.stage.scene(number), self.stage.spoken(number))
        self.update_shown.emit(self.stage.moment.update)
