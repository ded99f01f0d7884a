"""The runs whose parameters can be asked about episodes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from workbench.core.run_config import RunConfig
from workbench.core.run_store import RunError, RunFolder, list_runs


class AskableRun(NamedTuple):
    """A run with a checkpoint; ``steps`` is how many inner steps it is tested with."""

    path: Path
    title: str
    steps: int
    config: RunConfig


def askable_runs(runs: Path) -> tuple[AskableRun, ...]:
    """Return the runs that have a checkpoint, the newest first."""
    found = (askable(folder) for folder in list_runs(runs))
    return tuple(run for run in found if run is not None)


def askable(folder: RunFolder) -> AskableRun | None:
    """Return a run if it has a checkpoint and can be read."""
    if not any(folder.checkpoints.glob("*.safetensors")):
        return None
    try:
        info, config = folder.info(), folder.config()
    except RunError:
        return None
    steps = max(config.evaluation.steps, config.algorithm.inner_steps)
    created = info.created[:16].replace("T", " ")
    return AskableRun(folder.path, f"{info.name}, {created}", steps, config)
