"""A learner: MAML whose step becomes shorter each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from workbench.algorithms.maml import Maml
from workbench.core.base.settings import setting
from workbench.core.learning.episode import Examples
from workbench.core.learning.inner_loop import gradient_step
from workbench.core.learning.meta_learner import Objective
from workbench.core.learning.params import Params


class HalfStep(Maml):
    """Learns weights from which steps that become shorter solve a new task."""

    title = "MAML with halving steps"
    paper = "nobody's"
    rank = 500
    update_rule = "θᵢ′ ← θᵢ − α hᵏ ∇L(θᵢ; S), K times\nθ ← θ − β ∇θ Σ L(θᵢ′; Q) / B"
    symbols: ClassVar[Mapping[str, str]] = {"h": "what a step is of the one before"}

    kind: Literal["half-step"] = "half-step"  # type: ignore[assignment]
    factor: float = setting(
        0.5, "Factor", "What each step is of the one before.", gt=0, symbol="h"
    )

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield theta_k+1 = theta_k - a h^k grad L(theta_k; S)."""
        theta = meta
        yield theta
        for number, batch in enumerate(batches):
            rate = self.inner_lr * self.factor**number
            theta = gradient_step(task, rate, self.inner_clip)(theta, batch)
            yield theta

    def code(self) -> None:  # type: ignore[override]
        """Its steps are not written as code."""
