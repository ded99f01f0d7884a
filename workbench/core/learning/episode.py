"""What is learned from: examples, and episodes of support and query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import NamedTuple

from workbench.core.base.lazy import torch


class Examples(NamedTuple):
    """Inputs with their targets; the first axis of both counts the examples.

    What else is known of examples may stand in another named tuple beside x and y.
    """

    x: torch.Tensor
    y: torch.Tensor


class Episode(NamedTuple):
    """One task: learn from the support, be judged on the query.

    A meta-batch of episodes is an Episode whose tensors have a leading task axis.
    ``order`` holds the rows of the support that each inner step sees, as
    [steps, batch]; without it every step sees the whole support.
    """

    support: Examples
    query: Examples
    order: torch.Tensor | None = None

    def batches(self, steps: int) -> Iterator[Examples]:
        """Yield what each of ``steps`` inner steps learns from."""
        for step in range(steps):
            if self.order is None:
                yield self.support
            else:
                rows = self.order[step % len(self.order)]
                yield type(self.support)(*(leaf[rows] for leaf in self.support))

    def tasks(self, which: int | slice) -> Episode:
        """Return one task of a meta-batch, or some of them."""
        return Episode(
            _of_each(self.support, lambda leaf: leaf[which]),
            _of_each(self.query, lambda leaf: leaf[which]),
            None if self.order is None else self.order[which],
        )

    def split(self, tasks: int) -> list[Episode]:
        """Return a meta-batch in parts of as many tasks."""
        support, query = (
            map(type(of), *(_parts(leaf, tasks) for leaf in of))
            for of in (self.support, self.query)
        )
        orders: Iterable[torch.Tensor | None] = repeat(None)
        if self.order is not None:
            orders = _parts(self.order, tasks)
        return list(map(Episode, support, query, orders))

    def to(self, device: torch.device | str) -> Episode:
        """Return the episode on ``device``."""
        return Episode(
            _of_each(self.support, lambda leaf: leaf.to(device)),
            _of_each(self.query, lambda leaf: leaf.to(device)),
            None if self.order is None else self.order.to(device),
        )


def _of_each(
    examples: Examples, change: Callable[[torch.Tensor], torch.Tensor]
) -> Examples:
    return type(examples)(*map(change, examples))


def _parts(tensor: torch.Tensor, size: int) -> Iterable[torch.Tensor]:
    parts: Iterable[torch.Tensor] = tensor.split(size)  # type: ignore[no-untyped-call]
    return parts
