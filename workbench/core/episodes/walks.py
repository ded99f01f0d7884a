"""How a learner finds a goal in the plane: its trajectories, update by update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from workbench.core.acting.planar import Place, PlanarSettings, paths_of
from workbench.core.acting.trajectories import Trajectories
from workbench.core.episodes.actor import Actor, Errand, Returned
from workbench.core.training.trained import Trained

Floats = NDArray[np.floating[Any]]
_ORIGIN = (0.0, 0.0)


@dataclass(frozen=True)
class Walk(Returned):
    """Trajectories under the weights after some inner steps.

    ``paths`` is [n, horizon + 1, 2], from the start on; after its end a trajectory
    stays where it ended. ``lengths``, ``returns``, ``distances``, from the goal at the
    end, and ``arrived`` are [n].
    """

    paths: Floats
    lengths: Floats
    returns: Floats
    distances: Floats
    arrived: NDArray[np.bool_]

    @property
    def mean_path(self) -> Floats:
        """The mean of where the trajectories are at each time, [horizon + 1, 2]."""
        mean: Floats = self.paths.mean(0)
        return mean

    @property
    def horizon(self) -> int:
        """How many steps a trajectory may have."""
        return len(self.paths[0]) - 1

    @property
    def distance(self) -> float:
        """The mean distance from the goal at the end."""
        return float(self.distances.mean())

    @property
    def success(self) -> float:
        """The share of trajectories that met the goal."""
        return float(self.arrived.mean())


class Walks(NamedTuple):
    """A task in the plane, and the walks after 0, 1, 2, … inner steps."""

    goal: Place
    start: Place
    updates: tuple[Walk, ...]

    @property
    def steps(self) -> int:
        """How many inner steps were taken."""
        return len(self.updates) - 1


@dataclass(frozen=True)
class Walker(Actor[Walks]):
    """Walks to goals in the plane."""

    @override
    def going(self, trained: Trained, errand: Errand) -> Iterator[Walks]:
        task = cast("PlanarSettings", self.task)
        start = errand.start if task.has_start else _ORIGIN
        goal = cast("Place", errand.goal)
        yield self.walks(trained, goal, start, errand.steps, errand.seed)

    @override
    def look(self, trained: Trained, number: int, steps: int) -> Walks:
        return self.walks(trained, *self.drawn(number), steps)

    def drawn(self, number: int) -> tuple[Place, Place]:
        """Return goal and start of validation task ``number``."""
        row = self.row(number)
        return (row[0], row[1]), (row[2], row[3])

    def walks(
        self, trained: Trained, goal: Place, start: Place, steps: int, seed: int = 0
    ) -> Walks:
        """Return what is walked before and after each of ``steps`` inner steps."""
        acted = self.acted(trained, (*goal, *start), steps, seed)
        return Walks(goal, start, tuple(_walk(each, goal) for each in acted))


def _walk(acted: Trajectories, goal: Place) -> Walk:
    """Return the walk of one task's trajectories, [1, n, ...]."""
    paths = paths_of(acted)[0].double().numpy()
    return Walk(
        paths,
        acted.lengths[0].double().numpy(),
        acted.returns[0].double().numpy(),
        np.hypot(*(paths[:, -1] - np.array(goal)).T),
        acted.ended[0].bool().numpy(),
    )
