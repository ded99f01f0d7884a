"""Does a GPU's work again without asking for every operation of it again.

A meta-step is hundreds of kernels of a few microseconds each, and to launch them one by
one takes longer than they do. A CUDA graph is launched whole. It reads and writes the
memory it was recorded on: what comes in is copied there, and what stays is changed in
place.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from workbench.core.base.lazy import torch
from workbench.core.engine.tracing import agree
from workbench.core.engine.trees import tensors_in

_log = logging.getLogger(__name__)

_CALLS_BEFORE = 4
"""Calls in which engines write down and check what they do, and libraries settle."""

CALLS_UNRECORDED = _CALLS_BEFORE + 1
"""Calls after which all that follow do what was recorded."""

Recorder: TypeAlias = Callable[[Callable[[], None]], Callable[[], None]]
"""Records what a function does on a device; returns what does it again."""

_one_at_a_time = threading.Lock()
"""Held while a thread records: torch has one stream to record on."""


def recorder_for(device: torch.device) -> Recorder | None:
    """Return what records the work of a device; None where nothing is gained by it."""
    return cuda_graph if device.type == "cuda" else None


def cuda_graph(work: Callable[[], None]) -> Callable[[], None]:
    """Record what ``work`` does on the GPU in this thread."""
    graph = torch.cuda.CUDAGraph()
    with (
        _one_at_a_time,
        # WORKAROUND: where a recording fails, torch.cuda.graph leaves this thread on
        # the stream that it records on.
        torch.cuda.stream(torch.cuda.current_stream()),
        torch.cuda.graph(graph, capture_error_mode="thread_local"),
    ):
        work()
    replay: Callable[[], None] = graph.replay
    return replay


class Recorded:
    """Calls ``work`` a few times as it is, and from then on by what was recorded of it.

    It takes trees of tensors, which have to be of the same shapes in every call, and
    returns one, which the next call overwrites. What else it changes it changes in
    place: the tensors that ``changed`` returns. What cannot be recorded, or does
    something else when it is done again, is called as it is.
    """

    def __init__(
        self,
        work: Callable[..., Any],
        changed: Callable[[], Sequence[torch.Tensor]],
        record: Recorder,
    ) -> None:
        self._work = work
        self._changed = changed
        self._record = record
        self._calls = 0
        self._again: Callable[[], None] | None = None
        self._inputs: Any = None
        self._results: Any = None

    def __call__(self, *inputs: Any) -> Any:
        """Return work(*inputs)."""
        self._calls += 1
        self._take(inputs)
        if self._again is not None:
            self._again()
            return self._results
        if self._calls == _CALLS_BEFORE + 1:
            return self._begin()
        return self._work(*self._inputs)

    def _take(self, inputs: Any) -> None:
        """Copy inputs to where all calls find them, recorded or not.

        Engines and libraries go by where numbers lie: laid out otherwise, they are not
        what was written down, and may be rounded otherwise.
        """
        from torch.utils import _pytree

        if self._inputs is None:
            self._inputs = _pytree.tree_map_only(torch.Tensor, torch.clone, inputs)
        else:
            _copy(tensors_in(self._inputs), tensors_in(inputs))

    def _begin(self) -> Any:
        """Do the work and record it; that counts if it then does what was done.

        In this order, for a graph keeps the memory that it was recorded on: together
        with it, there might be no room for the work as it is.
        """
        changed = self._changed()
        before = _copies(changed)
        results = self._work(*self._inputs)
        after = _copies(changed)
        _copy(changed, before)
        self._again = self._recorded(changed, before)
        if self._again is not None and not (
            agree(self._results, results) and agree(changed, after)
        ):
            _log.warning("A recorded meta-step differed from its call: not recorded.")
            self._again = self._results = None
        _copy(changed, after)
        return results

    def _recorded(
        self, changed: Sequence[torch.Tensor], before: Sequence[torch.Tensor]
    ) -> Callable[[], None] | None:
        """Record the work on what was there before, and do it again."""

        def work() -> None:
            self._results = self._work(*self._inputs)

        try:
            again = self._record(work)
            _copy(changed, before)
            again()
        except RuntimeError as error:
            _log.warning("A meta-step cannot be recorded, it goes slower: %s", error)
            return None
        return again


def _copies(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [tensor.detach().clone() for tensor in tensors]


def _copy(targets: Sequence[torch.Tensor], sources: Sequence[torch.Tensor]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source)
