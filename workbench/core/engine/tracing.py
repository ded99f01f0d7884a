"""Calls pure functions by replaying what they did the last time.

A meta-gradient is the same list of tensor operations in every step; only the numbers
change. So the list is written down once for given shapes, and replayed without autograd
and functorch: on small networks these take longer than the arithmetic. The results are
those of the call, to the last bit.

Both need parts of torch that it does not promise to keep. On a torch without them all
is called as it is: slower, and the same.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.core.base.lazy import torch
from workbench.core.engine.trees import flatten, tensors_of, unflatten

if TYPE_CHECKING:
    from workbench.core.engine.tape import Listing

_log = logging.getLogger(__name__)

CALLS_AS_WRITTEN = 3
"""Calls after which all that follow are replays."""

_MOST_OPERATIONS = 20_000
_MOST_FUNCTIONS = 8
_FARTHEST = 1e-3
OF_ANOTHER_TORCH = (ImportError, AttributeError, LookupError, TypeError, ValueError)
"""What happens where torch's own parts are gone, or are called otherwise."""


class Traces:
    """Calls functions of trees of tensors as they are, and then by replay.

    The first call for given shapes only counts, for a function called once would not
    earn its trace back; the second is written down as it goes; the third is replayed,
    and checked against a call with its own numbers. What cannot be replayed, or would
    be too long, is called as it is. Safe to call from several threads.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[Any, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, function: Callable[..., Any], *trees: Any) -> Any:
        """Return function(*trees)."""
        leaves, shape = flatten(trees)
        entry = self._entry((function, shape, tuple(map(kind, leaves))))
        if entry.is_ready:
            return entry.replay(leaves)
        with entry.lock:
            return entry.call(function, trees, leaves, shape)

    def given(self, function: Callable[..., Any], *trees: Any) -> Callable[[Any], Any]:
        """Return the function of a first tree, when these are all others.

        What the first one does not change is done once, unless it is called as it is.
        The others have to stay what they are.
        """
        rest: Callable[..., Any] | None = None

        def of_the_first(tree: Any) -> Any:
            nonlocal rest
            leaves, shape = flatten((tree, *trees))
            varying = tensors_of(flatten(tree)[0])
            entry = self._entry((function, shape, tuple(map(kind, leaves))))
            if not entry.is_ready:
                return self(function, tree, *trees)
            rest = rest or entry.rest(leaves, len(varying))
            return rest(*varying)

        return of_the_first

    def _entry(self, key: Any) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > _MOST_FUNCTIONS:
                self._entries.popitem(last=False)
            return entry


class _Entry:
    """One function for one set of shapes, on its way from calls to replays."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_ready = False
        self._calls = 0
        self._listing: Listing | None = None
        self._code: Callable[..., list[Any]] | None = None
        self._halves: tuple[Callable[..., list[Any]], ...] = ()
        self._result: Any = None

    def replay(self, leaves: list[Any]) -> Any:
        """Return what the function returns for these leaves of its arguments."""
        assert self._code is not None
        with torch.no_grad():
            return unflatten(self._code(*tensors_of(leaves)), self._result)

    def rest(self, leaves: list[Any], varying: int) -> Callable[..., Any]:
        """Do what does not depend on the first tensors; return what is left to do."""
        from workbench.core.engine.replay import halves_of

        assert self._listing is not None
        with self.lock:
            self._halves = self._halves or halves_of(*self._listing, varying)
        first, second = self._halves
        with torch.no_grad():
            kept = first(*tensors_of(leaves))

        def left(*tensors: torch.Tensor) -> Any:
            with torch.no_grad():
                return unflatten(second(*tensors, *kept), self._result)

        return left

    def call(
        self, function: Callable[..., Any], trees: Any, leaves: list[Any], shape: Any
    ) -> Any:
        """Return function(*trees), on the way to a replay."""
        self._calls += 1
        if self.is_ready:
            return self.replay(leaves)
        if self._calls == 2:
            results = self._write(function, leaves, shape)
            if self._code is not None:
                return unflatten(results, self._result)
        result = function(*trees)
        if self._code is not None:
            self.is_ready = self._is_as_called(leaves, result)
            if not self.is_ready:
                self._code = self._listing = None
        return result

    def _is_as_called(self, leaves: list[Any], result: Any) -> bool:
        try:
            is_equal = agree(self.replay(leaves), result)
        except (RuntimeError, *OF_ANOTHER_TORCH) as error:
            _say_that_all_is_called(repr(error))
            return False
        if not is_equal:
            _log.warning("A replay differed from its call and was dropped.")
        return is_equal

    def _write(
        self, function: Callable[..., Any], leaves: list[Any], shape: Any
    ) -> list[torch.Tensor]:
        """Call the function and write it down; return its results if both went well."""

        def flat(*tensors: torch.Tensor) -> list[Any]:
            given = iter(tensors)
            filled = [next(given) if isinstance(x, torch.Tensor) else x for x in leaves]
            results, self._result = flatten(function(*unflatten(filled, shape)))
            return results

        try:
            self._listing, self._code, results = _written(flat, tensors_of(leaves))
            return results
        except RuntimeError as error:
            _log.info("Not traced, called as it is: %s", error)
        except OF_ANOTHER_TORCH as error:
            _say_that_all_is_called(repr(error))
        return []


def _written(
    function: Callable[..., list[Any]], tensors: list[torch.Tensor]
) -> tuple[Listing, Callable[..., list[torch.Tensor]], list[torch.Tensor]]:
    """Return what the function does, a replay, and its results for these tensors."""
    from workbench.core.engine.replay import replay_of
    from workbench.core.engine.tape import Tape

    tensors = [tensor.detach() for tensor in tensors]
    tape = Tape(tensors, _MOST_OPERATIONS)
    with tape:
        results = function(*tensors)
    # Who is given a result may change it, and what replays read may share its memory.
    listing = tape.listing(results)
    return listing, replay_of(*listing), [result.clone() for result in results]


@functools.cache
def _say_that_all_is_called(reason: str) -> None:
    _log.warning(
        "Torch %s cannot replay what was traced (%s): training is as exact and slower.",
        torch.__version__,
        reason,
    )


def agree(replayed: Any, called: Any) -> bool:
    """Tell whether two trees are nearly one; rounding may depend on alignment."""
    pairs = zip(flatten(replayed)[0], flatten(called)[0], strict=True)
    far, size = 0.0, 0.0
    for a, b in pairs:
        far += float(torch.nan_to_num(a - b).double().square().sum())
        size += float(torch.nan_to_num(b).double().square().sum())
    return far <= _FARTHEST**2 * size


def kind(leaf: Any) -> Any:
    """Return what a trace depends on: a tensor's layout, anything else itself."""
    if isinstance(leaf, torch.Tensor):
        return leaf.shape, leaf.stride(), leaf.dtype, leaf.device
    return leaf
