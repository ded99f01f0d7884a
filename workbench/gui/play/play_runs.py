"""Chooses the runs that play: those trained on tasks that can be watched."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from typing_extensions import override

from workbench.core.acting.planar import PlanarSettings
from workbench.core.acting.running import RunningSettings
from workbench.core.acting.settings import ActingSettings
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.gui.shell.run_picker import RunPicker

_PREFERRED = ("best", "latest")


class PlayRuns(RunPicker):
    """Shows the run that plays, and another beside it."""

    name = "play_runs"
    most = 2
    adds = "Let another run find the same goal, side by side"
    alone = "Other runs that learn to act appear here"

    @override
    def serves(self, config: RunConfig) -> bool:
        return isinstance(config.task, PlanarSettings | RunningSettings)

    @override
    def offered(self, row: int | None) -> list[Path]:
        """Return what can be asked: beside another run, those of the same goals."""
        found = super().offered(row)
        return found if row is not None else self._alike(found, self.folders[:1])

    @override
    def choose(self, folders: list[Path]) -> None:
        """Ask these runs, of those already asked only the ones of the same goals."""
        new = [folder for folder in folders if folder not in self.folders]
        super().choose(self._alike(folders, (new or folders)[:1]))

    def task(self) -> ActingSettings | None:
        """Return the task of the first run chosen."""
        return _task_of(self.folders[0]) if self.folders else None

    def stamps(self) -> tuple[float, ...]:
        """Return of when the checkpoints are that the chosen runs act with."""
        return tuple(map(_stamp_of, self.folders))

    def _alike(self, folders: list[Path], ones: list[Path]) -> list[Path]:
        """Return those of the folders whose tasks have goals like this one's."""
        if not ones:
            return folders
        kind = _goals_of(_task_of(ones[0]))
        return [
            folder
            for folder in folders
            if folder in ones or _goals_of(_task_of(folder)) == kind
        ]

    def take_first(self) -> bool:
        """Choose the newest run where none is chosen, and drop those that are gone.

        Return whether others are chosen now.
        """
        left = [folder for folder in self.folders if (folder / "run.json").is_file()]
        chosen = left or self.usable_runs()[:1]
        is_other = chosen != self.folders
        if is_other:
            self.choose(chosen)
        return is_other


def _task_of(folder: Path) -> ActingSettings | None:
    """Return what a run is trained on; None if that cannot be read."""
    try:
        return cast("ActingSettings", RunFolder(folder).config().task)
    except (RunError, ConfigError):
        return None


def _stamp_of(folder: Path) -> float:
    """Return when a run was saved; 0 if there is nothing to read."""
    found = (folder / "checkpoints" / f"{name}.safetensors" for name in _PREFERRED)
    times = (file.stat().st_mtime for file in found if file.is_file())
    try:
        return next(times, 0.0)
    except OSError:
        return 0.0


def _goals_of(task: ActingSettings | None) -> tuple[str, ...] | None:
    """Return what differs between tasks that have not the same goals."""
    return ("", *task.ways) if isinstance(task, RunningSettings) else None
