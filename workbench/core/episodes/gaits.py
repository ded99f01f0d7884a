"""How a learner runs towards its goal: poses over time, update by update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from typing_extensions import override

from workbench.core.acting.figure import Figure
from workbench.core.acting.running import Course, RunningSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.episodes.actor import Actor, Errand, Floats, Returned
from workbench.core.training.trained import Trained


@dataclass(frozen=True)
class Gait(Returned):
    """Trajectories under the weights after some inner steps.

    ``poses`` is [n, horizon + 1, angles and place], ``returns`` is [n], and so are
    ``figures``, by name, of which the first is the velocity. ``tallest`` is how high
    any limb of the typical trajectory comes, in metres.
    """

    poses: Floats
    returns: Floats
    figures: dict[str, Floats]
    tallest: float = 0.0

    @property
    def typical(self) -> int:
        """The trajectory whose return is the nearest to the mean."""
        return _typical(self.returns)

    @property
    def velocity(self) -> float:
        """The mean velocity."""
        return float(next(iter(self.figures.values())).mean())

    def poses_at(self, time: float) -> Floats:
        """Return all trajectories' poses at a time, in steps, also between two."""
        last = self.poses.shape[1] - 1
        at = min(max(time, 0.0), float(last))
        before = min(int(at), last - 1)
        one, other = self.poses[:, before], self.poses[:, before + 1]
        between: Floats = one + (at - before) * (other - one)
        return between


class Gaits(NamedTuple):
    """A goal, who runs for it, and the gaits after 0, 1, 2, … inner steps.

    ``seconds`` is what one step of a trajectory takes.
    """

    goal: float
    told_goal: str
    is_way: bool
    figure: Figure
    seconds: float
    updates: tuple[Gait, ...]

    @property
    def steps(self) -> int:
        """How many inner steps were taken."""
        return len(self.updates) - 1

    @property
    def tallest(self) -> float:
        """How high any limb comes that is drawn."""
        return max(gait.tallest for gait in self.updates)

    @property
    def duration(self) -> float:
        """The seconds that a trajectory takes."""
        steps: int = self.updates[0].poses.shape[1] - 1
        return self.seconds * steps


@dataclass(frozen=True)
class Runner(Actor[Gaits]):
    """Runs as fast as it shall, or that way."""

    @override
    def going(self, trained: Trained, errand: Errand) -> Iterator[Gaits]:
        return self._running(trained, errand.goal[0], errand.steps, errand.seed)

    @override
    def look(self, trained: Trained, number: int, steps: int) -> Gaits:
        return self.gaits(trained, self.row(number)[0], steps)

    def gaits(self, trained: Trained, goal: float, steps: int, seed: int = 0) -> Gaits:
        """Return what is run before and after each of ``steps`` inner steps."""
        *_, gaits = self._running(trained, goal, steps, seed)
        return gaits

    def _running(
        self, trained: Trained, goal: float, steps: int, seed: int
    ) -> Iterator[Gaits]:
        task = cast("RunningSettings", self.task)
        course = cast("Course", self.collector.environment)
        told, is_way = task.told_goal(goal), bool(task.ways)
        gaits = Gaits(goal, told, is_way, course.figure, course.seconds, ())
        for acted in self.acted(trained, (goal,), steps, seed):
            gaits = gaits._replace(updates=(*gaits.updates, _gait(acted, course)))
            yield gaits


def _gait(acted: Trajectories, course: Course) -> Gait:
    """Return the gait of one task's trajectories, [1, n, ...]."""
    figures = course.figures(acted)
    poses = course.poses(acted)[0].double().numpy()
    returns = acted.returns[0].double().numpy()
    return Gait(
        poses,
        returns,
        {name: figures[name][0].double().numpy() for name in course.figures_told},
        float(course.figure.posed(poses[_typical(returns)])[..., 1].max()),
    )


def _typical(returns: Floats) -> int:
    return int(np.abs(returns - returns.mean()).argmin())
