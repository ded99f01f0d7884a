"""Does a GPU's work again without asking for every operation of it again.

A meta-step is hundreds of kernels of a few microseconds each, and to launch them one by
one takes longer than they do. A CUDA graph is launched whole. It reads and writes the
memory it was recorded on: what comes in is copied there, and what stays is changed in
place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from workbench.core.lazy import torch
from workbench.core.tracing import agree, tensors_in

_log = logging.getLogger(__name__)

_CALLS_BEFORE = 4
"""Calls in which engines write down and check what they do, and libraries settle."""

Recorder: TypeAlias = Callable[[Callable[[], None]], Callable[[], None]]
"""Records what a function does on a device; returns what does it again."""


def recorder_for(device: torch.device) -> Recorder | None:
    """Return what records the work of a device; None where nothing is gained by it."""
    return cuda_graph if device.type == "cuda" else None


def cuda_graph(work: Callable[[], None]) -> Callable[[], None]:
    """Record what ``work`` does on the GPU in this thread."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
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
        if self._again is not None:
            _copy(tensors_in(self._inputs), tensors_in(inputs))
            self._again()
            return self._results
        self._calls += 1
        if self._calls == _CALLS_BEFORE + 1:
            return self._begin(inputs)
        return self._work(*inputs)

    def _begin(self, inputs: Any) -> Any:
        """Record the work; it counts if it then does what the work itself does."""
        changed = self._changed()
        before = _copies(changed)
        again = self._recorded(inputs)
        _copy(changed, before)
        replayed: list[list[torch.Tensor]] = []
        if again is not None:
            again()
            replayed = [_copies(tensors_in(self._results)), _copies(changed)]
            _copy(changed, before)
        results = self._work(*inputs)
        if again is not None and agree(replayed, [tensors_in(results), changed]):
            self._again = again
        elif again is not None:
            _log.warning("A recorded meta-step differed from its call: not recorded.")
        return results

    def _recorded(self, inputs: Any) -> Callable[[], None] | None:
        from torch.utils import _pytree

        self._inputs = _pytree.tree_map_only(torch.Tensor, torch.clone, inputs)

        def work() -> None:
            self._results = self._work(*self._inputs)

        try:
            return self._record(work)
        except RuntimeError as error:
            _log.warning("A meta-step cannot be recorded, it goes slower: %s", error)
            return None


def _copies(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [tensor.detach().clone() for tensor in tensors]


def _copy(targets: Sequence[torch.Tensor], sources: Sequence[torch.Tensor]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source)
