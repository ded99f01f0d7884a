"""Has torch do without its compiler, which takes as long to import as all of torch.

``torch.func.grad`` asks the compiler to leave it alone, and imports it for that.
"""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from types import ModuleType
from typing import Any

_COMPILER = "torch._dynamo"


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
