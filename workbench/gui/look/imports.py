"""Spares every module that is imported after PySide the search through its source.

WORKAROUND: PySide 6 reads the source of each such module, for the one question whether
it names PySide, so that ``from __feature__ import ...`` elsewhere leaves it alone. For
the thousand modules of a window this is a tenth of the time until it is painted. Nobody
here takes features, and then the answer makes no difference.
"""

from __future__ import annotations

import sys
from types import ModuleType

import PySide6.QtCore  # noqa: F401

_QUESTION = "_mod_uses_pyside"


def import_unread() -> None:
    """Let PySide take it that each module imported from now on may use it."""
    asking = sys.modules.get("shibokensupport.feature")
    if hasattr(asking, _QUESTION):
        setattr(asking, _QUESTION, _may_use_pyside)


def _may_use_pyside(_module: ModuleType) -> bool:
    return True
