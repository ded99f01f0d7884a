"""Lets a learner act in one task, and adapt to it, update by update."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Self, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from workbench.core.acting.collecting import Collector, collector_for
from workbench.core.acting.policy import objective_of
from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import LoopEngine, one_thread
from workbench.core.learning.episode import Episode, Examples
from workbench.core.training.trained import Trained

Floats = NDArray[np.floating[Any]]
Goal: TypeAlias = tuple[float, ...]
Shown = TypeVar("Shown")

_NORMAL = 1.96


@dataclass(frozen=True)
class Errand:
    """A goal put to runs; ``start`` counts where it is part of their tasks.

    A goal is a place in the plane, or a velocity.
    """

    goal: Goal
    start: tuple[float, float]
    folders: tuple[Path, ...]
    steps: int = 3
    seed: int = 0


class Returned:
    """What is told of trajectories whose ``returns`` are [n]."""

    returns: Floats

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


@dataclass(frozen=True)
class Actor(ABC, Generic[Shown]):
    """Acts as the learners of one configuration do; for one thread.

    A subclass says how trajectories in its kind of tasks are shown.
    """

    config: RunConfig
    collector: Collector

    @classmethod
    def of(cls, config: RunConfig) -> Self:
        """Return one for a configuration."""
        objective = objective_of(config.model, config.task)
        task, learner = config.task, config.algorithm
        return cls(config, collector_for(task, learner, objective, LoopEngine()))

    @abstractmethod
    def going(self, trained: Trained, errand: Errand) -> Iterator[Shown]:
        """Yield how an errand goes, as far as it went: what takes long, in parts."""

    @abstractmethod
    def look(self, trained: Trained, number: int, steps: int) -> Shown:
        """Return how validation task ``number`` goes."""

    @property
    def task(self) -> ActingSettings:
        """What is acted in."""
        return cast("ActingSettings", self.config.task)

    def row(self, number: int) -> list[float]:
        """Return what is drawn for validation task ``number``."""
        generator = generator_for(0, "look", number)
        drawn = self.task.draw_tasks("validation", 1, generator)[0]
        return [float(each) for each in drawn]

    def acted(
        self, trained: Trained, row: Sequence[float], steps: int, seed: int
    ) -> Iterator[Trajectories]:
        """Yield what is done before and after each of ``steps`` inner steps.

        Each inner step learns from what was done before it. Chance is the same for
        every task, and the same for an inner step however many follow.
        """
        batches = [self._examples(row, seed, step) for step in range(steps + 1)]
        first = batches[:-1] or batches
        support = Examples(
            *(torch.cat(leaves, 1) for leaves in zip(*first, strict=True))
        )
        done = self.collector.acting(
            Episode(support, batches[-1]),
            trained.meta,
            trained.state,
            steps,
            later=self.task.later_steps,
        )
        with one_thread():
            # Without inner steps, what one would learn from is the same once more.
            yield from done if steps else islice(done, 1)

    def _examples(self, row: Sequence[float], seed: int, step: int) -> Examples:
        task, generator = self.task, generator_for(seed, "walk", step)
        shape = 1, task.shots
        tasks = torch.tensor(row).expand(*shape, len(row))
        x = torch.cat([tasks, task.draw_starts(shape, generator)], -1)
        size = *shape, task.horizon, task.outputs
        return Examples(x, torch.randn(size, generator=generator))
