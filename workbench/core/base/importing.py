"""Imports what is large without looking through it for garbage."""

from __future__ import annotations

import gc
import importlib
import sys
from types import ModuleType


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
