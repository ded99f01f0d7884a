"""Glyphs: an endless supply of invented alphabets, made here, with no download."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress, stop_if
from workbench.core.base.errors import DataError
from workbench.core.base.folders import cache_folder
from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import SPLITS, Split
from workbench.core.drawing.glyph_alphabets import alphabet
from workbench.core.drawing.glyph_programs import Drawings, draw, hands
from workbench.core.drawing.strokes import REDUCED_SIZE, Picture, Stroke
from workbench.core.learning.task_family import Limits
from workbench.core.pictures.character_settings import (
    CharacterTaskSettings,
    side_setting,
)
from workbench.core.pictures.class_bank import ClassBank
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.datasets import DataReport, DataSet, DataState
from workbench.core.pictures.store import (
    PictureIndex,
    StoredPictures,
    kept_bytes,
    open_pictures,
)
from workbench.core.pictures.writer import PictureWriter, is_writable

_FOLDER = "glyphs"
_FORM = 2
"""Raised whenever the same settings would give other drawings."""

_FIRST: dict[Split, int] = {"train": 0, "validation": 100_000, "test": 200_000}
_HELD_OUT: dict[Split, int] = {"validation": 5, "test": 10}


class SheetCharacter(NamedTuple):
    """A character of an invented alphabet, as its program and as it was drawn.

    ``strokes`` are the program's, ``drawn`` each drawer's, and ``pictures``
    [drawers, side, side] what a learner sees of them.
    """

    name: str
    strokes: list[Stroke]
    drawn: list[list[Stroke]]
    pictures: Picture


class Glyphs(CharacterTaskSettings):
    """Characters of invented alphabets, drawn by invented people."""

    title = "Glyphs"
    first_use = (
        "Alphabets are invented and drawn when they are first used, and kept: a "
        "hundred of them take up to half a minute."
    )

    kind: Literal["glyphs"] = "glyphs"
    alphabets: int = setting(
        100,
        "Alphabets",
        "Alphabets of glyphs to train on; others, beyond them, validate and test.",
        ge=1,
        le=10_000,
        unit="alphabets",
    )
    characters: int = setting(
        24,
        "Characters",
        "Characters of each alphabet.",
        ge=2,
        le=1000,
        unit="characters",
    )
    drawers: int = setting(
        20,
        "Drawers",
        "People who draw each character once.",
        ge=2,
        le=1000,
        unit="drawers",
    )
    side: int = side_setting()
    alphabet_seed: int = setting(
        0,
        "Alphabet seed",
        "Decides everything that is invented.",
        ge=0,
        le=2**31 - 1,
        advanced=True,
    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Square pictures of one channel."""
        return self._shape

    def limits(self, split: Split) -> Limits:
        """Return the classes to choose from; within an alphabet, of one."""
        alphabets = 1 if self.within_alphabet else len(self.alphabets_of(split))
        return Limits(alphabets * self.characters * self.turns(split), self.drawers)

    def alphabets_of(self, split: Split) -> range:
        """Return which alphabets a split has; no two splits share one."""
        first = _FIRST[split]
        return range(first, first + _HELD_OUT.get(split, self.alphabets))

    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        """Load the drawings, made first if they are not kept."""
        return ClassBank.of(glyph_pictures(self, data, cancel=cancel), device)

    def splits(self, classes: ClassList) -> dict[Split, list[int]]:
        """Return the classes of each split, as rows of the list."""
        rows = iter(range(len(classes.names)))
        return {
            split: [
                next(rows) for _ in self.alphabets_of(split) for _ in self._names(0)
            ]
            for split in SPLITS
        }

    def sheet(self, index: int) -> list[SheetCharacter]:
        """Return an alphabet with its strokes and drawings, as the bank has them."""
        return [
            SheetCharacter(
                name,
                drawings.strokes(0),
                [drawings.strokes(row) for row in range(1, 1 + self.drawers)],
                drawings.pictures(self.side),
            )
            for name, drawings in zip(
                self._names(index), self._drawn(index), strict=True
            )
        ]

    def alphabet_name(self, index: int) -> str:
        """Return what an alphabet is called."""
        return f"Invented {self.alphabet_seed}.{index}"

    def _names(self, index: int) -> list[str]:
        name = self.alphabet_name(index)
        return [f"{name}/character{row + 1:02d}" for row in range(self.characters)]

    def _drawn(self, index: int) -> Iterator[Drawings]:
        random = np.random.default_rng((self.alphabet_seed, index, 1))
        drawers = hands(self.drawers, random)
        for character in alphabet(
            self.alphabet_seed, index, self.characters
        ).characters:
            yield draw(character, drawers, random)

    def picture_index(self) -> PictureIndex:
        """Return which drawings there are, in the order they are made in."""
        indices = self._indices()
        classes = len(indices) * self.characters
        return PictureIndex(
            shape=self._shape,
            names=tuple(name for index in indices for name in self._names(index)),
            counts=(self.drawers,) * classes,
            groups=tuple(row // self.characters for row in range(classes)),
            group_names=tuple(map(self.alphabet_name, indices)),
        )

    def make(
        self, folder: Path | None, progress: Progress, cancel: CancelFlag | None = None
    ) -> StoredPictures:
        """Draw everything into a folder, or into memory if there is none."""
        indices = self._indices()
        with PictureWriter(folder, self._shape) as writer:
            if folder and (made := self.kept(folder)):  # by whom it waited for
                return made
            for done, index in enumerate(indices):
                stop_if(cancel)
                progress("Inventing alphabets", done, len(indices))
                for drawings in self._drawn(index):
                    writer.append(drawings.pictures(self.side)[:, None])
            progress("Inventing alphabets", len(indices), len(indices))
            return writer.finish(self.picture_index())

    def kept(self, folder: Path) -> StoredPictures | None:
        """Return the drawings that are kept there; None if missing or damaged."""
        with contextlib.suppress(DataError):
            stored = open_pictures(folder)
            if stored is not None and stored.index == self.picture_index():
                return stored
        return None

    @property
    def _shape(self) -> tuple[int, int, int]:
        return (1, self.side, self.side)

    def _indices(self) -> list[int]:
        return [index for split in SPLITS for index in self.alphabets_of(split)]

    def folder_name(self) -> str:
        """Return the name of the folder that these drawings are kept in."""
        size = f"{self.alphabets}x{self.characters}x{self.drawers}"
        pixels = f"-{self.side}px" if self.side != REDUCED_SIZE else ""
        return f"seed{self.alphabet_seed}-{size}{pixels}-form{_FORM}"


def glyph_pictures(
    settings: Glyphs,
    data: Path,
    progress: Progress = no_progress,
    cancel: CancelFlag | None = None,
) -> StoredPictures:
    """Return the drawings, made and kept first if they are missing or damaged.

    They are kept in the data folder; where that must not be written to, in the user's
    cache or in memory.
    """
    folder = _kept_in(data, settings.folder_name())
    kept = settings.kept(folder) if folder else None
    return kept or settings.make(folder, progress, cancel)


def _kept_in(data: Path, name: str) -> Path | None:
    cache = cache_folder()
    for root in (data, cache):
        if is_writable(root / _FOLDER / name):
            return root / _FOLDER / name
    return None


class GlyphsData(DataSet):
    """The invented alphabets: always there."""

    name = "glyphs"
    title = "Glyphs"
    licence = "none needed: made here"
    splits = ("as many alphabets as the settings say; 5 others validate, 10 test",)
    can_import = False
    imports = "Glyphs are made when they are first used: there is nothing to import."

    def report(self, data: Path) -> DataReport:
        """Return what the settings' defaults give."""
        index = Glyphs().picture_index()
        folder = data / _FOLDER
        return DataReport(
            DataState.READY,
            "Invented and drawn when first used, in under half a minute.",
            folder,
            kept_bytes(folder),
            len(index.names),
            index.total,
            len(index.group_names),
        )

    def is_made_here(self, data: Path) -> bool:
        """Return that they are invented anew."""
        return True

    def import_from(
        self,
        data: Path,
        path: Path,
        options: Settings | None = None,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> DataReport:
        """Say that there is nothing to import."""
        raise DataError(self.imports)
