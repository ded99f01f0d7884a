"""How fast adapted policies change with the meta-parameters."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.core.acting.policy import PolicyObjective
from workbench.core.base.lazy import torch
from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.params import Params, tree_map
from workbench.core.learning.solvers import hessian_of


@dataclass(frozen=True)
class Curvature:
    """The Hessian of one task's KL times a vector, through adaptation.

    At what acted the KL has no slope, so that it is the Hessian by the adapted weights
    between the Jacobian of adaptation and its transpose.
    """

    learner: MetaLearner
    objective: PolicyObjective

    def __call__(
        self, vector: Params, meta: Params, state: Params, episode: Episode
    ) -> Params:
        """Return what it makes of the vector."""
        learner, objective = self.learner, self.objective
        adapted, pull = torch.func.vjp(
            lambda theta: learner.adapted(objective, theta, episode, state), meta
        )[:2]
        # WORKAROUND: jvp of a gradient fails under vmap in torch 2.13 ("ZeroTensors
        # are immutable"); a Jacobian is the transpose of its transpose.
        at = tree_map(torch.zeros_like, adapted)
        moved = torch.func.vjp(lambda by: pull(by)[0], at)[1](vector)[0]
        curved = hessian_of(
            lambda theta: objective.divergence(theta, episode.query), adapted
        )(moved)
        product: Params = pull(curved)[0]
        return product
