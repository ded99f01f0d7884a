"""What is told of a run's walks or gaits, column by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.core.acting.running import RIGHT_WAY
from workbench.core.base import figures
from workbench.core.base.phrases import percent

if TYPE_CHECKING:
    from workbench.core.episodes.actor import Returned
    from workbench.core.episodes.walkers import Shown


class Column(NamedTuple):
    """What a column tells of an update, given its number and what was done."""

    title: str
    tip: str
    told: Callable[[int, Any], str]


_FIRST = (
    Column(
        "Updates",
        "How often the policy was updated on what it had done before",
        lambda update, _: str(update),
    ),
    Column(
        "Return",
        "Mean sum of rewards with its 95 % interval",
        lambda _, done: told_return(done),
    ),
)
OF_WALKS = (
    *_FIRST,
    Column(
        "Distance",
        "Mean distance from the goal where the trajectories end",
        lambda _, walk: f"{walk.distance:.2f}",
    ),
    Column(
        "At goal",
        "Trajectories that end at the goal, nearer than 0.01 along both axes",
        lambda _, walk: percent(walk.success),
    ),
)
_KNOWN = {
    "velocity": ("m/s", "Mean velocity in metres a second"),
    "distance": (
        "Off by",
        "Mean difference between velocity and goal velocity, in metres a second",
    ),
    "success": (RIGHT_WAY, "Trajectories that were run the right way"),
}


def columns_of(shown: Shown) -> tuple[Column, ...]:
    """Return the columns for what a run did."""
    from workbench.core.episodes.gaits import Gaits

    if not isinstance(shown, Gaits):
        return OF_WALKS
    return _FIRST + tuple(map(_mean_of, shown.updates[0].figures))


def told_return(done: Returned) -> str:
    """Return a mean return with its interval."""
    return figures.told_return(done.mean_return, done.return_ci95)


def _mean_of(name: str) -> Column:
    title, tip = _KNOWN.get(name, (name.capitalize(), f"Mean {name}"))

    def told(_: int, gait: Any) -> str:
        mean = float(gait.figures[name].mean())
        return percent(mean) if name == "success" else figures.signed(mean, 2)

    return Column(title, tip, told)
