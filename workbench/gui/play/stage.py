"""What is on show: goal, start, and the walks of each run at the timeline's moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from workbench.core.acting.planar import Place, PlanarSettings
from workbench.gui.play.scene import Moment, Scene
from workbench.gui.play.timeline import named
from workbench.gui.play.walk_columns import told_return

if TYPE_CHECKING:
    from workbench.core.episodes.walkers import Journey
    from workbench.core.episodes.walks import Walks
    from workbench.gui.play.walking import Walked

_HINT = "Click where the goal shall be, or drag it"
_MARGIN = 1.1
_NEAREST, _FARTHEST = 0.75, 2.0


class Stage(QObject):
    """Knows what each plane is to show.

    ``goal`` and ``start`` are the person's; the walks shown may still be those to the
    goal before. While it ``is_new`` to them, it says what they can do.

    Signals:
        changed(): another scene is to be shown.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.goal: Place = (0.3, 0.3)
        self.start: Place = (0.0, 0.0)
        self.reach = _NEAREST
        self.moment = Moment()
        self.journeys: tuple[Journey, ...] = ()
        self.is_new = True
        self._reached_for: tuple[object, ...] = ()

    def show_walked(self, walked: Walked) -> None:
        """Show how an errand went; of other runs, from as far as they walk."""
        self.journeys = walked.journeys
        runs = tuple((each.folder, each.step) for each in self.journeys)
        if runs != self._reached_for:
            self._reached_for = runs
            self.reach = self._whole()
        self.changed.emit()

    def set_moment(self, moment: Moment) -> None:
        """Show another moment."""
        self.moment = moment
        self.changed.emit()

    def set_reach(self, reach: float) -> None:
        """Look from farther away, or nearer."""
        self.reach = reach
        self.changed.emit()

    def scene(self, number: int) -> Scene:
        """Return what the plane of a run shows."""
        if number >= len(self.journeys):
            scene = Scene(self.goal, self.start, reach=self.reach)
            return scene._replace(words="The run is being loaded…")
        journey = self.journeys[number]
        task = cast("PlanarSettings | None", journey.task)
        is_started = task is not None and task.has_start
        return Scene(
            self.goal,
            self.start if is_started else (0.0, 0.0),
            _walks(journey),
            task,
            self.moment,
            self.reach,
            journey.problem or self._words_now(number),
        )

    def words(self, number: int) -> list[str]:
        """Return what is written into a plane, by update."""
        walks = _walks(self.journeys[number])
        updates = () if walks is None else walks.updates
        return [
            f"{named(update).capitalize()}\nreturn {told_return(walk)}"
            for update, walk in enumerate(updates)
        ]

    def spoken(self, number: int) -> str:
        """Return what a plane shows, for who does not see it."""
        x, y = self.goal
        goal = f"Goal at {x:.2f}, {y:.2f}."
        if number >= len(self.journeys):
            return goal
        journey = self.journeys[number]
        walks = _walks(journey)
        if walks is None:
            return f"{goal} {journey.problem}"
        walk = walks.updates[min(self.moment.update, walks.steps)]
        words = self._words_now(number).replace("\n", ": ")
        return f"{goal} {words}, {walk.distance:.2f} from the goal at the end."

    def _words_now(self, number: int) -> str:
        words = self.words(number)
        now = words[min(self.moment.update, len(words) - 1)] if words else ""
        return f"{now}\n{_HINT}" if now and self.is_new else now

    def _whole(self) -> float:
        """Return from how far away the mean walks of those who adapted can be seen."""
        walks = [shown for shown in map(_walks, self.journeys) if shown is not None]
        adapted = [walk for each in walks for walk in each.updates[1:]]
        paths = [abs(walk.mean_path).max() for walk in adapted]
        return min(max([_NEAREST, *(_MARGIN * float(far) for far in paths)]), _FARTHEST)


def _walks(journey: Journey) -> Walks | None:
    return cast("Walks | None", journey.walks)
