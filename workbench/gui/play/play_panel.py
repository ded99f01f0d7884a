"""The Play tab: choose a goal, and watch a policy find out how to get there."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.core.acting.running import RunningSettings
from workbench.core.config.presets import find_preset
from workbench.gui.look import theme
from workbench.gui.play.arena import Arena
from workbench.gui.play.empty_page import EmptyPage
from workbench.gui.play.film import Films
from workbench.gui.play.plane_arena import PlaneArena
from workbench.gui.play.play_runs import PlayRuns
from workbench.gui.play.side import Side
from workbench.gui.play.track_arena import TrackArena
from workbench.gui.play.walking import Walked, Walking
from workbench.gui.shell.actions import Action
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session

if TYPE_CHECKING:
    from workbench.core.episodes.actor import Errand

_TOOLS = ("another_goal", "another_chance", "export")


class PlayPanel(Panel):
    """Runs side by side. Its parts only show and tell: here they are connected.

    What is seen depends on the tasks: ``arena`` is a plane or a track.
    """

    title = "Play"
    order = 35
    place = "centre"
    alone = True
    icon = "mdi6.map-marker-path"
    help = "Choose a goal and watch a trained policy find out how to get there"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("play_panel")
        self.walking = Walking(self)
        self.films = Films(self)
        self.picker = PlayRuns(session)
        self.plane = PlaneArena(PlayRuns.most)
        self.track = TrackArena(PlayRuns.most)
        self.empty = EmptyPage()
        self._random = random.Random()
        self._seed = 0
        self._plays_next = False
        self._is_dragged = False
        self._sent: tuple[Errand, tuple[float, ...]] | None = None
        self._made = self._make_actions()
        self.side = Side(PlayRuns.most, [self._made[name] for name in _TOOLS])
        self._pages = QStackedLayout(self)
        self._arenas = QStackedLayout()
        self._build()
        self._connect()
        self._show_runs()

    @property
    def arena(self) -> Arena:
        """What is watched."""
        return cast("Arena", self._arenas.currentWidget())

    @override
    def shut_down(self) -> None:
        self.arena.bar.stop()
        self.walking.shut_down()
        self.films.shut_down()

    # What the person does.

    def send(self) -> None:
        """Send the chosen runs to the goal."""
        if self.picker.folders and self.isVisible():
            self._sent = self._asked()
            self.walking.send(self._sent[0])

    def take_another_goal(self) -> None:
        """Have another goal by chance, and play."""
        self.arena.take_another_goal(self._random)

    def take_another_chance(self) -> None:
        """Let the same be tried again, with other chance."""
        self._seed += 1
        self._plays_next = True
        self.send()

    def export(self) -> None:
        """Ask for a file and write what Play shows to it."""
        reel = self.arena.reel()
        if reel is not None:
            self.films.ask_to_save(reel)

    # Building.

    def _make_actions(self) -> dict[str, Action]:
        about = {
            "play": (
                "Play the adaptation",
                "play",
                "Play what is done before adapting and after each update",
                self._on_play_asked,
            ),
            "another_goal": (
                "Take another goal",
                "dice-multiple-outline",
                "Take another goal by chance, and watch the policy adapt to it",
                self.take_another_goal,
            ),
            "another_chance": (
                "Try again",
                "refresh",
                "Let the policy adapt to the same goal once more, by other chance",
                self.take_another_chance,
            ),
            "export": (
                "Export as a film…",
                "movie-open-outline",
                "Write what Play shows as an animated picture (GIF), or as a video "
                "(MP4) where ffmpeg is installed",
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
        left = QVBoxLayout()
        left.setSpacing(theme.SPACE)
        left.addWidget(self.picker)
        left.addLayout(self._arenas, 1)
        for arena in (self.plane, self.track):
            self._arenas.addWidget(arena)
        return left

    def _connect(self) -> None:
        for arena in (self.plane, self.track):
            arena.goal_moved.connect(self._on_arena_goal_moved)
            arena.released.connect(self._on_arena_released)
            arena.play_asked.connect(self._on_play_asked)
            arena.update_shown.connect(self.side.show_update)
        self.side.update_chosen.connect(self._on_side_update_chosen)
        self.side.updates_changed.connect(self._on_side_updates_changed)
        self.empty.preset_wanted.connect(self._on_empty_preset_wanted)
        self.picker.chosen.connect(self._on_picker_chosen)
        self.walking.walked.connect(self._on_walking_walked)
        self.walking.went.connect(self._on_walking_went)
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
        if self.picker.take_first():
            return
        self._show_runs()
        # What is watched stays where nothing would become of asking again.
        if not self.picker.folders or self._asked() != self._sent:
            self._forget()
            self.send()

    def _on_session_runs_changed(self, _what: object) -> None:
        if self.isVisible():
            self._look_for_runs()

    def _on_picker_chosen(self) -> None:
        self._show_runs()
        self._forget()
        self._plays_next = self.arena.plays_at_once
        self.send()

    def _on_side_update_chosen(self, update: int) -> None:
        self.arena.go_to(update)

    def _on_side_updates_changed(self, updates: int) -> None:
        self.arena.set_updates(updates)
        self.send()

    def _on_arena_goal_moved(self) -> None:
        if not self._is_dragged:
            self._is_dragged = True
            self._plays_next = True
            self.arena.begin_to_drag(self.side.updates.value())
        self.send()

    def _on_arena_released(self) -> None:
        self._is_dragged = False
        if not self.walking.is_busy:
            self._play_if_wanted()

    def _on_play_asked(self) -> None:
        self.arena.bar.play_button.toggle()

    def _on_walking_went(self, walked: Walked) -> None:
        if walked.errand.folders == tuple(self.picker.folders):
            self.side.show_walked(walked)
            self.arena.show_walked(walked)

    def _on_walking_walked(self, walked: Walked) -> None:
        self._on_walking_went(walked)
        if not self._is_dragged and not self.walking.is_busy:
            self._play_if_wanted()

    def _on_empty_preset_wanted(self, name: str) -> None:
        self.session.load_draft(find_preset(name).config, name)
        self.session.show_panel("Experiment")
        self.session.notify(f"{find_preset(name).title}: press Start to train it")

    def _on_films_saved(self, path: Path) -> None:
        self.session.notify(f"Saved {path.name} to {path.parent}", "good")

    def _play_if_wanted(self) -> None:
        if self._plays_next:
            self._plays_next = False
            self.arena.bar.play_anew()

    def _show_runs(self) -> None:
        """Show as many runs as there are, and what to do if there is none."""
        titles, task = self.picker.titles(), self.picker.task()
        self._pages.setCurrentIndex(int(bool(titles)))
        self.side.show_runs(titles)
        before = self.arena
        is_track = isinstance(task, RunningSettings)
        self._arenas.setCurrentWidget(self.track if is_track else self.plane)
        if self.arena is not before:
            before.bar.stop()
            self.arena.set_updates(self.side.updates.value())
        self.arena.show_runs(titles, task)

    def _forget(self) -> None:
        self.side.forget()
        self.arena.forget()

    def _asked(self) -> tuple[Errand, tuple[float, ...]]:
        """Return what the runs are to do, and of when they are."""
        return self._errand(), self.picker.stamps()

    def _errand(self) -> Errand:
        from workbench.core.episodes.actor import Errand

        return Errand(
            self.arena.goal,
            self.arena.start,
            tuple(self.picker.folders),
            self.side.updates.value(),
            self._seed,
        )
