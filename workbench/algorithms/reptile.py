"""Reptile: Nichol, Achiam, Schulman (2018), arXiv 1803.02999."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import Adapting, descent
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import inner_loop, last
from workbench.core.learning.meta_learner import (
    Extra,
    MetaLearner,
    Objective,
    TaskGradient,
    inner_batch_setting,
    inner_lr_setting,
    test_batch_setting,
    training_shots_setting,
)
from workbench.core.learning.params import Params, add, clip, norm, subtract, tree_map

_DISTANCE = Extra(
    "distance",
    "Distance moved",
    "How far one task's adaptation moves the weights: Reptile follows this way.",
    "distance moved",
)
_DECAY = 0.999
_EPSILON = 1e-8


class Reptile(MetaLearner):
    """Moves the weights towards what each task's training makes of them.

    The slots of the inner Adam live across tasks. The tasks of a meta-batch start from
    the same slots, whose mean is kept, so that tasks stay independent of each other.
    """

    title = "Reptile"
    paper = "Nichol, Achiam, Schulman 2018"
    rank = 30
    order = "first"
    needs_examples = True
    memory = "the same for any number of inner steps"
    update_rule = "Wᵢ ← K steps of the inner optimiser from θ\nθ ← θ + ε Σ (Wᵢ − θ) / B"
    symbols: ClassVar[dict[str, str]] = {
        "W": "a task's weights after the inner steps",
        "ε": "meta learning rate",
    }
    is_displacement = True
    extras = (_DISTANCE,)

    kind: Literal["reptile"] = "reptile"
    inner_lr: float = inner_lr_setting(1e-3)
    inner_optimiser: Literal["adam", "sgd"] = setting(
        "adam",
        "Inner optimiser",
        "Adam without momentum (beta1 = 0), as in the paper, or plain descent.",
    )
    batch: int | None = inner_batch_setting(10)
    test_batch: int | None = test_batch_setting(5)
    train_shots: int | None = training_shots_setting(10)

    def shots(self, shots: int) -> int:
        """Return the training shots, which need not be those at test."""
        return self.train_shots or shots

    def inner_batch(self, *, training: bool) -> int | None:
        """Return the size of the minibatches of the inner loop."""
        return self.batch if training else self.test_batch

    def state(self, params: Params) -> Params:
        """Return the inner Adam's slots: mean squares and the number of steps."""
        if self.inner_optimiser == "sgd":
            return {}
        steps = torch.zeros((), device=next(iter(params.values())).device)
        return {"squares": tree_map(torch.zeros_like, params), "steps": steps}

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield the inner optimiser's iterates; the slots passed are not changed."""
        for theta, _ in self._iterates(task, meta, batches, state):
            yield theta

    def code(self) -> Adapting:
        """Return the lines of the inner optimiser, going on from training's slots."""
        if self.inner_optimiser == "sgd":
            return Adapting(descent(str(self.inner_lr), limit=self.inner_clip))
        clip = f"    torch.nn.utils.clip_grad_value_(w.values(), {self.inner_clip})"
        lines = [
            "w = {k: v.clone().requires_grad_() for k, v in w.items()}",
            f"adam = torch.optim.Adam(w.values(), lr={self.inner_lr}, "
            f"betas=(0.0, {_DECAY}))",
            "for k, v in w.items():  # the slots go on where training left them",
            '    adam.state[v] = {"step": taken.clone(), '
            '"exp_avg": torch.zeros_like(v), "exp_avg_sq": squares[k].clone()}',
            "for _ in range(steps):",
            "    adam.zero_grad()",
            "    loss(w, x, y).backward()",
            *([clip] if self.inner_clip is not None else []),
            "    adam.step()",
        ]
        return Adapting(lines, {"squares": "squares"}, {"taken": "steps"})

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Return theta - W: a step against it moves towards W."""
        batches = episode.batches(self.inner_steps)
        adapted, slots = last(self._iterates(task, meta, batches, state))
        loss, accuracy = task.score(adapted, episode.query)
        moved = subtract(meta, adapted)
        return TaskGradient(moved, loss, accuracy, slots, {_DISTANCE.name: norm(moved)})

    def _iterates(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[tuple[Params, Params]]:
        def step(
            iterate: tuple[Params, Params], batch: Examples
        ) -> tuple[Params, Params]:
            theta, slots = iterate
            gradient = clip(torch.func.grad(task.loss)(theta, batch), self.inner_clip)
            if self.inner_optimiser == "adam":
                gradient, slots = _scaled(gradient, slots)
            return add(theta, gradient, -self.inner_lr), slots

        return inner_loop(step, (meta, state), batches)


def _scaled(gradient: Params, slots: Params) -> tuple[Params, Params]:
    """Return g / (sqrt(v) + eps), Adam with beta1 = 0, and the new slots."""
    squares = tree_map(
        lambda v, g: _DECAY * v + (1 - _DECAY) * g * g, slots["squares"], gradient
    )
    steps = slots["steps"] + 1
    correction = (-torch.expm1(steps * math.log(_DECAY))).sqrt()
    direction = tree_map(
        lambda g, v: g * correction / (v.sqrt() + _EPSILON), gradient, squares
    )
    return direction, {"squares": squares, "steps": steps}
