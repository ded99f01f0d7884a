"""A process's part of a mean: the sums of some of its hands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from workbench.core.base.lazy import torch
from workbench.core.engine.engine import PartedEngine, TaskFunction
from workbench.core.engine.trees import flatten, unflatten
from workbench.core.learning.episode import Episode


class Part(NamedTuple):
    """Tasks, those of a hand after each other, and how many each hand has."""

    episodes: Episode
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, episodes: Episode, hands: Sequence[range]) -> Part:
        """Return the part of a meta-batch that some hands have."""
        which = [task for hand in hands for task in hand]
        return cls(_picked(episodes, which), tuple(map(len, hands)))

    def totals(self, engine: PartedEngine, function: TaskFunction, *shared: Any) -> Any:
        """Return each hand's sum of the function's results, stacked."""
        results = engine.map(function, self.episodes, *shared)
        leaves, shape = flatten(results)
        return unflatten([torch.stack([*self._sums(leaf)]) for leaf in leaves], shape)

    def _sums(self, results: torch.Tensor) -> Iterator[torch.Tensor]:
        """Add up one task after the other, as whoever has them all does."""
        end = 0
        for size in self.sizes:
            first, *others = results[end : end + size]
            end += size
            for other in others:
                first = first + other
            yield first


def _picked(episodes: Episode, which: list[int]) -> Episode:
    leaves, shape = flatten(episodes)
    at = torch.tensor(which, device=episodes.support.x.device)
    picked: Episode = unflatten(
        [None if leaf is None else leaf.index_select(0, at) for leaf in leaves], shape
    )
    return picked
