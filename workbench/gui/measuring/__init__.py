"""Measures the real window: how soon it is there, how smooth, and what it costs.

Each measurement is a function of how long it may watch, in seconds, that returns
figures; ``python main.py bench --window`` makes them one after the other, each in a
process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.gui.measuring.figure import Figure


def measurements() -> tuple[Callable[[float], list[Figure]], ...]:
    """Return all there are, in the order in which to make them."""
    from workbench.gui.measuring.jitter import jitter
    from workbench.gui.measuring.memory import memory
    from workbench.gui.measuring.panning import panning
    from workbench.gui.measuring.speed import speed
    from workbench.gui.measuring.starting import starting

    return starting, jitter, speed, panning, memory
