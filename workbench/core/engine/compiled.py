"""Means over tasks by one compiled function: to rounding what torch computes.

What is written in C++ is a tape's operations (``kernel``); what is not on a tape, or
has operations that no kernel is written for, another engine does as always. So it does
where there is no C++ compiler.
"""

from __future__ import annotations

import ctypes
import logging
import operator
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from workbench.core.base.lazy import torch
from workbench.core.engine.shared_out import EngineOfRuns
from workbench.core.engine.tracing import OF_ANOTHER_TORCH, agree, kind
from workbench.core.engine.trees import (
    Shape,
    flatten,
    tensors_in,
    tensors_of,
    unflatten,
)
from workbench.core.learning.episode import Episode

_log = logging.getLogger(__name__)

_MOST_OPERATIONS = 5_000
"""More would take a compiler minutes."""


class _Engine(Protocol):
    def map(self, function: Any, episodes: Episode, *shared: Any) -> Any: ...
    def mean(self, function: Any, episodes: Episode, *shared: Any) -> Any: ...
    def mean_given(
        self, function: Any, episodes: Episode, *shared: Any
    ) -> Callable[[Any], Any]: ...
    def at_once(self, tasks: int) -> int: ...


class _EngineOfRuns(_Engine, EngineOfRuns, Protocol):
    """Computes of one run, and of several."""


class CompiledEngine:
    """Means by kernels, each built when it is first needed; all else by ``other``.

    Which of them makes a mean does not depend on when it is asked for: the first one
    waits for the compiler, unless the kernel is kept from an earlier run. Safe to call
    from several threads.
    """

    def __init__(self, other: _Engine) -> None:
        self._other = other
        self._kernels: dict[Any, Kernel | None] = {}
        self._lock = threading.Lock()

    def map(self, function: Callable[..., Any], episodes: Episode, *shared: Any) -> Any:
        """Return the stacked results."""
        return self._other.map(function, episodes, *shared)

    def mean(
        self, function: Callable[..., Any], episodes: Episode, *shared: Any
    ) -> Any:
        """Return the mean."""
        leaves, shape = flatten((shared, episodes))
        kernel = self._kernel(function, leaves, shape)
        if kernel is None:
            return self._other.mean(function, episodes, *shared)
        return kernel.mean(leaves)

    def mean_given(
        self, function: Callable[..., Any], episodes: Episode, *shared: Any
    ) -> Callable[[Any], Any]:
        """Return the mean as a function of a tree."""
        return self._other.mean_given(function, episodes, *shared)

    def at_once(self, tasks: int) -> int:
        """Return how many tasks the other engine works on."""
        return self._other.at_once(tasks)

    def _kernel(
        self, function: Callable[..., Any], leaves: list[Any], shape: Shape
    ) -> Kernel | None:
        key = function, shape, tuple(map(kind, leaves))
        with self._lock:
            if key not in self._kernels:
                self._kernels[key] = self._checked(function, leaves, shape)
            return self._kernels[key]

    def _checked(
        self, function: Callable[..., Any], leaves: list[Any], shape: Shape
    ) -> Kernel | None:
        """Return a kernel that says what the other engine says; None if there is none.

        RuntimeError is what tapes, kernels and compilers have to say against it.
        """
        shared, episodes = unflatten(leaves, shape)
        try:
            kernel = Kernel(function, episodes, shared)
        except (RuntimeError, *OF_ANOTHER_TORCH) as error:
            _log.warning("Not compiled, computed as without a compiler: %s", error)
            return None
        if agree(kernel.mean(leaves), self._other.mean(function, episodes, *shared)):
            return kernel
        _log.warning("A compiled kernel differed from its call and was dropped.")
        return None


class CompiledEngineOfRuns(CompiledEngine):
    """The same for several runs, given to their kernel one after the other."""

    def __init__(self, other: _EngineOfRuns) -> None:
        super().__init__(other)
        self._other_of_runs = other

    def map_each(
        self, function: Callable[..., Any], episodes: Episode, *each: Any
    ) -> Any:
        """Return each run's results; what is given has a leading axis of runs."""
        return self._other_of_runs.map_each(function, episodes, *each)

    def mean_each(
        self, function: Callable[..., Any], episodes: Episode, *each: Any
    ) -> Any:
        """Return each run's mean; what is given has a leading axis of runs."""
        leaves, shape = flatten((each, episodes))
        of_one = [x[0] if isinstance(x, torch.Tensor) else x for x in leaves]
        kernel = self._kernel(function, of_one, shape)
        if kernel is None:
            return self._other_of_runs.mean_each(function, episodes, *each)
        return kernel.mean_each(leaves)


class Kernel:
    """The mean of a function over tasks, for arguments laid out like these."""

    def __init__(
        self, function: Callable[..., Any], episodes: Episode, shared: tuple[Any, ...]
    ) -> None:
        from workbench.core.engine.kernel import source_of
        from workbench.core.engine.kernel_building import built
        from workbench.core.engine.tape import Tape

        leaves, shape = flatten((shared, episodes.tasks(0)))
        leaves = [x.detach() if isinstance(x, torch.Tensor) else x for x in leaves]
        tape = Tape(tensors_of(leaves), _MOST_OPERATIONS)
        with tape:
            of_all, episode = unflatten(leaves, shape)
            results, self._shape = flatten(function(*of_all, episode))
        self._shapes = [result.shape for result in results]
        self._sizes = [shape.numel() for shape in self._shapes]
        self._dtype = results[0].dtype
        self._tasks = len(episodes.support.x)
        each = [leaf.stride(0) for leaf in tensors_in(episodes)]
        steps = [0] * (len(tensors_of(leaves)) - len(each)) + each
        self._steps = (ctypes.c_long * len(steps))(*steps)
        text, self._constants = source_of(
            tape.listing(results),
            len(steps) - len(each),
            Path(__file__).with_name("kernel.h").read_text("utf-8"),
        )
        self._pointers = ctypes.c_void_p * (len(steps) + len(self._constants))
        self._run = built(text)

    def mean(self, leaves: list[Any]) -> Any:
        """Return the mean of the results over tasks."""
        places = [tensor.data_ptr() for tensor in tensors_of(leaves)]
        out = torch.empty(sum(self._sizes), dtype=self._dtype)
        self._write(out, places)
        return self._tree(out)

    def mean_each(self, leaves: list[Any]) -> Any:
        """Return the means of several runs, on whose axis all leaves begin."""
        tensors = tensors_of(leaves)
        places = [tensor.data_ptr() for tensor in tensors]
        steps = [tensor.stride(0) * tensor.itemsize for tensor in tensors]
        out = torch.empty(len(tensors[0]), sum(self._sizes), dtype=self._dtype)
        for row in out:
            self._write(row, places)
            places = list(map(operator.add, places, steps))
        return self._tree(out)

    def _write(self, out: torch.Tensor, places: list[int]) -> None:
        """Write the means for arguments at these places in memory."""
        inputs = self._pointers(*places, *(each.data_ptr() for each in self._constants))
        self._run(inputs, self._steps, out.data_ptr(), self._tasks)

    def _tree(self, out: torch.Tensor) -> Any:
        parts = out.split_with_sizes(self._sizes, -1)
        results = [
            part.view((*out.shape[:-1], *shape))
            for part, shape in zip(parts, self._shapes, strict=True)
        ]
        return unflatten(results, self._shape)
