"""What can be measured of a configuration without training it to its end.

A measure is a function ``(config, data, device) -> float`` that is imported when it is
used, and called in a process of its own.
"""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from workbench.core.config.run_config import RunConfig


class Measure(NamedTuple):
    """What is measured, with its unit, as plots say it, and the function that does."""

    title: str
    module: str
    function: str
    needs_data: bool = False
    is_of_machine: bool = False
    """Whether another machine would measure something else."""


_BENCH = "workbench.core.planning.bench_workloads"
_ERROR = "workbench.core.planning.gradient_error"

MEASURES = {
    "peak memory": Measure(
        "peak memory, MB", _BENCH, "peak_memory", is_of_machine=True
    ),
    "time of a meta-step": Measure(
        "seconds of a meta-step", _BENCH, "step_seconds", is_of_machine=True
    ),
    "error of the meta-gradient": Measure(
        "relative error, log10", _ERROR, "learners_error", needs_data=True
    ),
    "error of unrolled steps": Measure(
        "relative error, log10", _ERROR, "unrolled_error", needs_data=True
    ),
}


def measured(name: str, config: RunConfig, data: Path, device: str) -> float:
    """Measure in a new process, whose peak is that of the measurement."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measure, name, config.to_toml(), data, device).result()


def _measure(name: str, config: str, data: Path, device: str) -> float:
    module = importlib.import_module(MEASURES[name].module)
    measure = getattr(module, MEASURES[name].function)
    return float(measure(RunConfig.from_toml(config), data, device))
