"""Begins a run, which is called by what it is if nobody names it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.core.config.naming import telling_name
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.store import RunFolder


def new_run(
    runs: Path,
    config: RunConfig,
    *,
    name: str = "",
    preset: str = "",
    announce: Callable[[str], object] = str,
) -> RunFolder:
    """Make the folder of a new run; RunError if that cannot be made.

    ``announce`` is told its name before it is there.
    """
    called = telling_name(config, preset)
    return RunFolder.create(
        runs, config, name=name, preset=preset, called=called, announce=announce
    )
