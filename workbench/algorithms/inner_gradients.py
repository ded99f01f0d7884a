"""Combinations of inner gradients: Nichol, Achiam, Schulman (2018), section 6.2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from typing_extensions import override

from workbench.algorithms.maml import Maml
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import (
    Objective,
    TaskGradient,
    inner_batch_setting,
    inner_lr_setting,
    test_batch_setting,
    training_shots_setting,
)
from workbench.core.learning.params import Params, add, clip, tree_map


class InnerGradients(Maml):
    """Averages the gradients met on the way: what lies between FOMAML and Reptile.

    The mean of all of them is Reptile's direction with plain descent inside, and the
    last one alone first-order MAML's. The one gradient of a single step is that of
    joint training.
    """

    title = "Inner gradients"
    paper = "Nichol, Achiam, Schulman 2018"
    rank = 100
    order = "first"
    needs_examples = True
    memory = "grows by a gradient an inner step"
    update_rule = (
        "φᵢ ← θ, and for k = 1, …, K:\n"
        "gᵢₖ ← ∇L(φᵢ; Sₖ), φᵢ ← φᵢ − α gᵢₖ\n"
        "θ ← θ − β Σ (mean of the last n gᵢₖ) / B"
    )
    symbols: ClassVar[dict[str, str]] = {
        "φ": "a task's weights",
        "g": "an inner gradient",
        "S": "minibatch of the support, or at last the query",
        "n": "averaged gradients",
    }

    kind: Literal["inner-gradients"] = "inner-gradients"  # type: ignore[assignment]
    inner_lr: float = inner_lr_setting(3e-3)
    inner_steps: int = setting(
        4,
        "Inner steps",
        "Minibatches of a training task, of each of which a gradient is taken.",
        ge=1,
        le=1000,
        symbol="K",
        unit="steps",
    )
    averaged: int | None = setting(
        None,
        "Averaged gradients",
        "How many of the last inner gradients the meta-gradient is the mean of: 1 is "
        "first-order MAML, all of them Reptile.",
        none="all",
        ge=1,
        le=1000,
        symbol="n",
        unit="gradients",
    )
    tail: Literal["shared", "separate"] = setting(
        "separate",
        "Last minibatch",
        "Shared: one of the support, like the others. Separate: the whole query set, "
        "none of which was seen before.",
    )
    replacement: bool = setting(
        False,
        "With replacement",
        "Draw each minibatch anew from the whole support set; otherwise minibatches go "
        "through all of it before any example comes again.",
    )
    batch: int | None = inner_batch_setting(25)
    test_batch: int | None = test_batch_setting(None)
    train_shots: int | None = training_shots_setting(None)

    @model_validator(mode="after")
    def _there_are_as_many(self) -> Self:
        if self.averaged is not None and self.averaged > self.inner_steps:
            raise ValueError(
                f"averaged {self.averaged} is above inner_steps {self.inner_steps}"
            )
        return self

    @override
    def shots(self, shots: int) -> int:
        return self.train_shots or shots

    @override
    def inner_batch(self, *, training: bool) -> int | None:
        return self.batch if training else self.test_batch

    @override
    def with_replacement(self) -> bool:
        return self.replacement

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Return the mean of the last n of g_k = grad L(phi_k; S_k), k = 1, ..., K."""
        phi, gradients = meta, list[Params]()
        for batch in self._minibatches(episode):
            if gradients:
                phi = add(phi, gradients[-1], -self.inner_lr)
            gradient: Params = torch.func.grad(task.loss)(phi, batch)
            gradients.append(clip(gradient, self.inner_clip))
        loss, accuracy = task.score(phi, episode.query)
        counted = gradients[-(self.averaged or self.inner_steps) :]
        mean = tree_map(lambda *slopes: sum(slopes) / len(slopes), *counted)
        return TaskGradient(mean, loss, accuracy, state, {})

    def _minibatches(self, episode: Episode) -> Iterator[Examples]:
        if self.tail == "shared":
            yield from episode.batches(self.inner_steps)
        else:
            yield from episode.batches(self.inner_steps - 1)
            yield episode.query
