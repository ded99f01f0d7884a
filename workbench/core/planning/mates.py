"""Which runs of the queue are trained side by side."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.training.company import gains_in_company

if TYPE_CHECKING:
    from workbench.core.planning.queued import Queued

MOST = 16
"""Runs trained side by side; with more of them there is hardly more to gain."""


def with_mates(first: Queued, waiting: Iterable[Queued], device: str) -> list[Queued]:
    """Return the item, and those of its sweep that are trained side by side with it."""
    if not (first.sweep and _gains(first.config, device)):
        return [first]
    mates = (
        item
        for item in waiting
        if item.sweep == first.sweep and item is not first
        if _gains(item.config, device)
    )
    return [first, *itertools.islice(mates, MOST - 1)]


@functools.lru_cache(maxsize=4096)
def _gains(config: str, device: str) -> bool:
    try:
        return gains_in_company(RunConfig.from_toml(config), device)
    except ConfigError:
        return False
