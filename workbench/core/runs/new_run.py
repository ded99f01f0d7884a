"""Begins a run, and has it go on; it is called by what it is if nobody names it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.core.config.naming import name_after, telling_name
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


def train_further(folder: RunFolder, config: RunConfig) -> None:
    """Give a run another configuration; a name that nobody gave it follows that."""
    info = folder.info()
    name = name_after(info.name, folder.config(), config, info.preset)
    folder.replace_config(config)
    if name != info.name:
        folder.update(name=name)
