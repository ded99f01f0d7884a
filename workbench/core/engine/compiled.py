"""Means over tasks by one compiled function: to rounding what torch computes.

What is written in C++ is a tape's operations (``kernel``); what is not on a tape, or
has operations that no kernel is written for, another engine does as always. So it does
where there is no C++ compiler.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from workbench.core.base.lazy import torch
from workbench.core.engine.tracing import OF_ANOTHER_TORCH, agree, kind
from workbench.core.engine.trees import flatten, tensors_in, tensors_of, unflatten
from workbench.core.learning.episode import Episode

_log = logging.getLogger(__name__)

_MOST_OPERATIONS = 5_000
"""More would take a compiler minutes."""


class _Engine(Protocol):
    def map(self, function: Any, episodes: Episode, *shared: Any) -> Any: ...
    def mean(self, function: Any, episodes: Episode, *shared: Any) -> Any: ...
    def at_once(self, tasks: int) -> int: ...


class CompiledEngine:
    """Means by kernels, each built when it is first needed; all else by ``other``.

    Which of them makes a mean does not depend on when it is asked for: the first one
    waits for the compiler, unless the kernel is kept from an earlier run.
    """

    def __init__(self, other: _Engine) -> None:
        self._other = other
        self._kernels: dict[Any, Kernel | None] = {}

    def map(self, function: Callable[..., Any], episodes: Episode, *shared: Any) -> Any:
        """Return the stacked results."""
        return self._other.map(function, episodes, *shared)

    def mean(
        self, function: Callable[..., Any], episodes: Episode, *shared: Any
    ) -> Any:
        """Return the mean."""
        leaves, shape = flatten((shared, episodes))
        key = function, shape, tuple(map(kind, leaves))
        if key not in self._kernels:
            self._kernels[key] = self._checked(function, episodes, shared)
        kernel = self._kernels[key]
        if kernel is None:
            return self._other.mean(function, episodes, *shared)
        return kernel.mean(tensors_of(leaves), len(episodes.support.x))

    def at_once(self, tasks: int) -> int:
        """Return how many tasks the other engine works on."""
        return self._other.at_once(tasks)

    def _checked(
        self, function: Callable[..., Any], episodes: Episode, shared: tuple[Any, ...]
    ) -> Kernel | None:
        """Return a kernel that says what the other engine says; None if there is none.

        RuntimeError is what tapes, kernels and compilers have to say against it.
        """
        expected = self._other.mean(function, episodes, *shared)
        tensors = tensors_in((shared, episodes))
        try:
            kernel = Kernel(function, episodes, shared)
        except (RuntimeError, *OF_ANOTHER_TORCH) as error:
            _log.warning("Not compiled, computed as without a compiler: %s", error)
            return None
        if agree(kernel.mean(tensors, len(episodes.support.x)), expected):
            return kernel
        _log.warning("A compiled kernel differed from its call and was dropped.")
        return None


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

    def mean(self, tensors: list[torch.Tensor], tasks: int) -> Any:
        """Return the mean of the results over so many tasks."""
        inputs = self._pointers(
            *(tensor.data_ptr() for tensor in (*tensors, *self._constants))
        )
        out = torch.empty(sum(self._sizes), dtype=self._dtype)
        self._run(inputs, self._steps, out.data_ptr(), tasks)
        parts = out.split_with_sizes(self._sizes)
        results = list(map(torch.Tensor.view, parts, self._shapes))
        return unflatten(results, self._shape)
