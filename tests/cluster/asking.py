"""Slurm, asked again and again: it takes seconds for what it does."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from workbench.core.clusters.records import submitted
from workbench.core.clusters.standing import Stand, Standing, standing

_LOOKS = 1200
"""How often Slurm is asked, ten times a second, before it is given up."""


def until(runs: Path, holds: Callable[[list[Standing]], bool]) -> list[Standing]:
    """Ask how the jobs stand until it is so; return how they do then."""
    for _ in range(_LOOKS):
        found = list(standing(runs, submitted(runs)).values())
        if holds(found):
            return found
        threading.Event().wait(0.1)
    raise AssertionError(f"{found}: {all_logs(runs)}")


def all_logs(runs: Path) -> str:
    return "\n".join(file.read_text() for file in runs.glob(".jobs/*/*_log.out"))


def stand_is(stand: Stand) -> Callable[[list[Standing]], bool]:
    return lambda found: {each.stand for each in found} == {stand}


def slurms(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
