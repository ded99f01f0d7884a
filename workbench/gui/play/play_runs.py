"""Chooses the runs that play: those trained on tasks in the plane."""

from __future__ import annotations

from typing_extensions import override

from workbench.core.acting.planar import PlanarSettings
from workbench.core.config.run_config import RunConfig
from workbench.gui.shell.run_picker import RunPicker


class PlayRuns(RunPicker):
    """Shows the run that plays, and another beside it."""

    name = "play_runs"
    most = 2
    adds = "Let another run find the same goal, side by side"
    alone = "Other runs on 2D navigation appear here"

    @override
    def serves(self, config: RunConfig) -> bool:
        return isinstance(config.task, PlanarSettings)

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
