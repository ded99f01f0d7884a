"""First-order MAML: Finn, Abbeel, Levine (2017); Nichol, Achiam, Schulman (2018)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from workbench.core.episode import Episode, Examples
from workbench.core.inner_loop import gradient_step, inner_loop, last, query_gradient
from workbench.core.meta_learner import MetaLearner, Objective, TaskGradient
from workbench.core.params import Params
from workbench.core.settings import setting


class FirstOrderMaml(MetaLearner):
    """MAML with the Jacobian of the inner loop left out."""

    title = "First-order MAML"
    paper = "Finn, Abbeel, Levine 2017"
    order = "first"
    memory = "the same for any number of inner steps"
    update_rule = "θᵢ′ ← θᵢ − α ∇L(θᵢ; S), K times\nθ ← θ − β Σ ∇L(θᵢ′; Q) / B"

    kind: Literal["fomaml"] = "fomaml"
    inner_lr: float = setting(
        0.01, "Inner learning rate", "Step size of the inner loop.", gt=0, symbol="α"
    )

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield theta_k+1 = theta_k - a grad L(theta_k; S)."""
        step = gradient_step(task, self.inner_lr, self.inner_clip)
        return inner_loop(step, meta, batches)

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Take the gradient of L(.; Q) at the adapted weights theta_K."""
        adapted = last(self.adapt(task, meta, episode.batches(self.inner_steps), state))
        gradient, loss, accuracy = query_gradient(
            task, lambda theta: theta, adapted, episode.query
        )
        return TaskGradient(gradient, loss, accuracy, state, {})
