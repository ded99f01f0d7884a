"""Replays what a function of tensors does, without asking autograd again.

A meta-gradient is the same list of tensor operations in every step; only the numbers
change. ``Traces`` writes that list down once for given shapes (``make_fx``), leaves out
what nobody needs or what is computed twice, and replays it: no autograd graph, no
functorch, and memory is freed at the last use. The operations and their order of
summation are those of the function, so that the results are the same to the last bit.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from workbench.core.lazy import torch

_log = logging.getLogger(__name__)

Replay = Callable[..., list[Any]]
"""Maps the tensors among a function's arguments to the tensors of its result."""

_CALLS_BEFORE_TRACING = 3
_MOST_OPERATIONS = 8000
_MOST_TRACES = 8


class _Known(NamedTuple):
    """What is remembered of a function for some shapes: a replay, once there is one."""

    calls: int
    replay: Replay | None
    result: Any


class Traces:
    """Calls pure functions of trees of tensors, by replay from the third time on.

    Tracing takes about a millisecond per operation, which a function asked for once or
    twice would not earn back. What cannot be traced, or would be too long, is called
    as it is.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Any, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, function: Callable[..., Any], *trees: Any) -> Any:
        """Return function(*trees)."""
        leaves, shape = _flatten(trees)
        key = (function, shape, tuple(_kind(leaf) for leaf in leaves))
        with self._lock:
            known = self._known.pop(key, _Known(0, None, None))
            known = known._replace(calls=known.calls + 1)
            if known.calls == _CALLS_BEFORE_TRACING:
                known = _traced(known, function, leaves, shape)
            self._known[key] = known
            if len(self._known) > _MOST_TRACES:
                self._known.popitem(last=False)
        if known.replay is None:
            return function(*trees)
        with torch.no_grad():
            results = known.replay(*(x for x in leaves if isinstance(x, torch.Tensor)))
        return _unflatten(results, known.result)


def _traced(
    known: _Known, function: Callable[..., Any], leaves: list[Any], shape: Any
) -> _Known:
    """Write down what the function does, if that can be done."""
    result: Any = None

    def flat(*tensors: torch.Tensor) -> list[Any]:
        nonlocal result
        given = iter(tensors)
        filled = [next(given) if isinstance(x, torch.Tensor) else x for x in leaves]
        with _limit():
            results, result = _flatten(function(*_unflatten(filled, shape)))
        return results

    try:
        replay = _replay(flat, [x for x in leaves if isinstance(x, torch.Tensor)])
    except (RuntimeError, _TooLongError) as error:
        _log.info("Not traced, called as it is: %s", error)
        return known
    return known._replace(replay=replay, result=result)


def _replay(flat: Callable[..., list[Any]], tensors: list[torch.Tensor]) -> Replay:
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.fx.passes.dialect.common.cse_pass import CSEPass

    functional = torch.func.functionalize(flat, remove="mutations")
    traced = make_fx(functional)(*(tensor.detach() for tensor in tensors))
    traced.graph.eliminate_dead_code()
    if shared := CSEPass()(traced):
        traced = shared.graph_module
    # Only the code is kept: the graph's nodes would take more memory than it saves.
    code = traced.graph.python_code("constants")
    scope = dict(code.globals)
    exec(code.src, scope)
    names = [n.target for n in traced.graph.find_nodes(op="get_attr")]
    constants = _Constants({name: getattr(traced, name) for name in names})
    forward = scope["forward"]
    return lambda *given: forward(constants, *given)


class _Constants:
    """Tensors that a function made out of nothing, by the names in its code."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        self.__dict__.update(tensors)


class _TooLongError(Exception):
    """A function has more operations than are worth writing down."""


def _limit() -> Any:
    from torch.utils._python_dispatch import TorchDispatchMode

    class Limit(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.operations = 0

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            self.operations += 1
            if self.operations > _MOST_OPERATIONS:
                raise _TooLongError(f"more than {_MOST_OPERATIONS} operations")
            return func(*args, **(kwargs or {}))

    return Limit()


def _flatten(tree: Any) -> tuple[list[Any], Any]:
    from torch.utils import _pytree

    return _pytree.tree_flatten(tree)


def _unflatten(leaves: list[Any], shape: Any) -> Any:
    from torch.utils import _pytree

    return _pytree.tree_unflatten(leaves, shape)


def _kind(leaf: Any) -> Any:
    """Return what a trace depends on: a tensor's layout, anything else itself."""
    if isinstance(leaf, torch.Tensor):
        return leaf.shape, leaf.stride(), leaf.dtype, leaf.device
    return leaf
