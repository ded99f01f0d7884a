"""The workloads that training is timed on, and how one is measured.

A measured meta-step is a whole one: sampling, adaptation, meta-gradient, Adam, or
acting, adaptation, and the search for a step within a trust region. The
pictures are random ones, for speed does not depend on what is on them.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.base.devices import choose_device, peak_memory_mb
from workbench.core.base.folders import data_folder, resource
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.base.settings import marked
from workbench.core.config.run_config import ConfigError, RunConfig, kinds
from workbench.core.engine.engine import Engine, one_thread
from workbench.core.learning.meta_learner import TRAINING_SHOTS, MetaLearner
from workbench.core.learning.task_family import TaskFamily
from workbench.core.pictures.class_bank import ClassBank
from workbench.core.pictures.image_family import ImageFamily, ImageTaskSettings
from workbench.core.training.outer_loop import OuterLoop

_WARM_UP = 6
"""Steps after which engines replay what they do, and a GPU's step is recorded."""
_PROFILED = 50
_REPEATS = 5
_SECONDS = 0.5
"""The least time of one repeat."""


class Workload(NamedTuple):
    """What a meta-step is done on."""

    task: dict[str, Any]
    model: dict[str, Any]
    tasks: int
    inner_steps: int
    training: Mapping[str, Any] = {}
    """How it is trained, where that is not as usual."""
    stand_in: str = ""
    """The kind of task for where the data of this one are not."""


class Measurement(NamedTuple):
    """What was measured of one algorithm on one workload."""

    workload: str
    algorithm: str
    device: str
    meta_steps_per_second: float
    tasks_per_second: float
    peak_memory_mb: float
    sampling_share: float
    """The part of a meta-step that is spent on drawing its episodes."""
    gpu_busy: float | None
    """The part of the time in which the GPU computes; None for a CPU."""


def _read_workloads() -> dict[str, Workload]:
    tables = tomllib.loads(resource("workloads.toml").read_text("utf-8"))
    return {name: Workload(**table) for name, table in tables.items()}


ALGORITHMS = tuple(kinds("algorithm"))
WORKLOADS = _read_workloads()


def config_of(
    workload: Workload, algorithm: str, inner_steps: int | None = None
) -> RunConfig:
    """Return the configuration of a workload for an algorithm.

    One that has inner steps of its own is measured with them, for it needs as many.
    """
    learner = kinds("algorithm")[algorithm]
    settings: dict[str, Any] = {"kind": algorithm}
    settings |= dict.fromkeys(marked(learner, TRAINING_SHOTS))
    steps = learner.model_fields.get("inner_steps")
    usual = MetaLearner.model_fields["inner_steps"].default
    if steps is not None and (inner_steps or steps.default == usual):
        settings["inner_steps"] = inner_steps or workload.inner_steps
    return RunConfig.from_dict(
        {
            "task": workload.task,
            "model": workload.model,
            "algorithm": settings,
            "training": {"meta_batch": workload.tasks, **workload.training},
        }
    )


def pairs(
    workloads: Iterable[str] = WORKLOADS, algorithms: Iterable[str] = ALGORITHMS
) -> list[tuple[str, str]]:
    """Return each workload with each algorithm that can be measured on it.

    ConfigError says why the first is not, where none is.
    """
    every = list(itertools.product(workloads, algorithms))
    found = [pair for pair in every if _go_together(*pair)]
    if not found:
        name, algorithm = every[0]
        config_of(WORKLOADS[name], algorithm)
    return found


def _go_together(name: str, algorithm: str) -> bool:
    try:
        config_of(WORKLOADS[name], algorithm)
    except ConfigError:
        return False
    return True


def outer_loop_of(
    config: RunConfig, device: torch.device, engine: Engine | None = None
) -> OuterLoop:
    """Return what makes the meta-steps of a configuration, on made pictures."""
    return OuterLoop(config, _family(config, device), device, engine=engine)


def measure(
    name: str, algorithm: str, device_name: str, inner_steps: int | None = None
) -> Measurement:
    """Measure one algorithm on one workload; memory is that of the whole process."""
    workload, device = WORKLOADS[name], choose_device(device_name)
    loop = warmed_up(config_of(workload, algorithm, inner_steps), device)
    step = seconds(loop.advance, device)
    with one_thread():
        steps = itertools.count(loop.step)
        sampling = seconds(lambda: loop.episodes[next(steps)], device)
    return Measurement(
        name,
        algorithm,
        device.type,
        1 / step,
        workload.tasks / step,
        peak_memory_mb(device),
        sampling / step,
        _gpu_busy(loop.advance) if device.type == "cuda" else None,
    )


def memory(algorithm: str, inner_steps: int, device_name: str) -> float:
    """Return the peak of a process that makes meta-steps with these inner steps."""
    workload = WORKLOADS["omniglot5-1"]._replace(tasks=2)
    config = config_of(workload, algorithm, inner_steps)
    return peak_memory(config, data_folder(), device_name)


def peak_memory(config: RunConfig, data: Path, device_name: str) -> float:
    """Return the peak, in MB, of a process that makes meta-steps of a configuration."""
    device = choose_device(device_name)
    warmed_up(config, device)
    return peak_memory_mb(device)


def step_seconds(config: RunConfig, data: Path, device_name: str) -> float:
    """Return how long a meta-step of a configuration takes."""
    device = choose_device(device_name)
    return seconds(warmed_up(config, device).advance, device)


def warmed_up(config: RunConfig, device: torch.device) -> OuterLoop:
    """Return what makes meta-steps, once they are as those that follow them."""
    loop = outer_loop_of(config, device)
    for _ in range(_WARM_UP):
        loop.advance()
    return loop


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return how long ``work`` takes: the median of several means."""
    once = _timed(work, 1, device)
    times = max(1, round(_SECONDS / once))
    return statistics.median(
        _timed(work, times, device) / times for _ in range(_REPEATS)
    )


def _timed(work: Callable[[], object], times: int, device: torch.device) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def _gpu_busy(work: Callable[[], object]) -> float:
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CUDA]
    ) as profile:
        for _ in range(_PROFILED):
            work()
        torch.cuda.synchronize()
    return covered(
        (event.time_range.start, event.time_range.end)
        for event in profile.events() or ()
        if event.device_type.name == "CUDA" and not event.is_user_annotation
    )


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return how much of the time from the first's begin on is in any of the spans."""
    inside, reached, first = 0.0, -math.inf, None
    for begin, end in sorted(spans):
        first = begin if first is None else first
        inside += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return inside / (reached - first) if first is not None else 0.0


def _family(config: RunConfig, device: torch.device) -> TaskFamily:
    task = config.task
    if not isinstance(task, ImageTaskSettings):
        return task.open(data_folder(), device)
    classes, each = max(40, 2 * task.ways), task.shots + task.queries + 20
    bank = _made_bank(classes, each, task.input_shape, device)
    return ImageFamily(bank, {"train": range(classes)}, task)


def _made_bank(
    classes: int, each: int, shape: tuple[int, ...], device: torch.device
) -> ClassBank:
    pictures = torch.randint(
        256,
        (classes * each, *shape),
        dtype=torch.uint8,
        device=device,
        generator=generator_for(0, "made pictures", 0, device),
    )
    return ClassBank(
        pictures,
        first=torch.arange(classes, device=device) * each,
        count=torch.full((classes,), each, device=device),
        names=tuple(f"made {number}" for number in range(classes)),
        groups=torch.zeros(classes, dtype=torch.long, device=device),
        group_names=("made",),
    )
