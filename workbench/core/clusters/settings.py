"""What is asked of Slurm for each worker, as it is written on the command line.

KEY=VALUE,KEY=VALUE, with Slurm's own names: partition=gpu,time=4:00:00
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from workbench.core.base.phrases import quoted
from workbench.core.base.suggestions import did_you_mean
from workbench.core.clusters.errors import ClusterError

Settings: TypeAlias = dict[str, int | str]
"""What submitit is told, by its own names."""

DEFAULT_MINUTES = 240
"""How long a job may take, unless it is said; one that needs longer is requeued."""
DEFAULT_DELAY = 120
"""Seconds before the end at which a job is told of it; Slurm may take a minute less."""

_TIME = re.compile(r"(?:(?P<days>\d+)-)?(?P<clock>\d+(?::\d+){0,2})")
_TIME_FORMS = "minutes, hours:minutes:seconds or days-hours:minutes:seconds"
"""Those that are clear. Slurm reads 4:00 as four minutes."""
_MEMORY = re.compile(r"\d+[KMGT]?", re.IGNORECASE)
_OUTSIDE_BRACKETS = re.compile(r",(?![^\[]*\])")
_LISTS = {"partition", "nodelist", "gres"}
"""Keys whose values may have commas."""


def parse_slurm(text: str) -> Settings:
    """Return what submitit is to be told; ClusterError if it cannot be understood."""
    found = {"time": str(DEFAULT_MINUTES), "signal_delay": str(DEFAULT_DELAY)}
    given = _pairs(text)
    _check_known(given)
    found |= given
    settings: Settings = {}
    for key, value in found.items():
        name, read = _KEYS[key]
        settings[name] = read(key, value)
    _check_delay(settings, is_given="signal_delay" in given)
    return settings


def _pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    last = ""
    for part in filter(str.strip, _OUTSIDE_BRACKETS.split(text)):
        key, is_pair, value = part.partition("=")
        key, value = key.strip().replace("-", "_"), value.strip()
        if not is_pair and last in _LISTS:
            pairs[last] += f",{part.strip()}"
            continue
        if not is_pair or not key or not value:
            raise ClusterError(
                f"--slurm: {quoted(part.strip())} is not KEY=VALUE, as in time=4:00:00"
            )
        if key in pairs:
            raise ClusterError(f"--slurm: {key} is given twice")
        pairs[key] = value
        last = key
    return pairs


def _check_known(given: dict[str, str]) -> None:
    if "nodes" in given:
        raise ClusterError(
            f"--slurm: nodes={given['nodes']} cannot be asked for: each worker is a job"
            " of one node; say how many of them by --workers"
        )
    for key in given:
        if key not in _KEYS:
            raise ClusterError(
                f"--slurm: there is no {quoted(key)}{did_you_mean(key, _KEYS)}; "
                f"there are {', '.join(_KEYS)}"
            )


def _check_delay(settings: Settings, *, is_given: bool) -> None:
    seconds = 60 * int(settings["timeout_min"])
    delay = int(settings["slurm_signal_delay_s"])
    if delay < seconds:
        return
    if is_given:
        raise ClusterError(
            f"--slurm: signal_delay={delay} seconds leave nothing of the time, which is"
            f" {seconds} seconds: give less, or more time"
        )
    settings["slurm_signal_delay_s"] = seconds // 2


def _text(key: str, value: str) -> str:
    return value


def _count(key: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ClusterError(f"--slurm: {key} is a whole number from 1, not {value}")
    return int(value)


def _memory(key: str, value: str) -> str:
    if not _MEMORY.fullmatch(value):
        raise ClusterError(
            f"--slurm: {key} is a number with K, M, G or T, as in 16G, not {value}"
        )
    return value


def minutes(key: str, value: str) -> int:
    """Return Slurm's way to write a time in minutes, begun ones included."""
    match = _TIME.fullmatch(value) if value.isascii() else None
    if match is None:
        raise ClusterError(f"--slurm: {key} is {_TIME_FORMS}, not {value}")
    parts = [int(each) for each in match["clock"].split(":")]
    if match["days"] is not None:  # then the first is hours
        parts = [24 * int(match["days"]) + parts[0], *parts[1:], 0, 0][:3]
    elif len(parts) < 3:  # then the first is minutes
        parts = [0, *parts, 0][:3]
    seconds = 3600 * parts[0] + 60 * parts[1] + parts[2]
    if seconds == 0:
        raise ClusterError(f"--slurm: {key} is at least a minute, not {value}")
    return -(-seconds // 60)


_KEYS: dict[str, tuple[str, Callable[[str, str], int | str]]] = {
    "partition": ("slurm_partition", _text),
    "account": ("slurm_account", _text),
    "qos": ("slurm_qos", _text),
    "gres": ("slurm_gres", _text),
    "gpus_per_node": ("gpus_per_node", _count),
    "cpus_per_task": ("cpus_per_task", _count),
    "mem": ("slurm_mem", _memory),
    "nodelist": ("slurm_nodelist", _text),
    "constraint": ("slurm_constraint", _text),
    "time": ("timeout_min", minutes),
    "array_parallelism": ("slurm_array_parallelism", _count),
    "signal_delay": ("slurm_signal_delay_s", _count),
}
"""What may be asked for: how submitit calls it, and what reads its value."""
