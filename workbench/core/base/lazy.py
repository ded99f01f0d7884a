"""Torch, imported when it is first used, so that forms and ``--help`` need not wait.

Its compiler takes as long to import as all the rest of it, and is left out until
something is compiled.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from contextlib import nullcontext
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch as torch

_COMPILER = "torch._dynamo"


def imported(name: str) -> ModuleType:
    """Return a module; while it is imported, Python leaves its cycles alone.

    What modules make stays, and looking through it is a tenth of importing torch.
    """
    is_collected = gc.isenabled() and name not in sys.modules
    if is_collected:
        gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        if is_collected:
            gc.enable()


class _LazyModule:
    """Stands for a module until one of its attributes is asked for.

    Threads that ask at the same time wait for one import: two at once could see
    modules half made, where Python breaks the deadlock of a circular import.
    """

    _importing = threading.RLock()

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        with self._importing:
            module = imported(self._name)
            do_without_compiler(module)
            value = getattr(module, attribute)
        setattr(self, attribute, value)
        return value


class _StandIn:
    """Stands for a module until it is imported, as it is when something is asked for.

    Only ``own`` is there without: what torch asks of its compiler though it compiles
    nothing. A package that is imported takes its name's place in the one it is of.
    """

    def __init__(self, name: str, **own: Any) -> None:
        self._name = name
        vars(self).update(own)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def do_without_compiler(torch: ModuleType) -> None:
    """Let torch import its compiler only where something is compiled.

    WORKAROUND: ``_autograd_grad`` in torch/_functorch/eager_transforms.py enters
    ``torch._dynamo.compiled_autograd._disable()``. While the compiler is not there,
    nothing is to be disabled.
    """
    autograd = _StandIn(f"{_COMPILER}.compiled_autograd", _disable=nullcontext)
    vars(torch).setdefault("_dynamo", _StandIn(_COMPILER, compiled_autograd=autograd))


if not TYPE_CHECKING:
    torch = _LazyModule("torch")
