"""Trust region policy optimisation: Schulman et al. (2015), over meta-parameters.

Tried, and of no help: the curvature of a quarter of the trajectories, as is usual
without adaptation. The step is made three times as fast, but the Jacobian of adaptation
differs so much that after 25 steps navigation had returns of -32 instead of -13.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbench.core.acting.curvature import Curvature
from workbench.core.acting.policy import PolicyObjective
from workbench.core.base.lazy import torch
from workbench.core.engine.engine import Engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import Extra, MetaLearner
from workbench.core.learning.params import Params, add, dot, fill, tree_map
from workbench.core.learning.solvers import conjugate_gradient

SOLVER_STEPS = 10
DAMPING = 1e-5
SHORTER, MOST_TRIES = 0.8, 15
_TINY = 1e-16
_LARGEST = 1e9

EXTRAS = (
    Extra("kl_whole", "Whole KL", "Mean KL of policies before and after "
          "the step that conjugate gradient finds, before it is shortened.", "KL",
          is_log=True),
    Extra("kl", "KL", "Mean KL of policies before and after the step that "
          "was made; 0 where none was.", "KL"),
    Extra("line_search", "Line search", "How often the step was shortened; as often as "
          "it may be where no step was found.", "times"),
    Extra("improvement", "Improvement", "By how much the step improves the surrogate.",
          "surrogate"),
)  # fmt: skip
"""The figures of such a step."""


@dataclass(frozen=True)
class Judged:
    """One task's surrogate loss after adaptation, and its KL."""

    learner: MetaLearner
    objective: PolicyObjective

    def __call__(
        self, meta: Params, state: Params, episode: Episode
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return both."""
        adapted = self.learner.adapted(self.objective, meta, episode, state)
        loss, _ = self.objective.score(adapted, episode.query)
        return loss, self.objective.divergence(adapted, episode.query)


@dataclass(frozen=True)
class TrustRegion:
    """Makes the longest step down a gradient that changes adapted policies so little.

    ``limit`` is the mean KL of tasks' adapted policies, on the states that they came
    to before the step.
    """

    learner: MetaLearner
    objective: PolicyObjective
    engine: Engine
    limit: float

    def step(
        self, episodes: Episode, meta: Params, state: Params, gradient: Params
    ) -> dict[str, torch.Tensor]:
        """Change the meta-parameters in place; return the figures of the step.

        Where no step improves on what there is within the limit none is made.
        """
        whole = self._whole_step(self.curvature(episodes, meta, state), gradient)
        before, _ = self.judge(episodes, meta, state)
        first = kl = before.new_zeros(())
        for tries in range(MOST_TRIES):
            nearer = add(meta, whole, -(SHORTER**tries))
            loss, kl = self.judge(episodes, nearer, state)
            first = first if tries else kl
            if loss < before and kl <= self.limit:
                fill(meta, nearer)
                return _figures(first, kl, tries, before - loss)
        return _figures(first, torch.zeros_like(kl), MOST_TRIES, torch.zeros_like(kl))

    def curvature(
        self, episodes: Episode, meta: Params, state: Params
    ) -> Callable[[Params], Params]:
        """Return what the mean KL's Hessian makes of a vector, through adaptation."""
        curvature = Curvature(self.learner, self.objective)
        return self.engine.mean_given(curvature, episodes, meta, state)

    def judge(
        self, episodes: Episode, meta: Params, state: Params
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return surrogate loss and KL, means over tasks."""
        judged = Judged(self.learner, self.objective)
        loss, kl = self.engine.mean(judged, episodes, meta, state)
        return loss, kl

    def _whole_step(
        self, curvature: Callable[[Params], Params], gradient: Params
    ) -> Params:
        """Return the step of which half its length in curvature is the limit."""

        def damped(vector: Params) -> Params:
            return add(curvature(vector), vector, DAMPING)

        found = conjugate_gradient(damped, gradient, SOLVER_STEPS)
        way, length = found.x, dot(found.x, found.image).clamp_min(_TINY)
        scale = (2 * self.limit / length).sqrt()
        return tree_map(lambda leaf: scale * leaf, way)


def _figures(
    whole: torch.Tensor, kl: torch.Tensor, tries: int, improvement: torch.Tensor
) -> dict[str, torch.Tensor]:
    # Of a wild step it is no number, and the run is none the worse for it.
    told = torch.nan_to_num(whole, nan=_LARGEST).clamp(max=_LARGEST)
    values = told, kl, torch.full_like(kl, tries), improvement
    names = (extra.name for extra in EXTRAS)
    return dict(zip(names, values, strict=True))
