"""Shares runs that are computed together out among threads."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, wait
from typing import Any, Protocol

from workbench.core.base.lazy import torch
from workbench.core.engine.trees import flatten, tensors_of, unflatten
from workbench.core.learning.episode import Episode


class EngineOfRuns(Protocol):
    """Maps a task function over the episodes of several runs."""

    def map_each(self, function: Any, episodes: Episode, *each: Any) -> Any:
        """Return each run's results; what is given has a leading axis of runs."""

    def mean_each(self, function: Any, episodes: Episode, *each: Any) -> Any:
        """Return each run's mean; what is given has a leading axis of runs."""


class SharedOut:
    """Gives each thread as many of the runs, one part of them to the caller's own."""

    def __init__(self, engine: EngineOfRuns, pool: Executor, threads: int) -> None:
        self._engine, self._pool, self._threads = engine, pool, threads

    def map_each(self, function: Any, episodes: Episode, *each: Any) -> Any:
        """Return each run's results; what is given has a leading axis of runs."""
        return self._together(self._engine.map_each, function, (episodes, *each))

    def mean_each(self, function: Any, episodes: Episode, *each: Any) -> Any:
        """Return each run's mean; what is given has a leading axis of runs."""
        return self._together(self._engine.mean_each, function, (episodes, *each))

    def _together(self, method: Callable[..., Any], function: Any, trees: Any) -> Any:
        leaves, shape = flatten(trees)
        own, *others = [
            unflatten([_rows(leaf, *part) for leaf in leaves], shape)
            for part in self._parts(len(tensors_of(leaves)[0]))
        ]
        futures = [self._pool.submit(method, function, *part) for part in others]
        try:
            results = [method(function, *own), *(each.result() for each in futures)]
        finally:
            wait(futures)  # they read what goes on to change
        return _joined(results) if others else results[0]

    def _parts(self, runs: int) -> Iterator[tuple[int, int]]:
        """Return where parts begin and end, of two runs at least: one is no batch."""
        count = max(1, min(self._threads, runs // 2))
        ends = [runs * part // count for part in range(count + 1)]
        return itertools.pairwise(ends)


def _rows(leaf: Any, start: int, end: int) -> Any:
    return leaf[start:end] if isinstance(leaf, torch.Tensor) else leaf


def _joined(trees: list[Any]) -> Any:
    parts = [flatten(tree) for tree in trees]
    rows = zip(*(leaves for leaves, _ in parts), strict=True)
    return unflatten([torch.cat(each) for each in rows], parts[0][1])
