"""What the time of a meta-step goes to, operation by operation."""

from __future__ import annotations

from typing import Any, NamedTuple

from workbench.core.base.devices import choose_device
from workbench.core.base.lazy import torch
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, warmed_up

_STEPS = 3
_MOST = 15


class Operation(NamedTuple):
    """One of torch's operations; ``name`` is empty for all others together."""

    name: str
    calls: float
    """How often it is done in a meta-step."""
    milliseconds: float
    """What it takes of a meta-step, in all threads together."""
    share: float
    """The part of all operations' time."""


def operations(workload: str, algorithm: str, device_name: str) -> list[Operation]:
    """Return those that take most of a meta-step of a workload, the longest first."""
    device = choose_device(device_name)
    loop = warmed_up(config_of(WORKLOADS[workload], algorithm), device)
    with profiled() as profile:
        for _ in range(_STEPS):
            loop.advance()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    is_on_gpu = device.type == "cuda"
    time_of = "self_device_time_total" if is_on_gpu else "self_cpu_time_total"
    found = [
        (str(each.key), each.count, getattr(each, time_of))
        for each in profile.key_averages()
    ]
    return _largest(found)


def _largest(found: list[tuple[str, int, float]]) -> list[Operation]:
    total = sum(time for *_, time in found) or 1.0
    found = sorted(found, key=lambda each: -each[-1])
    head, rest = found[:_MOST], found[_MOST:]
    others = ("", sum(count for _, count, _ in rest), sum(time for *_, time in rest))
    return [
        Operation(name, count / _STEPS, time / 1000 / _STEPS, time / total)
        for name, count, time in [*head, *([others] if rest else [])]
        if time > 0
    ]


def profiled() -> Any:
    """Return a profile of what is done in its context, in whichever thread."""
    # Tasks are done in threads that were there before: torch's profiler looks into
    # them only where it is told so, for which it has no public way.
    from torch._C._profiler import _ExperimentalConfig

    kinds = torch.profiler.ProfilerActivity
    return torch.profiler.profile(
        activities=[
            kinds.CPU,
            *([kinds.CUDA] if torch.cuda.is_available() else []),
        ],
        experimental_config=_ExperimentalConfig(profile_all_threads=True),
    )
