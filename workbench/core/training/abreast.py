"""Runs abreast: the next meta-steps of several outer loops, made as one batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.core.base.lazy import torch
from workbench.core.base.splits import Split
from workbench.core.engine.engine import one_thread
from workbench.core.engine.shared_out import EngineOfRuns
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import MetaLearner, TaskGradient
from workbench.core.learning.params import Params, clip, fill, leaves, tree_map
from workbench.core.training.learning import LearningWith
from workbench.core.training.outer_loop import EVALUATION_SEED, OuterLoop


class Abreast:
    """Outer loops at one meta-step, of configurations that differ in numbers alone.

    Their tensors look into blocks with a leading axis of runs, which a meta-step
    changes in place. Each loop stays whole: it can go on by itself at any time, or in
    another company, which then makes blocks of its own. Every number is, to the last
    bit, that of the loop alone.
    """

    def __init__(self, loops: Sequence[OuterLoop], engine: EngineOfRuns) -> None:
        self.loops, self._engine = loops, engine
        self._settings = _settings(loops)
        first = loops[0]
        self._learning = LearningWith(
            self._alike(first.config.algorithm), first.objective
        )
        self._meta = _block([loop.meta for loop in loops])
        self._state = _block([loop.state for loop in loops])
        self._by_rate = _by_rate(loops)
        self._optimisers = [
            type(first.optimiser).joined([loop.optimiser for loop in alike])
            for alike in self._by_rate
        ]

    def advance(self) -> None:
        """Make the next meta-step of all, for each to go when it comes to it."""
        with one_thread():
            said = self._said()
            gradient = clip(said.gradient, self.loops[0].config.training.meta_clip)
            figures = [said.loss, said.accuracy, _norms(gradient)]
            rows = torch.stack([*figures, *said.extras.values()], 1)
            self._step(gradient)
            fill(self._state, said.state)
            for loop, row in zip(self.loops, rows, strict=True):
                loop.hand(tuple(said.extras), row)

    def curves(self, split: Split, number: int) -> torch.Tensor:
        """Return the curves of each on a chunk of tasks, [runs, tasks, K+1, 4]."""
        examiner = self.loops[0].examiner
        looking = examiner.looking
        with one_thread():
            episodes = examiner.episodes(split, number, EVALUATION_SEED)
            curves: torch.Tensor = self._engine.map_each(
                replace(looking, learner=self._alike(looking.learner)),
                _stack([episodes] * len(self.loops)),
                self._settings,
                self._meta,
                self._state,
            )
            return curves.double()

    def _alike(self, learner: MetaLearner) -> MetaLearner:
        """Return the learner without the numbers that are given as tensors.

        So that what was written down for some loops serves for others as well.
        """
        return learner.model_copy(update=dict.fromkeys(self._settings, 0.0))

    def _said(self) -> TaskGradient:
        episodes = _stack([loop.episodes[loop.step] for loop in self.loops])
        trees = self._settings, self._meta, self._state
        said: TaskGradient = self._engine.mean_each(self._learning, episodes, *trees)
        return said

    def _step(self, gradient: Params) -> None:
        rows = zip(*(leaf.unbind() for leaf in leaves(gradient)), strict=True)
        slopes = dict(zip(self.loops, rows, strict=True))
        for alike, optimiser in zip(self._by_rate, self._optimisers, strict=True):
            optimiser.set_rate(alike[0].rate)
            optimiser.step([slope for loop in alike for slope in slopes[loop]])


def _by_rate(loops: Sequence[OuterLoop]) -> list[list[OuterLoop]]:
    """Part loops by the size of their meta-steps, now and in all that follow."""
    parts = defaultdict[Any, list[OuterLoop]](list)
    for loop in loops:
        training = loop.config.training
        parts[training.meta_lr, training.iterations].append(loop)
    return list(parts.values())


def _settings(loops: Sequence[OuterLoop]) -> Params:
    """Return the learner's rates that are not the same in all loops, one for each."""
    learners = [loop.config.algorithm for loop in loops]
    rates = {
        name: [getattr(learner, name) for learner in learners]
        for name in learners[0].inner_rates()
    }
    return {
        name: torch.tensor(values, device=loops[0].device)
        for name, values in rates.items()
        if len(set(values)) > 1
    }


def _block(trees: Sequence[Params]) -> Params:
    """Bring trees into one, in whose rows they look from now on."""

    def rows_of(*tensors: torch.Tensor) -> torch.Tensor:
        block = torch.stack(tensors)
        for tensor, row in zip(tensors, block, strict=True):
            tensor.data = row
        return block

    return tree_map(rows_of, *trees)


def _stack(episodes: Sequence[Episode]) -> Episode:
    support, query, orders = zip(*episodes, strict=True)
    return Episode(
        Examples(*map(torch.stack, zip(*support, strict=True))),
        Examples(*map(torch.stack, zip(*query, strict=True))),
        None if orders[0] is None else torch.stack(orders),
    )


def _norms(gradient: Params) -> torch.Tensor:
    """Return the norm of each run's gradient."""
    norm = torch.linalg.vector_norm
    norms = [norm(leaf.flatten(1), dim=1) for leaf in leaves(gradient)]
    whole: torch.Tensor = norm(torch.stack(norms, 1), dim=1)
    return whole
