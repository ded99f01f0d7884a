"""The inner loop: it yields its iterates, for training, curves and sketches alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from workbench.core.base.lazy import torch
from workbench.core.learning.episode import Examples
from workbench.core.learning.meta_learner import Objective
from workbench.core.learning.params import Params, add, clip

T = TypeVar("T")


def inner_loop(
    step: Callable[[T, Examples], T], start: T, batches: Iterable[Examples]
) -> Iterator[T]:
    """Yield ``start`` and then what ``step`` makes of it, batch by batch."""
    iterate = start
    yield iterate
    for batch in batches:
        iterate = step(iterate, batch)
        yield iterate


def gradient_step(
    task: Objective, rate: float, limit: float | None
) -> Callable[[Params, Examples], Params]:
    """Return the step theta <- theta - rate * grad L(theta; batch)."""

    def step(theta: Params, batch: Examples) -> Params:
        return add(theta, clip(torch.func.grad(task.loss)(theta, batch), limit), -rate)

    return step


def last(iterates: Iterator[T]) -> T:
    """Return the last iterate, holding no more than one at a time."""
    for iterate in iterates:
        final = iterate
    return final


def query_gradient(
    task: Objective,
    adapted: Callable[[Params], Params],
    at: Params,
    query: Examples,
) -> tuple[Params, torch.Tensor, torch.Tensor]:
    """Return the gradient at ``at`` of L(adapted(.); Q), with loss and accuracy."""

    def query_loss(params: Params) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        loss, accuracy = task.score(adapted(params), query)
        return loss, (loss, accuracy)

    gradient, (loss, accuracy) = torch.func.grad(query_loss, has_aux=True)(at)
    return gradient, loss, accuracy
