"""What a configuration takes here: as earlier runs took, or by a short trial."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag, stop_if
from workbench.core.base.devices import choose_device, describe, peak_memory_mb
from workbench.core.base.lazy import torch
from workbench.core.base.memory import available_bytes
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.objective import TaskObjective
from workbench.core.planning.footprint import Footprint, footprint
from workbench.core.runs.errors import RunError
from workbench.core.runs.search import list_runs
from workbench.core.training.outer_loop import OuterLoop

_ENOUGH_SECONDS, _ENOUGH_STEPS = 1.0, 10
_MOST_BYTES = 2**30
_SURELY, _BESIDES = 2, 64 * 2**20
"""A trial was never seen to take more than so many times its tensors, and so many bytes
besides: 0.7 to 1.0 times where they are large, and some 60 MB more."""
_LONG_STEPS, _LONG_SECONDS = 50, 30.0
"""After so much a run's mean speed can be believed: its first and last evaluation are
little of it."""
_DECIDES_COST = ("meta_batch", "optimiser", "engine")


class Trial(NamedTuple):
    """What a trial found: seconds per meta-step, and GPU memory where there is one."""

    seconds_per_step: float
    device: str
    memory_mb: float | None


class TooLargeToTry(Exception):
    """Not even one task surely fits into the bytes that a trial may take."""

    def __init__(self, needed: int, budget: int) -> None:
        self.needed, self.budget = needed, budget
        super().__init__(f"a trial could take {needed} bytes, and may take {budget}")


def trial_budget() -> int:
    """Return the bytes that a trial may take: little, for nobody asked for it."""
    return min(_MOST_BYTES, available_bytes() // 20)


def try_out(
    config: RunConfig,
    data: Path,
    cancel: CancelFlag | None = None,
    device: str = "auto",
) -> Trial:
    """Make a few meta-steps and throw them away; DataError if the data are not there.

    Of a meta-batch that could take too much memory a part is tried, and its time
    multiplied. The first step is timed if it takes long, else those after it, of which
    the fastest counts, since what else the machine does only ever adds. ``cancel`` is
    looked at between steps, and within the first wherever a loss is taken.
    """
    chosen = choose_device(device)
    tried = _affordable(config, footprint(config, chosen.type))
    family = config.task.open(data, chosen, cancel)
    stop_if(cancel)
    loop = OuterLoop(tried, family, chosen)
    loop.objective = _Watched(**vars(loop.objective), watch=lambda: stop_if(cancel))
    times: list[float] = []
    while not times or (sum(times) < _ENOUGH_SECONDS and len(times) < _ENOUGH_STEPS):
        stop_if(cancel)
        started = time.perf_counter()
        loop.advance().figures.numbers()
        times.append(time.perf_counter() - started)
    parts = config.training.meta_batch / tried.training.meta_batch
    memory = peak_memory_mb(chosen) if chosen.type == "cuda" else None
    return Trial(parts * min(times), describe(chosen), memory)


@dataclass(frozen=True)
class _Watched(TaskObjective):
    """An objective that is asked wherever a loss is taken whether to go on."""

    watch: Callable[[], None] = lambda: None

    @override
    def loss_of(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.watch()
        return super().loss_of(outputs, y)


def _affordable(config: RunConfig, size: Footprint) -> RunConfig:
    """Return the configuration with as many tasks as surely fit into the budget."""
    budget = trial_budget()
    room = (budget - _BESIDES) / _SURELY - size.fixed_bytes
    tasks = int(room // size.task_bytes)
    if tasks < 1:
        needed = _SURELY * (size.fixed_bytes + size.task_bytes) + _BESIDES
        raise TooLargeToTry(needed, budget)
    if tasks >= size.at_once:
        return config
    return config.replace({"training.meta_batch": tasks})


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
