"""How far meta-gradients are from exact ones: those of an inner problem that is solved.

Rajeswaran et al. (2019), figure 2: what an inner loop comes to, differentiated through
all of its steps, is the truth that both a few steps and implicit gradients come near.
It is in double precision, at the weights that training begins with, on the tasks of its
first meta-batch, and is their median. Where a task's solution lies on a kink, as ReLU
has them, its inner loop goes to and fro and has no derivative: it is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from workbench.core.base.lazy import torch
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import VmapEngine
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import last, query_gradient
from workbench.core.learning.params import Params, leaves, tree_map
from workbench.core.runs.errors import RunError
from workbench.core.training.outer_loop import OuterLoop

_ENOUGH = 64
"""Inner steps, or the learner's own if more, after which an inner loop has ended."""

_CLOSE = 1e-7
"""Of a meta-gradient: twice as many steps change one that is exact by less."""

Found = Callable[[Episode], Params]


def learners_error(config: RunConfig, data: Path, device: str) -> float:
    """Return the relative error, in log10, of the meta-gradient a learner gives."""
    return _Tasks(config, data).error(_Tasks.said)


def unrolled_error(config: RunConfig, data: Path, device: str) -> float:
    """Return that of differentiating through the inner steps instead, as MAML does."""
    return _Tasks(config, data).error(
        lambda tasks: tasks.through(config.algorithm.inner_steps)
    )


class _Tasks:
    """The tasks of a configuration's first meta-batch, and the weights to begin with.

    Meta-gradients are [tasks, parameters].
    """

    def __init__(self, config: RunConfig, data: Path) -> None:
        device = torch.device("cpu")
        loop = OuterLoop(config, config.task.open(data, device), device)
        support, query, order = loop.episodes[0]
        self._episodes = Episode(_double(support), _double(query), order)
        self._meta, self._state = (
            tree_map(lambda leaf: leaf.detach().double(), tree)
            for tree in (loop.meta, loop.state)
        )
        self._objective = loop.objective
        self._learner = config.algorithm

    def error(self, of: Callable[[_Tasks], torch.Tensor]) -> float:
        """Return how far some are from the exact ones, as log10 of a share of these."""
        exact, is_known = self.exact()
        share = float(_relative(of(self) - exact, exact)[is_known].median())
        return math.log10(max(share, _CLOSE))

    def said(self) -> torch.Tensor:
        """Return the meta-gradients that the learner gives."""
        return self._by_task(
            lambda episode: (
                self._objective.task_gradient(
                    self._learner, self._meta, self._state, episode
                ).gradient
            )
        )

    def exact(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what they come to, and for which tasks that is known.

        RunError where it is for none.
        """
        steps = max(self._learner.inner_steps, _ENOUGH)
        before, found = self.through(steps), self.through(2 * steps)
        is_known = _relative(found - before, found) < _CLOSE
        if not is_known.any():
            raise RunError(
                f"{self._learner.title}: after {steps:,} inner steps the weights still "
                "move, and there is no exact meta-gradient to compare with"
            )
        return found, is_known

    def through(self, steps: int) -> torch.Tensor:
        """Return the query loss differentiated through so many inner steps."""

        def of_task(episode: Episode) -> Params:
            def adapted(meta: Params) -> Params:
                batches = episode.batches(steps)
                return last(
                    self._learner.adapt(self._objective, meta, batches, self._state)
                )

            query = episode.query
            return query_gradient(self._objective, adapted, self._meta, query)[0]

        return self._by_task(of_task)

    def _by_task(self, found: Found) -> torch.Tensor:
        gradients: Params = VmapEngine().map(found, self._episodes)
        return torch.cat([leaf.flatten(1) for leaf in leaves(gradients)], 1)


def _double(examples: Examples) -> Examples:
    x, y = examples
    return Examples(x.double(), y.double() if y.is_floating_point() else y)


def _relative(way: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    length = torch.linalg.vector_norm
    share: torch.Tensor = length(way, dim=1) / length(whole, dim=1)
    return share
