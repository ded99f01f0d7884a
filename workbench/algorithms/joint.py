"""Joint training: the pretrained baseline of Finn, Abbeel, Levine (2017)."""

from __future__ import annotations

from typing import ClassVar, Literal

from workbench.algorithms.maml import Maml
from workbench.core.base.lazy import torch
from workbench.core.learning.episode import Episode
from workbench.core.learning.inner_loop import query_gradient
from workbench.core.learning.meta_learner import Objective, TaskGradient
from workbench.core.learning.params import Params


class Joint(Maml):
    """Learns all tasks at once as if they were one, and is tuned to a task at test."""

    title = "Joint training"
    paper = "Finn, Abbeel, Levine 2017"
    rank = 90
    order = "first"
    adapts = "all weights, at test alone"
    memory = "of a single pass over support and query"
    update_rule = (
        "θ ← θ − β Σ ∇L(θ; S ∪ Q) / B\nat test: θᵢ′ ← θᵢ − α ∇L(θᵢ; S), K times"
    )
    symbols: ClassVar[dict[str, str]] = {"K": "inner steps at test"}
    needs_regression = True
    adapts_in_training = False

    kind: Literal["joint"] = "joint"  # type: ignore[assignment]
    inner_steps: ClassVar[int] = 1  # type: ignore[misc]

    def adapted(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> Params:
        """Return the weights that nothing adapts."""
        return meta

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Take the gradient of L(theta; S and Q) at weights that nothing adapts."""
        support, query = episode.support, episode.query
        everything = type(query)(*map(torch.cat, zip(support, query, strict=True)))
        gradient, loss, accuracy = query_gradient(
            task, lambda theta: theta, meta, everything
        )
        return TaskGradient(gradient, loss, accuracy, state, {})
