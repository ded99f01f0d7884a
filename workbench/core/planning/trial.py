"""What a configuration takes here: as earlier runs took, or by a short trial."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.data_error import CancelFlag, stop_if
from workbench.core.base.devices import choose_device, describe, peak_memory_mb
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunError
from workbench.core.training.outer_loop import OuterLoop

_ENOUGH_SECONDS, _ENOUGH_STEPS = 1.0, 10
_LONG_STEPS, _LONG_SECONDS = 50, 30.0
"""After so much a run's mean speed can be believed: its first and last evaluation are
little of it."""
_DECIDES_COST = ("meta_batch", "optimiser", "engine")


class Trial(NamedTuple):
    """What a trial found: seconds per meta-step, and GPU memory where there is one."""

    seconds_per_step: float
    device: str
    memory_mb: float | None


def try_out(
    config: RunConfig,
    data: Path,
    cancel: CancelFlag | None = None,
    device: str = "auto",
) -> Trial:
    """Make two meta-steps and throw them away; DataError if the data are not there.

    The second is timed; if it is quick, so are some more, and the fastest counts, since
    what else the machine does only ever adds. ``cancel`` is looked at between steps.
    """
    chosen = choose_device(device)
    family = config.task.open(data, chosen, cancel)
    stop_if(cancel)
    loop = OuterLoop(config, family, chosen)
    loop.advance().figures.numbers()
    times: list[float] = []
    while not times or (sum(times) < _ENOUGH_SECONDS and len(times) < _ENOUGH_STEPS):
        stop_if(cancel)
        started = time.perf_counter()
        loop.advance().figures.numbers()
        times.append(time.perf_counter() - started)
    memory = peak_memory_mb(chosen) if chosen.type == "cuda" else None
    return Trial(min(times), describe(chosen), memory)


class Earlier(NamedTuple):
    """What a run like this one took; the time is None where it was a short one."""

    memory_mb: float
    seconds_per_step: float | None


def measured_earlier(config: RunConfig, runs: Path) -> Earlier | None:
    """Return what the newest run took here that does the same in every meta-step."""
    here = describe(choose_device("auto"))
    for run in list_runs(runs):
        try:
            info, theirs = run.info(), run.config()
        except RunError:
            continue
        if info.memory_mb is None or info.device != here:
            continue
        if _takes_the_same(config, theirs):
            is_long = info.step >= _LONG_STEPS and info.seconds >= _LONG_SECONDS
            return Earlier(
                info.memory_mb, info.seconds / info.step if is_long else None
            )
    return None


def _takes_the_same(config: RunConfig, other: RunConfig) -> bool:
    return (config.task, config.model, config.algorithm) == (
        other.task,
        other.model,
        other.algorithm,
    ) and all(
        getattr(config.training, name) == getattr(other.training, name)
        for name in _DECIDES_COST
    )
