"""How a learner finds a goal in the plane: its trajectories, update by update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from workbench.core.acting.collecting import Collector, collector_for
from workbench.core.acting.planar import Place, PlanarSettings
from workbench.core.acting.policy import objective_of
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import LoopEngine, one_thread
from workbench.core.learning.episode import Episode, Examples
from workbench.core.training.examining import by_step
from workbench.core.training.trained import Trained

Floats = NDArray[np.floating[Any]]

_NORMAL = 1.96


class Walk(NamedTuple):
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
    def mean_return(self) -> float:
        """The trajectories' mean return."""
        return float(self.returns.mean())

    @property
    def return_ci95(self) -> float:
        """Half the width of the mean return's 95 % interval."""
        if len(self.returns) < 2:
            return 0.0
        return float(_NORMAL * self.returns.std(ddof=1) / len(self.returns) ** 0.5)

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
class Walker:
    """Walks to goals as the learners of one configuration do; for one thread."""

    config: RunConfig
    collector: Collector

    @classmethod
    def of(cls, config: RunConfig) -> Walker:
        """Return one for a configuration with tasks in the plane."""
        return cls(
            config,
            collector_for(
                config.task,
                config.algorithm,
                objective_of(config.model, config.task),
                LoopEngine(),
            ),
        )

    def drawn(self, number: int) -> tuple[Place, Place]:
        """Return goal and start of validation task ``number``."""
        task, generator = self._task, generator_for(0, "look", number)
        row = task.draw_tasks("validation", 1, generator)[0].tolist()
        return (row[0], row[1]), (row[2], row[3])

    def walks(
        self, trained: Trained, goal: Place, start: Place, steps: int, seed: int = 0
    ) -> Walks:
        """Return what is walked before and after each of ``steps`` inner steps.

        Each inner step learns from what was walked before it. Chance is the same for
        every goal, and the same for an inner step however many follow.
        """
        batches = [self._examples(goal, start, seed, at) for at in range(steps + 1)]
        first = batches[:-1] or batches
        support = Examples(
            *(torch.cat(leaves, 1) for leaves in zip(*first, strict=True))
        )
        with one_thread():
            episode = self.collector.collect(
                Episode(support, batches[-1]),
                trained.meta,
                trained.state,
                steps,
                later=self._task.later_steps,
            )
        acted = by_step(episode, steps)
        return Walks(goal, start, tuple(_walk(each, goal) for each in acted))

    @property
    def _task(self) -> PlanarSettings:
        return cast("PlanarSettings", self.config.task)

    def _examples(self, goal: Place, start: Place, seed: int, step: int) -> Examples:
        task, generator = self._task, generator_for(seed, "walk", step)
        shape = 1, task.shots
        row = torch.tensor([*goal, *start]).expand(*shape, 4)
        x = torch.cat([row, task.draw_starts(shape, generator)], -1)
        size = *shape, task.horizon, task.outputs
        return Examples(x, torch.randn(size, generator=generator))


def _walk(acted: Trajectories, goal: Place) -> Walk:
    """Return the walk of one task's trajectories, [1, n, ...]."""
    lengths = acted.lengths[0].long()
    seen = torch.cat([acted.x[0], acted.last[0].unsqueeze(1)], 1)[..., :2]
    times = torch.arange(seen.shape[1]).minimum(lengths[:, None])
    paths = seen.gather(1, times.unsqueeze(-1).expand_as(seen)).double().numpy()
    return Walk(
        paths,
        lengths.double().numpy(),
        acted.returns[0].double().numpy(),
        np.hypot(*(paths[:, -1] - np.array(goal)).T),
        acted.ended[0].bool().numpy(),
    )
