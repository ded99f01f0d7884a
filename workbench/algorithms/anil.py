"""ANIL: Raghu, Raghu, Bengio, Vinyals (2020), arXiv 1909.09157."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Literal

from workbench.core.base.lazy import torch
from workbench.core.learning.code import Adapting, descent
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import inner_loop, query_gradient
from workbench.core.learning.meta_learner import (
    MetaLearner,
    Objective,
    TaskGradient,
    inner_lr_setting,
)
from workbench.core.learning.params import Params, add, clip


class Anil(MetaLearner):
    """MAML whose inner loop adapts the head alone: almost no inner loop."""

    title = "ANIL"
    paper = "Raghu, Raghu, Bengio, Vinyals 2020"
    rank = 60
    order = "second"
    adapts = "the head alone"
    memory = "hardly grows with inner steps"
    update_rule = (
        "hᵢ′ ← hᵢ − α ∇h L(φ, hᵢ; S), K times\nθ ← θ − β ∇θ Σ L(φ, hᵢ′; Q) / B"
    )
    symbols: ClassVar[dict[str, str]] = {
        "h": "weights of the head",
        "φ": "all other weights",
    }

    kind: Literal["anil"] = "anil"
    inner_lr: float = inner_lr_setting(0.1)

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield theta with h_k+1 = h_k - a grad_h L(phi, h_k; S) for its head."""
        embedded = _embedder(task, meta)

        def step(theta: Params, batch: Examples) -> Params:
            head = _head(theta)
            gradient = torch.func.grad(task.head_loss)(head, embedded(batch))
            return theta | add(head, clip(gradient, self.inner_clip), -self.inner_lr)

        return inner_loop(step, meta, batches)

    def code(self) -> Adapting:
        """Return the lines of the head's steps."""
        head = 'k.startswith("head.")'
        return Adapting(descent(str(self.inner_lr), limit=self.inner_clip, only=head))

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Differentiate L(phi, h_K; Q) through all K steps, as MAML does."""

        def adapted(theta: Params) -> Params:
            return self.adapted(task, theta, episode, state)

        gradient, loss, accuracy = query_gradient(task, adapted, meta, episode.query)
        return TaskGradient(gradient, loss, accuracy, state, {})


def _head(params: Params) -> Params:
    return {name: leaf for name, leaf in params.items() if name.startswith("head.")}


def _embedder(task: Objective, meta: Params) -> Callable[[Examples], Examples]:
    """Return a function that embeds a batch, and at once if it is the one before."""
    before: list[tuple[Examples, Examples]] = []

    def embedded(batch: Examples) -> Examples:
        if not before or before[0][0] is not batch:
            before[:] = [(batch, batch._replace(x=task.embed(meta, batch.x)))]
        return before[0][1]

    return embedded
