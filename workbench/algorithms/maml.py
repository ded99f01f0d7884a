"""MAML: Finn, Abbeel, Levine (2017), arXiv 1703.03400."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from workbench.core.learning.code import Adapting, descent
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import (
    gradient_step,
    inner_loop,
    query_gradient,
)
from workbench.core.learning.meta_learner import (
    MetaLearner,
    Objective,
    Order,
    TaskGradient,
    inner_lr_setting,
)
from workbench.core.learning.params import Params


class Maml(MetaLearner):
    """Learns weights from which a few gradient steps solve a new task."""

    title = "MAML"
    paper = "Finn, Abbeel, Levine 2017"
    rank = 10
    order: ClassVar[Order] = "second"
    memory = "grows with every inner step"
    update_rule = "θᵢ′ ← θᵢ − α ∇L(θᵢ; S), K times\nθ ← θ − β ∇θ Σ L(θᵢ′; Q) / B"

    kind: Literal["maml"] = "maml"
    inner_lr: float = inner_lr_setting(0.01)

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield theta_k+1 = theta_k - a grad L(theta_k; S)."""
        step = gradient_step(task, self.inner_lr, self.inner_clip)
        return inner_loop(step, meta, batches)

    def code(self) -> Adapting:
        """Return the lines of its steps."""
        return Adapting(descent(str(self.inner_lr), limit=self.inner_clip))

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Differentiate L(theta_K; Q) with respect to theta, through all K steps."""

        def adapted(theta: Params) -> Params:
            return self.adapted(task, theta, episode, state)

        gradient, loss, accuracy = query_gradient(task, adapted, meta, episode.query)
        return TaskGradient(gradient, loss, accuracy, state, {})
