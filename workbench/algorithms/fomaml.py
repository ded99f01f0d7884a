"""First-order MAML: Finn, Abbeel, Levine (2017); Nichol, Achiam, Schulman (2018)."""

from __future__ import annotations

from typing import Literal

from workbench.algorithms.maml import Maml
from workbench.core.learning.episode import Episode
from workbench.core.learning.inner_loop import query_gradient
from workbench.core.learning.meta_learner import Objective, TaskGradient
from workbench.core.learning.params import Params


class FirstOrderMaml(Maml):
    """MAML with the Jacobian of the inner loop left out."""

    title = "First-order MAML"
    paper = "Finn, Abbeel, Levine 2017"
    rank = 20
    order = "first"
    memory = "the same for any number of inner steps"
    update_rule = "θᵢ′ ← θᵢ − α ∇L(θᵢ; S), K times\nθ ← θ − β Σ ∇L(θᵢ′; Q) / B"

    kind: Literal["fomaml"] = "fomaml"  # type: ignore[assignment]

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Take the gradient of L(.; Q) at the adapted weights theta_K."""
        adapted = self.adapted(task, meta, episode, state)
        gradient, loss, accuracy = query_gradient(
            task, lambda theta: theta, adapted, episode.query
        )
        return TaskGradient(gradient, loss, accuracy, state, {})
