"""How a function written for one task is run over a meta-batch.

Every engine but the plain loop writes down what the function does and replays it
(``tracing``). Small networks are run for all tasks at once in one thread; pictures on a
CPU one task after the other in as many threads as there are cores, each computing with
one; everything on a GPU at once, where the whole meta-step is replayed as a CUDA graph
(``cuda_graph``). Who asks for it has small networks compiled (``compiled``).
``tests/benchmarks/against_peers.py`` measures it.

Tried on a CPU, and of no help:

- ``vmap`` over convolutions: slower than the loop, and four times the memory.
- Cores that share one operation: a meta-step on sinusoids has a hundred operations of
  microseconds, and beside another process every shared one waits for its turn.
- ``make_fx`` to write the operations down: two seconds where the tape takes a tenth,
  and three times as many operations left to do.
- ``torch.compile`` of a whole task: faster by 1.4, after 80 seconds and with a C++
  compiler at hand. Of a whole meta-gradient on sinusoids it is behind a kernel that
  takes one task after the other, whose numbers a core's own cache holds.
- Matrix products of patches beyond the first layer, but for the few outputs of small
  support sets: half the speed of oneDNN.
- A convolution's two gradients in one call: no faster than one after the other.
- Weights arranged for oneDNN beforehand: 20 microseconds a call, but only for maps, not
  for gradients, and every inner step has new ones.
- Tasks side by side in a grouped convolution: a fifth faster on support sets of five
  pictures, by arithmetic alone; not built, for the queries are most of the memory.
- The moments of all patches of 75 pictures of 84x84 pixels: they take as long as the
  batch norm that they spare, and so are taken of small sets alone.
- Max-pooling as the maximum of four views: twice as fast forward, but the way back
  needs the places.
- Results written over arguments that nothing needs any more: four percent on
  sinusoids, nothing on pictures, whose time is in the convolutions.
- Torch's batch norm with channels last: fast, but a second-order gradient kept three
  digits of it in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from typing_extensions import override

from workbench.core.base.lazy import torch
from workbench.core.engine.compiled import CompiledEngine
from workbench.core.engine.memory import keep_freed_memory
from workbench.core.engine.tracing import Traces
from workbench.core.engine.trees import tensors_in
from workbench.core.learning.episode import Episode
from workbench.core.learning.task_family import TaskSettings

TaskFunction = Callable[..., Any]
"""A pure function (*shared, episode) of one task; its result is a tree of tensors."""


_HANDS = 8
_LARGE_PICTURE = 64 * 64
"""Numbers in a picture whose maps, of all queries, are tens of megabytes."""


class Engine(Protocol):
    """Maps a task function over the episodes of a meta-batch."""

    def map(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the results of all tasks, stacked along a leading task axis."""

    def mean(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the mean of the results over tasks."""

    def mean_given(
        self, function: TaskFunction, episodes: Episode, *shared: Any
    ) -> Callable[[Any], Any]:
        """Return the mean of function(tree, *shared, episode) as one of the tree.

        All but the tree have to stay what they are.
        """
        return lambda tree: self.mean(function, episodes, tree, *shared)

    def at_once(self, tasks: int) -> int:
        """Return how many of so many tasks are worked on at the same time."""


class PartedEngine(Engine):
    """One whose means come of sums that may be made anywhere.

    To the last bit where ``is_exact``: where no task is computed in a batch, whose size
    would decide how it is rounded.
    """

    is_exact = True

    def hands(self, tasks: int) -> list[range]:
        """Return which of so many tasks are added up before all these sums are."""
        return [range(task, task + 1) for task in range(tasks)]

    def mean_of(self, totals: Any, tasks: int) -> Any:
        """Return the mean of which these are the sums of its hands, stacked."""
        return _divide(_sum(_rows(totals)), tasks)


class LoopEngine(PartedEngine):
    """One task after the other, as written: the reference the others must equal.

    It computes in one thread, in evaluations as in meta-steps.
    """

    def map(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the stacked results."""
        with one_thread():
            tasks = _rows(episodes)
            return _stack([function(*shared, episode) for episode in tasks])

    def mean(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the mean, adding up as it goes."""
        with one_thread():
            results = (function(*shared, episode) for episode in _rows(episodes))
            return _divide(_sum(results), len(episodes.support.x))

    def at_once(self, tasks: int) -> int:
        """Return one."""
        return min(1, tasks)


class ThreadEngine(PartedEngine):
    """Tasks side by side in threads that compute with one core each."""

    def __init__(self, threads: int, *, for_large_maps: bool = False) -> None:
        self._threads = threads
        self._for_large_maps = for_large_maps
        self._traces = Traces()
        self._pool = ThreadPoolExecutor(
            threads, "tasks", initializer=lambda: torch.set_num_threads(1)
        )

    def map(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the stacked results."""
        shared = self._prepared(shared)
        results = self._pool.map(
            lambda task: self._traces(function, *shared, task), _rows(episodes)
        )
        return _stack(list(results))

    def mean(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the mean.

        Tasks are added up in a fixed number of hands, whatever the number of threads,
        so that the mean is the same in every run.
        """
        shared = self._prepared(shared)
        tasks = list(_rows(episodes))
        return self._mean(
            [partial(self._traces, function, *shared, task) for task in tasks]
        )

    @override
    def mean_given(
        self, function: TaskFunction, episodes: Episode, *shared: Any
    ) -> Callable[[Any], Any]:
        """Return it; what the tree does not change is done once for each task."""
        shared = self._prepared(shared)
        tasks = [
            self._traces.given(function, *shared, task) for task in _rows(episodes)
        ]

        def mean(tree: Any) -> Any:
            (prepared,) = self._prepared((tree,))
            return self._mean([partial(task, prepared) for task in tasks])

        return mean

    @override
    def hands(self, tasks: int) -> list[range]:
        """Return a fixed number of hands."""
        return [range(start, tasks, _HANDS) for start in range(min(_HANDS, tasks))]

    def _mean(self, tasks: list[Callable[[], Any]]) -> Any:
        def total(hand: range) -> Any:
            return _sum(tasks[task]() for task in hand)

        totals = self._pool.map(total, self.hands(len(tasks)))
        return _divide(_sum(totals), len(tasks))

    def at_once(self, tasks: int) -> int:
        """Return as many as there are threads."""
        return min(self._threads, tasks)

    def _prepared(self, shared: Any) -> Any:
        """Return what all tasks share, laid out for them, before threads begin."""
        keep_freed_memory(for_large_maps=self._for_large_maps)
        return _channels_last(shared)


class VmapEngine(PartedEngine):
    """All tasks at once, as one batch of tensors with a leading task axis.

    On a CPU it computes in one thread: what it is chosen for is too small to share.
    There products of matrices are rounded as in a batch of several runs (``pairing``):
    a run's numbers are the same to the last bit alone and in any company.
    """

    is_exact = False

    def __init__(self) -> None:
        self._traces = Traces()

    def map(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the stacked results."""
        return self._alone(function, False, episodes, *shared)

    def mean(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the mean."""
        return self._alone(function, True, episodes, *shared)

    def map_each(self, function: TaskFunction, episodes: Episode, *each: Any) -> Any:
        """Return each run's results; what is given has a leading axis of runs."""
        with one_thread():
            return self._traces(_over_runs, function, False, episodes, *each)

    def mean_each(self, function: TaskFunction, episodes: Episode, *each: Any) -> Any:
        """Return each run's mean; what is given has a leading axis of runs."""
        with one_thread():
            return self._traces(_over_runs, function, True, episodes, *each)

    def at_once(self, tasks: int) -> int:
        """Return all of them."""
        return tasks

    @override
    def mean_of(self, totals: Any, tasks: int) -> Any:
        """Return the mean, as one of a batch."""
        return _mean_over_tasks(totals)

    def _alone(
        self, function: TaskFunction, averaged: bool, episodes: Episode, *shared: Any
    ) -> Any:
        is_on_cpu = episodes.support.x.device.type == "cpu"
        over = _over_tasks_of_one if is_on_cpu else _over_tasks
        with one_thread():
            return self._traces(over, function, averaged, episodes, *shared)


def choose_engine(
    name: str, device: torch.device, task: TaskSettings, threads: int | None = None
) -> Engine:
    """Return the named engine; ``auto`` is the one measured to be fastest.

    Where tasks are computed in threads these are all of torch's, unless told.
    """
    if name == "compiled":
        other = choose_engine("auto", device, task)
        return CompiledEngine(other) if device.type == "cpu" else other
    if name == "auto":
        name = "threads" if device.type == "cpu" and task.is_large else "vmap"
    if name == "threads":
        return ThreadEngine(
            threads or torch.get_num_threads(),
            for_large_maps=math.prod(task.input_shape) > _LARGE_PICTURE,
        )
    return LoopEngine() if name == "loop" else VmapEngine()


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in the calling thread alone.

    Small operations are not worth sharing between cores, and where another process
    wants a core too, every one of them that is shared waits for its turn.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _over_tasks(
    function: TaskFunction, averaged: bool, episodes: Episode, *shared: Any
) -> Any:
    """Return the function's results for all tasks, or the mean of them."""
    axes = _tree_map(lambda leaf: 0, episodes)
    results = torch.func.vmap(
        lambda episode: function(*shared, episode), in_dims=(axes,)
    )(episodes)
    return _mean_over_tasks(results) if averaged else results


def _mean_over_tasks(results: Any) -> Any:
    return _contiguous(_tree_map(lambda leaf: leaf.mean(0), results))


def _over_runs(
    function: TaskFunction, averaged: bool, episodes: Episode, *each: Any
) -> Any:
    """Return the same for several runs, whose trees have a leading axis of runs."""
    trees = (episodes, *each)
    results = torch.func.vmap(
        lambda *trees: _over_tasks(function, averaged, *trees),
        in_dims=_tree_map(lambda leaf: 0, trees),
    )(*trees)
    return _contiguous(results)


def _over_tasks_of_one(
    function: TaskFunction, averaged: bool, episodes: Episode, *shared: Any
) -> Any:
    """Return the results of one run, rounded as those of several are."""
    from workbench.core.engine.pairing import Paired

    with Paired():
        return _over_tasks(function, averaged, episodes, *shared)


def _tree_map(function: Callable[..., Any], *trees: Any) -> Any:
    from torch.utils import _pytree

    def unless_none(leaf: Any, *others: Any) -> Any:
        return None if leaf is None else function(leaf, *others)

    return _pytree.tree_map(unless_none, *trees)


def _rows(tree: Any) -> Iterator[Any]:
    """Yield the trees of which this one is the stack."""
    for row in range(len(tensors_in(tree)[0])):
        yield _tree_map(lambda leaf, row=row: leaf[row], tree)


def _stack(results: list[Any]) -> Any:
    return _tree_map(lambda *leaves: torch.stack(leaves), *results)


def _sum(results: Iterator[Any]) -> Any:
    total = next(results)
    for result in results:
        total = _tree_map(torch.add, total, result)
    return total


def _divide(total: Any, count: int) -> Any:
    return _contiguous(_tree_map(lambda leaf: leaf / count, total))


def _channels_last(tree: Any) -> Any:
    """Lay convolutions' weights out once as their gradients come, for all tasks."""
    return _tree_map(
        lambda leaf: (
            leaf.contiguous(memory_format=torch.channels_last)
            if leaf.dim() == 4
            else leaf
        ),
        tree,
    )


def _contiguous(tree: Any) -> Any:
    # WORKAROUND: torch's fused optimisers on a CPU take a gradient's numbers as they
    # lie in memory, whatever its strides say.
    return _tree_map(lambda leaf: leaf.contiguous(), tree)
