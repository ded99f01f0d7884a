"""A process's part of a mean, the sums of some of its hands, and how it is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from workbench.core.base.lazy import torch
from workbench.core.engine.cuda_graph import Recorded, Recorder
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


class Computing(NamedTuple):
    """Computes parts by an engine, and those of meta-steps by ``steps``, if it is."""

    engine: PartedEngine
    steps: RecordedPart | None = None

    def totals(
        self, part: Part, function: TaskFunction, *shared: Any, is_step: bool
    ) -> Any:
        """Return each hand's sum; a later call may overwrite those of a meta-step."""
        if is_step and self.steps is not None:
            return self.steps.totals(part, function, *shared)
        return part.totals(self.engine, function, *shared)


class RecordedPart:
    """Computes one part again and again, as it was recorded after some times.

    What is sent and added up for all stays outside: each process records for itself,
    and one that cannot computes as it is written, to the same numbers. What a recorded
    part reads no evaluation may replace: the ``engine`` is for it alone.
    """

    def __init__(self, engine: PartedEngine, record: Recorder) -> None:
        self._engine, self._record = engine, record
        self._kind: tuple[Any, ...] = ()
        self._recorded: Recorded | None = None

    def totals(self, part: Part, function: TaskFunction, *shared: Any) -> Any:
        """Return each hand's sum, which the next call overwrites."""
        kind = (function, part.sizes, *_kind((part.episodes, shared)))
        if self._recorded is None or kind != self._kind:
            self._kind = kind
            self._recorded = Recorded(
                lambda episodes, shared: part._replace(episodes=episodes).totals(
                    self._engine, function, *shared
                ),
                lambda: (),
                self._record,
            )
        return self._recorded(part.episodes, shared)


def _picked(episodes: Episode, which: list[int]) -> Episode:
    leaves, shape = flatten(episodes)
    at = torch.tensor(which, device=episodes.support.x.device)
    picked: Episode = unflatten(
        [None if leaf is None else leaf.index_select(0, at) for leaf in leaves], shape
    )
    return picked


def _kind(tree: Any) -> tuple[Any, ...]:
    """Return what has to be alike for the same work to be done again."""
    leaves, shape = flatten(tree)
    return shape, *(
        (leaf.shape, leaf.dtype) if isinstance(leaf, torch.Tensor) else leaf
        for leaf in leaves
    )
