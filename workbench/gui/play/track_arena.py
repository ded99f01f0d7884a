"""Tracks side by side: a velocity or a way is chosen, and who runs finds it out."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.core.acting.running import RunningSettings
from workbench.core.acting.settings import ActingSettings
from workbench.core.base import figures
from workbench.gui.graphs.track import Lane
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.play.arena import Arena
from workbench.gui.play.film import EVERY, GAP, LAST_MS, Reel, titled
from workbench.gui.play.goal_chooser import GoalChooser
from workbench.gui.play.play_bar import FRAME_MS
from workbench.gui.play.race_bar import RaceBar
from workbench.gui.play.timeline import named
from workbench.gui.play.track_view import TrackView, paint_lanes
from workbench.gui.play.walk_columns import told_return
from workbench.gui.play.walking import Walked
from workbench.gui.shell.run_picker import lasting_title_of

if TYPE_CHECKING:
    from workbench.core.episodes.gaits import Gait, Gaits
    from workbench.core.episodes.walkers import Journey

_HINT = "The star runs at the goal velocity; the dots are all trajectories"
_WAY_HINT = "The star shows the way; the dots are all trajectories"
_MANY = 6
"""So many updates leave a lane no room for a second line."""

_WIDE, _HIGH = 480, 128
"""How large a lane is in a film, in pixels."""


class TrackArena(Arena):
    """Tracks side by side, the goal above them, and the time since the start."""

    plays_at_once = True

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chooser = GoalChooser()
        self.tracks = [TrackView(number) for number in range(most)]
        self.bar = self.race = RaceBar()
        self.journeys: tuple[Journey, ...] = ()
        self._titles: Sequence[str] = ()
        self._updates = self._chosen = 3
        self._is_new = True
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.chooser)
        column.addLayout(row, 1)
        column.addWidget(self.race)
        for track in self.tracks:
            row.addWidget(track, 1)
            track.update_chosen.connect(self.go_to)
            track.play_asked.connect(self.play_asked)
        self.chooser.goal_moved.connect(self._on_chooser_goal_moved)
        self.chooser.released.connect(self.released)
        self.race.moved.connect(self._show)

    @property
    @override
    def goal(self) -> tuple[float]:
        return (self.chooser.goal,)

    @override
    def show_runs(self, titles: Sequence[str], task: ActingSettings | None) -> None:
        assert isinstance(task, RunningSettings)
        self.chooser.show_task(task)
        self._titles = titles
        for number, track in enumerate(self.tracks):
            is_there = number < len(titles)
            track.setVisible(is_there)
            of = f"Track of {titles[number]}" if is_there else "Track"
            track.setAccessibleName(of)
        self._show()

    @override
    def forget(self) -> None:
        self.journeys = ()
        self._show()

    @override
    def show_walked(self, walked: Walked) -> None:
        # Of who has not run yet, what was run for the goal before stays.
        waiting = self.journeys[len(walked.journeys) :]
        self.journeys = (*walked.journeys, *waiting)
        durations = [gaits.duration for gaits in map(_gaits, self.journeys) if gaits]
        if durations:
            self.race.set_duration(max(durations))
        self._show()

    @override
    def set_updates(self, updates: int) -> None:
        self._updates = self._chosen = updates
        self._show()

    @override
    def go_to(self, update: int) -> None:
        self._chosen = update
        self._show()

    @override
    def begin_to_drag(self, updates: int) -> None:
        self.race.stop()

    @override
    def take_another_goal(self, chance: Random) -> None:
        self.chooser.take_another(chance)

    @override
    def reel(self) -> Reel | None:
        numbers = range(len(self.journeys))
        # Who sees a film has nothing to find out about the window.
        runs = [self.lanes(number, has_hint=False) for number in numbers]
        runs = [[lane._replace(is_chosen=False) for lane in run] for run in runs if run]
        if not runs:
            return None
        shown, frames = colours(), range(0, self.race.slider.maximum() + 1, EVERY)
        places = max(map(len, runs))

        def paint(painter: QPainter, number: int) -> None:
            seconds = frames[number] * FRAME_MS / 1000
            for row, lanes in enumerate(runs):
                area = QRectF(row * (_WIDE + GAP), 0, _WIDE, places * _HIGH)
                painter.fillRect(area, shown.background)
                now = [lane._replace(seconds=seconds) for lane in lanes]
                paint_lanes(painter, area, now, places, (shown, shown.run(row)))

        size = QSize(len(runs) * (_WIDE + GAP) - GAP, places * _HIGH)
        each = [EVERY * FRAME_MS] * (len(frames) - 1)
        reel = Reel(size, [*each, LAST_MS], shown.text, paint)
        done = [each for each in self.journeys if _gaits(each) is not None]
        return titled(reel, [lasting_title_of(each.folder) for each in done])

    def lanes(self, number: int, *, has_hint: bool = True) -> list[Lane]:
        """Return the lanes of a run at the time shown."""
        gaits = _gaits(self.journeys[number]) if number < len(self.journeys) else None
        if gaits is None:
            return []
        chosen, now = min(self._chosen, gaits.steps), self.race.seconds
        words = [_words(update, gait) for update, gait in enumerate(gaits.updates)]
        if has_hint and self._is_new and self._updates < _MANY:
            words[0] += f"\n{_WAY_HINT if gaits.is_way else _HINT}"
        return [
            Lane(gaits, update, now, said, update == chosen)
            for update, said in enumerate(words)
        ]

    def _on_chooser_goal_moved(self) -> None:
        self._is_new = False
        self.goal_moved.emit()

    def _show(self) -> None:
        for number, track in enumerate(self.tracks[: len(self._titles)]):
            lanes = self.lanes(number)
            places = max(self._updates + 1, len(lanes))
            track.show_lanes(lanes, places, self._beside(number))
        self.update_shown.emit(self._chosen)

    def _beside(self, number: int) -> str:
        """Return what there is to say beside lanes."""
        if number >= len(self.journeys):
            return "The run is being loaded…"
        journey = self.journeys[number]
        gaits = _gaits(journey)
        if gaits is None:
            return journey.problem
        return "Adapting…" if gaits.steps < self._updates else ""


def _gaits(journey: Journey) -> Gaits | None:
    return cast("Gaits | None", journey.walks)


def _words(update: int, gait: Gait) -> str:
    speed = figures.signed(gait.velocity, 2)
    return f"{named(update).capitalize()}: return {told_return(gait)}, {speed} m/s"
