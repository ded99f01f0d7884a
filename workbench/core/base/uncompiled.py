"""Has torch do without its compiler, which takes as long to import as all of torch.

``torch.func.grad`` asks the compiler to leave it alone, and imports it for that.
"""

from __future__ import annotations

import contextlib
import importlib
from types import ModuleType
from typing import Any


class _Compiler:
    """Stands for ``torch._dynamo`` until that is imported, and then gives way to it.

    WORKAROUND: ``_autograd_grad`` in torch/_functorch/eager_transforms.py enters
    ``torch._dynamo.compiled_autograd._disable()``. Nothing is to be disabled while the
    compiler is not there. Whatever else is asked of it imports it.
    """

    class compiled_autograd:
        """What compiles gradients: not there, so that it leaves all alone."""

        _disable = staticmethod(contextlib.nullcontext)

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("torch._dynamo"), name)


def do_without_compiler(torch: ModuleType) -> None:
    """Let torch import its compiler only where something is compiled."""
    vars(torch).setdefault("_dynamo", _Compiler())
