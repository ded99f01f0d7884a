"""Measures the real window: how soon it is there, how smooth, and what it costs.

Each measurement is a function of how long it may watch, in seconds, that returns
figures; ``python main.py bench --window`` makes them one after the other, each in a
process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING

from workbench.core.base.registry import modules_of

if TYPE_CHECKING:
    from workbench.gui.measuring.figure import Figure


def measurements() -> tuple[Callable[[float], list[Figure]], ...]:
    """Return all there are, in the order in which to make them.

    A module with an ``ORDER`` is one, by the function that is called as the module is.
    """
    found = [module for module in modules_of(__name__) if hasattr(module, "ORDER")]
    found.sort(key=attrgetter("ORDER"))
    return tuple(vars(each)[each.__name__.rpartition(".")[2]] for each in found)
