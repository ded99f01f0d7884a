"""The Play tab: put a goal into the plane, and watch a policy find it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.core.acting.planar import Place
from workbench.core.config.presets import find_preset
from workbench.gui.look import theme
from workbench.gui.play.empty_page import EmptyPage
from workbench.gui.play.film import Films
from workbench.gui.play.plane_view import PlaneView
from workbench.gui.play.play_runs import PlayRuns
from workbench.gui.play.side import Side
from workbench.gui.play.stage import Stage
from workbench.gui.play.timeline import Timeline
from workbench.gui.play.walking import Walked, Walking
from workbench.gui.shell.actions import Action
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session

if TYPE_CHECKING:
    from workbench.core.episodes.walkers import Errand

_TOOLS = ("another_goal", "another_chance", "export")


class PlayPanel(Panel):
    """Planes side by side. Its parts only show and tell: here they are connected."""

    title = "Play"
    order = 35
    place = "centre"
    alone = True
    icon = "mdi6.map-marker-path"
    help = "Put a goal into the plane and watch a trained policy find it"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("play_panel")
        self.stage = Stage(self)
        self.walking = Walking(self)
        self.films = Films(self)
        self.picker = PlayRuns(session)
        self.planes = [PlaneView(number) for number in range(PlayRuns.most)]
        self.timeline = Timeline()
        self.empty = EmptyPage()
        self._random = random.Random()
        self._seed = 0
        self._plays_next = False
        self._is_dragged = False
        self._made = self._make_actions()
        tools = [self._made[name] for name in _TOOLS]
        self.side = Side(PlayRuns.most, tools)
        self.stage.moment = self.timeline.moment
        self._pages = QStackedLayout(self)
        self._build()
        self._connect()
        self._show_runs()

    @override
    def shut_down(self) -> None:
        self.timeline.stop()
        self.walking.shut_down()
        self.films.shut_down()

    # What the person does.

    def send(self) -> None:
        """Send the chosen runs to the goal."""
        if self.picker.folders and self.isVisible():
            self.walking.send(self._errand())

    def put_goal(self, goal: Place) -> None:
        """Put the goal elsewhere, and send the runs there."""
        self.stage.goal, self.stage.is_new = goal, False
        self.stage.changed.emit()
        self.send()

    def put_start(self, start: Place) -> None:
        """Let tasks start elsewhere, where they differ in that."""
        self.stage.start = start
        self.stage.changed.emit()
        self.send()

    def take_another_goal(self) -> None:
        """Put the goal anywhere in the square, and play."""
        half = self._half()
        x, y = (round(self._random.uniform(-half, half), 2) for _ in range(2))
        self._plays_next = True
        self.put_goal((x, y))

    def take_another_chance(self) -> None:
        """Let the same be tried again, with other chance."""
        self._seed += 1
        self._plays_next = True
        self.send()

    def export(self) -> None:
        """Ask for a file and write what Play shows to it."""
        numbers = range(len(self.stage.journeys))
        shown = [n for n in numbers if self.stage.journeys[n].walks is not None]
        if shown:
            self.films.ask_to_save(
                [self.stage.scene(number) for number in shown],
                [self.stage.words(number) for number in shown],
            )

    # Building.

    def _make_actions(self) -> dict[str, Action]:
        about = {
            "play": (
                "Play the walks",
                "play",
                "Play the adaptation to the goal, one walk after the other",
                self._on_play_asked,
            ),
            "another_goal": (
                "Put the goal elsewhere",
                "dice-multiple-outline",
                "Put the goal anywhere in the square, and watch it being found",
                self.take_another_goal,
            ),
            "another_chance": (
                "Walk again",
                "refresh",
                "Let the same goal be found once more, by other chance",
                self.take_another_chance,
            ),
            "export": (
                "Export the walks as a film…",
                "movie-open-outline",
                "Write what Play shows as an animated picture (GIF)",
                self.export,
            ),
        }
        made = {}
        for name, (text, icon, tip, perform) in about.items():
            action = Action(
                f"play.{name}", text, perform, icon=f"mdi6.{icon}", tip=tip, parent=self
            )
            self.addAction(action)
            made[name] = action
        return made

    def _build(self) -> None:
        whole = QWidget()
        row = QHBoxLayout(whole)
        margin = theme.SPACE
        row.setContentsMargins(margin, margin, margin, margin)
        row.setSpacing(2 * theme.SPACE)
        row.addLayout(self._left(), 1)
        row.addWidget(self.side)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(whole)

    def _left(self) -> QVBoxLayout:
        planes = QHBoxLayout()
        planes.setSpacing(theme.SPACE)
        for plane in self.planes:
            planes.addWidget(plane, 1)
        left = QVBoxLayout()
        left.setSpacing(theme.SPACE)
        left.addWidget(self.picker)
        left.addLayout(planes, 1)
        left.addWidget(self.timeline)
        return left

    def _connect(self) -> None:
        for plane in self.planes:
            plane.goal_moved.connect(self._on_plane_goal_moved)
            plane.start_moved.connect(self._on_plane_start_moved)
            plane.released.connect(self._on_plane_released)
            plane.reach_changed.connect(self.stage.set_reach)
            plane.play_asked.connect(self._on_play_asked)
        self.side.update_chosen.connect(self.timeline.go_to)
        self.side.updates_changed.connect(self._on_side_updates_changed)
        self.empty.preset_wanted.connect(self._on_empty_preset_wanted)
        self.picker.chosen.connect(self._on_picker_chosen)
        self.timeline.moved.connect(self._on_timeline_moved)
        self.stage.changed.connect(self._on_stage_changed)
        self.walking.walked.connect(self._on_walking_walked)
        self.films.saved.connect(self._on_films_saved)
        self.films.failed.connect(self.session.fail)
        self.session.runs_changed.connect(self._on_session_runs_changed)
        self.session.run_state_changed.connect(self._on_session_runs_changed)

    # What happens.

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._look_for_runs)

    def _look_for_runs(self) -> None:
        if not self.picker.take_first():
            self._show_runs()
            self.send()

    def _on_session_runs_changed(self, _what: object) -> None:
        if self.isVisible():
            self._look_for_runs()

    def _on_picker_chosen(self) -> None:
        self.stage.journeys = ()
        self._show_runs()
        self.send()

    def _on_side_updates_changed(self, updates: int) -> None:
        self.timeline.set_updates(updates)
        self._on_timeline_moved()
        self.send()

    def _on_plane_goal_moved(self, goal: Place) -> None:
        self._begin_to_drag()
        self.put_goal(goal)

    def _on_plane_start_moved(self, start: Place) -> None:
        self._begin_to_drag()
        self.put_start(start)

    def _on_plane_released(self) -> None:
        self._is_dragged = False
        if not self.walking.is_busy:
            self._play_if_wanted()

    def _on_play_asked(self) -> None:
        self.timeline.play_button.toggle()

    def _on_timeline_moved(self) -> None:
        self.stage.set_moment(self.timeline.moment)

    def _on_stage_changed(self) -> None:
        for number, plane in enumerate(self.planes[: len(self.picker.folders)]):
            plane.show_scene(self.stage.scene(number), self.stage.spoken(number))
        self.side.show_update(self.stage.moment.update)

    def _on_walking_walked(self, walked: Walked) -> None:
        if walked.errand.folders != tuple(self.picker.folders):
            return
        self.side.show_walked(walked)
        self.stage.show_walked(walked)
        if not self._is_dragged and not self.walking.is_busy:
            self._play_if_wanted()

    def _on_empty_preset_wanted(self, name: str) -> None:
        self.session.load_draft(find_preset(name).config, name)
        self.session.show_panel("Experiment")
        self.session.notify(f"{find_preset(name).title}: press Start to train it")

    def _on_films_saved(self, path: Path) -> None:
        self.session.notify(f"Saved {path.name} to {path.parent}", "good")

    def _begin_to_drag(self) -> None:
        """Show the end of the adaptation while the goal moves."""
        if not self._is_dragged:
            self._is_dragged = True
            self._plays_next = True
            self.timeline.go_to(self.side.updates.value())

    def _play_if_wanted(self) -> None:
        if self._plays_next:
            self._plays_next = False
            self.timeline.play_anew()

    def _show_runs(self) -> None:
        """Show as many planes as there are runs, and what to do if there is none."""
        titles = self.picker.titles()
        self._pages.setCurrentIndex(int(bool(titles)))
        self.side.show_runs(titles)
        for number, plane in enumerate(self.planes):
            is_there = number < len(titles)
            plane.setVisible(is_there)
            of = f"Plane of {titles[number]}" if is_there else "Plane"
            plane.setAccessibleName(of)
        self._on_stage_changed()

    def _half(self) -> float:
        tasks = [each.task for each in self.stage.journeys if each.task is not None]
        return tasks[0].half if tasks else 0.5

    def _errand(self) -> Errand:
        from workbench.core.episodes.walkers import Errand

        return Errand(
            self.stage.goal,
            self.stage.start,
            tuple(self.picker.folders),
            self.side.updates.value(),
            self._seed,
        )
