"""Sketches: alphabets drawn in the Sketch tab, by one person or several."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import SPLITS, Split
from workbench.core.drawing.strokes import REDUCED_SIZE
from workbench.core.learning.task_family import SAME_PICTURES
from workbench.core.pictures.character_settings import CharacterTaskSettings
from workbench.core.pictures.class_bank import ClassBank, shuffled
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.datasets import DataReport, DataSet, DataState
from workbench.core.pictures.image_family import Rotation, rotation_setting
from workbench.core.pictures.store import kept_bytes
from workbench.core.sketch.alphabets import (
    FOLDER,
    keep_alphabet,
    sketched_classes,
    sketched_pictures,
)
from workbench.core.sketch.session import load

_SHARES = (0.5, 0.75)


class Sketches(CharacterTaskSettings):
    """Characters drawn in the Sketch tab."""

    title = "Sketches"

    kind: Literal["sketches"] = "sketches"
    rotation: Rotation = rotation_setting("none")
    queries: int = setting(
        1, "Queries", "Query examples per class.", ge=1, le=1000, unit="examples"
    )
    split_seed: int = setting(
        0,
        "Split seed",
        "Decides which characters train (half of them), validate and test.",
        ge=0,
        le=2**31 - 1,
        advanced=True,
        mark=SAME_PICTURES,
    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """28 x 28 pixels of one channel."""
        return (1, REDUCED_SIZE, REDUCED_SIZE)

    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        """Draw everything that was sketched."""
        return ClassBank.of(sketched_pictures(data), device)

    @override
    def listed(self, data: Path) -> ClassList | None:
        return sketched_classes(data)

    def splits(self, classes: ClassList) -> dict[Split, list[int]]:
        """Return the classes of each split, as rows of the list."""
        rows = {name: row for row, name in enumerate(classes.names)}
        names = shuffled(rows, self.split_seed)
        ends = [0, *(round(share * len(names)) for share in _SHARES), len(names)]
        return {
            split: [rows[name] for name in names[first:end]]
            for split, first, end in zip(SPLITS, ends, ends[1:], strict=False)
        }


class SketchesData(DataSet):
    """The alphabets that were sketched and exported."""

    name = "sketches"
    title = "Sketches"
    licence = "yours"
    splits = ("half of the characters train, a quarter validates, a quarter tests",)
    imports = "Import a saved sketch session (JSON), or export one in the Sketch tab."

    def report(self, data: Path) -> DataReport:
        """Return what was sketched so far."""
        folder = data / FOLDER
        try:
            index = sketched_pictures(data).index
        except DataError as error:
            return DataReport(DataState.MISSING, str(error), folder, 0)
        return DataReport.of(index, folder, kept_bytes(folder))

    def import_from(
        self,
        data: Path,
        path: Path,
        options: Settings | None = None,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> DataReport:
        """Keep a saved session as an alphabet named like its file."""
        sketch = load(path)
        keep_alphabet(sketch, data, path.stem, sketch.drawer or "drawer 1")
        return self.report(data)
