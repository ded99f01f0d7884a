"""Which runs of the queue are trained side by side."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.core.base.devices import choose_device
from workbench.core.config.run_config import ConfigError, RunConfig

if TYPE_CHECKING:
    from workbench.core.queue.queued import Queued

_LEAST = 4
"""Runs trained side by side; fewer are no faster for it."""

MOST = 16
"""Runs trained side by side; with more of them there is hardly more to gain."""

_LEAST_STEPS = 200
"""Meta-steps of a run that earns back what it takes to write its batch down."""


def with_mates(
    first: Queued, waiting: Iterable[Queued], device: str, workers: int = 1
) -> list[Queued]:
    """Return the item, and those of its sweep that are trained side by side with it.

    As many ``workers`` have their share of them.
    """
    if not (first.sweep and _gains(first.config, device)):
        return [first]
    mates = [
        item
        for item in waiting
        if item.sweep == first.sweep and item is not first and item.search is None
        if _gains(item.config, device)
    ]
    share = math.ceil((1 + len(mates)) / workers)
    company = [first, *mates][: min(MOST, share)]
    return company if len(company) >= _LEAST else [first]


@functools.lru_cache(maxsize=4096)
def _gains(config: str, device: str) -> bool:
    try:
        return _gains_in_company(RunConfig.from_toml(config), device)
    except ConfigError:
        return False


def _gains_in_company(config: RunConfig, device: str) -> bool:
    """Tell whether a run like this is faster beside others than by itself.

    That is so for those that by themselves are computed in one thread. Pictures on a
    CPU keep all cores busy, task by task; for a GPU it was not measured. The first few
    meta-steps are longer, until a batch is written down. Statistics of a batch are
    added up in another order beside others: such runs go alone, to stay the same. So
    do those that act, for what they learn from comes of their own weights, and those
    of several processes.
    """
    engines = "auto", "vmap", "compiled"
    acts = config.task.problem == "reinforcement"
    is_small = not config.task.is_large and not acts
    is_here = config.training.processes == 1
    in_one_thread = config.training.engine in engines and is_small and is_here
    is_long = config.training.iterations >= _LEAST_STEPS
    is_exact = not config.model.mixes_batch
    return (
        in_one_thread and is_long and is_exact and choose_device(device).type == "cpu"
    )
