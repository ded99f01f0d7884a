"""Chooses the runs that answer: the bundled model, or runs on square pictures."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from workbench.core.config.run_config import RunConfig
from workbench.core.pictures.character_settings import is_square_ink
from workbench.gui.shell.run_picker import RunPicker, bundled_model


class SketchRuns(RunPicker):
    """Shows the runs that answer a sketch."""

    adds = "Let another run answer, side by side (up to four)"
    alone = "Runs you train on pictures appear here"

    @override
    def serves(self, config: RunConfig) -> bool:
        task = config.task
        return task.problem == "classification" and is_square_ink(task.input_shape)

    @override
    def first(self) -> list[Path]:
        return [bundled_model()]

    @override
    def come_along(self) -> list[Path]:
        is_there = (bundled_model() / "run.json").is_file()
        return [bundled_model()] if is_there else []
