"""Torch, imported when it is first used, so that forms and ``--help`` need not wait."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from workbench.core.base.importing import imported
from workbench.core.base.uncompiled import do_without_compiler

if TYPE_CHECKING:
    import torch as torch


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


if not TYPE_CHECKING:
    torch = _LazyModule("torch")
