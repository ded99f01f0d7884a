"""Omniglot: 1623 characters of 50 alphabets, each drawn by 20 people."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import shutil
from collections import Counter
from pathlib import Path
from typing import Literal

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress
from workbench.core.base.errors import DataError
from workbench.core.base.files import copy_atomically, remove_if_empty
from workbench.core.base.folders import cache_folder
from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import SPLITS, Split
from workbench.core.learning.task_family import SAME_PICTURES, Limits
from workbench.core.pictures.character_settings import (
    CharacterTaskSettings,
    side_setting,
)
from workbench.core.pictures.class_bank import ClassBank, shuffled
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.datasets import DataReport, DataSet, DataState
from workbench.core.pictures.downloads import RemoteFile, fetch
from workbench.core.pictures.store import (
    StoredPictures,
    kept_bytes,
    open_pictures,
    read_index,
)
from workbench.core.pictures.writer import is_writable
from workbench.tasks.omniglot_archive import (
    BACKGROUND,
    DRAWERS,
    EVALUATION,
    HALVES,
    SIDE,
    build,
    class_names,
    find_halves,
    readable,
)

_FOLDER = "omniglot"
_MINIMAL = {
    "minimal-1": ("Balinese", "Early_Aramaic", "Greek", "Korean", "Latin"),
    "minimal-2": ("Greek", "Japanese_(katakana)", "Latin", "Sanskrit", "Tagalog"),
}
_MINIMAL_VALIDATION = ("Latin",)
_LAKE_VALIDATION = tuple(BACKGROUND)[-5:]
_VINYALS = (1100, 100)
_MIRRORS = (
    "https://github.com/brendenlake/omniglot/raw/master/python/",
    "https://raw.githubusercontent.com/brendenlake/omniglot/master/python/",
)
_CHECKSUMS = {
    "images_background": "md5:68d2efa1b9178cc56df9314c21c6e718",
    "images_evaluation": "md5:6b91aef0f799c5bb55b94e3f2daec811",
}
FILES = {
    half: RemoteFile(
        f"{half}.zip",
        tuple(f"{mirror}{half}.zip" for mirror in _MIRRORS),
        checksum,
        most_bytes=64 * 2**20,
    )
    for half, checksum in _CHECKSUMS.items()
}
"""The published zips."""

ZIPS = tuple(file.name for file in FILES.values())

_BY_HAND = (
    "Without a network: get images_background.zip and images_evaluation.zip from "
    "https://github.com/brendenlake/omniglot/tree/master/python on another computer "
    "and import the folder they are in"
)


class Omniglot(CharacterTaskSettings):
    """Handwritten characters of 50 alphabets."""

    title = "Omniglot"
    first_use = (
        "The published drawings are made small when they are first used: this takes "
        "some seconds, and is kept."
    )

    kind: Literal["omniglot"] = "omniglot"
    split: Literal["lake", "lake-whole", "vinyals", "minimal-1", "minimal-2"] = setting(
        "lake",
        "Split",
        "Lake's 30 background and 20 evaluation alphabets, all 30 trained on where "
        "whole, those that validate too; 1100/100/423 characters drawn at random "
        "(vinyals); or Lake's small backgrounds of 5 alphabets.",
        mark=SAME_PICTURES,
    )
    side: int = side_setting()
    split_seed: int = setting(
        0,
        "Split seed",
        "Decides which characters are in which split; for vinyals only.",
        ge=0,
        le=2**31 - 1,
        advanced=True,
        mark=SAME_PICTURES,
    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Square pictures of one channel."""
        return (1, self.side, self.side)

    def limits(self, split: Split) -> Limits:
        """Return the classes to choose from; within an alphabet, of its largest."""
        names = split_classes(self.split, self.split_seed)[split]
        alphabets = Counter(name.partition("/")[0] for name in names)
        classes = max(alphabets.values()) if self.within_alphabet else len(names)
        return Limits(classes * self.turns(split), DRAWERS)

    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        """Load the pictures, made small first if only the published zips are there."""
        return ClassBank.of(
            omniglot_pictures(data, cancel=cancel, side=self.side), device
        )

    def splits(self, classes: ClassList) -> dict[Split, list[int]]:
        """Return the classes of each split, as rows of the list."""
        rows = {name: row for row, name in enumerate(classes.names)}
        names = split_classes(self.split, self.split_seed)
        return {split: [rows[name] for name in names[split]] for split in SPLITS}


@functools.lru_cache(maxsize=16)
def split_classes(split: str, seed: int = 0) -> dict[Split, tuple[str, ...]]:
    """Return the names of the classes in each split; no data is needed.

    Validation alphabets are taken out of the background: the last five of Lake's 30,
    Latin from each of the small ones. Where Lake's is whole, which is for a last run
    whose settings are chosen, they are trained on as well.
    """
    if split == "vinyals":
        names = shuffled(class_names({**BACKGROUND, **EVALUATION}), seed)
        train, validation = _VINYALS
        return {
            "train": tuple(names[:train]),
            "validation": tuple(names[train : train + validation]),
            "test": tuple(names[train + validation :]),
        }
    if split in ("lake", "lake-whole"):
        alphabets, held_out = tuple(BACKGROUND), _LAKE_VALIDATION
    else:
        alphabets, held_out = _MINIMAL[split], _MINIMAL_VALIDATION
    left_out = () if split == "lake-whole" else held_out
    return {
        "train": class_names(
            {a: BACKGROUND[a] for a in alphabets if a not in left_out}
        ),
        "validation": class_names({a: BACKGROUND[a] for a in held_out}),
        "test": class_names(EVALUATION),
    }


def omniglot_pictures(
    data: Path,
    progress: Progress = no_progress,
    cancel: CancelFlag | None = None,
    side: int = SIDE,
) -> StoredPictures:
    """Return the pictures kept in the data folder, of so many pixels along a side.

    If only the published zips are there they are made small first, and kept beside
    them; for a folder that must not be written to, in the user's cache or in memory.
    """
    zips = _zips(data)
    # What is damaged is made anew, where there is something to make it of.
    open_kept = open_pictures if zips is None else readable
    stored = open_kept(_folder(data, side))
    if stored is not None and not _missing(stored.index.names):
        return stored
    if zips is None:
        raise _unmade(data, side)
    kept = _kept_for(data, zips, side)
    stored = readable(kept)
    if stored is not None:
        return stored
    return _build_from(zips, kept, progress, cancel, side)


def _folder(data: Path, side: int) -> Path:
    """Return where pictures of a size are kept: the usual ones in the folder itself."""
    folder = data / _FOLDER
    return folder if side == SIDE else folder / f"{side}x{side}"


def _unmade(data: Path, side: int) -> DataError:
    """Say what is missing, of all or of what other sizes are made of."""
    here = OmniglotData()
    report = here.report(data)
    text = f"{report.message} ({data / _FOLDER})"
    if report.state is DataState.READY:
        text = (
            f"pictures of {side} x {side} pixels are made of {' and '.join(ZIPS)}, "
            f"which {data / _FOLDER} does not have: fetch or import Omniglot again"
        )
    return DataError(text, *here.remedies)


def _build_from(
    path: Path,
    folder: Path | None,
    progress: Progress,
    cancel: CancelFlag | None,
    side: int = SIDE,
) -> StoredPictures:
    with contextlib.ExitStack() as open_until:
        return build(folder, find_halves(path, open_until), progress, cancel, side)


def _missing(names: tuple[str, ...]) -> list[str]:
    return [
        h for h, made_of in HALVES.items() if not {*class_names(made_of)} <= {*names}
    ]


def published_zips(path: Path) -> list[Path]:
    """Return the published zips that a path is, or has in it."""
    places = [path, *(path / name for name in ZIPS)]
    return [place for place in places if place.name in ZIPS and place.is_file()]


def _zips(data: Path) -> Path | None:
    """Return the folder that holds both published zips, if one does."""
    for folder in (data, data / _FOLDER):
        if all((folder / file.name).is_file() for file in FILES.values()):
            return folder
    return None


def _kept_for(data: Path, zips: Path, side: int) -> Path | None:
    """Return where to keep what is made of the zips; None for in memory only."""
    if is_writable(_folder(data, side)):
        return _folder(data, side)
    about = [(zips / file.name).stat() for file in FILES.values()]
    key = repr([str(zips.resolve()), *((a.st_size, a.st_mtime_ns) for a in about)])
    cache = cache_folder()
    name = f"{_FOLDER}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    kept = cache / (name if side == SIDE else f"{name}-{side}x{side}")
    return kept if is_writable(kept) else None


class OmniglotData(DataSet):
    """Omniglot's pictures, made small and kept once."""

    name = "omniglot"
    title = "Omniglot"
    licence = "MIT, Copyright (c) 2015 Brenden Lake"
    splits = (
        "lake: 813 / 151 / 659 characters; the last 5 background alphabets validate",
        "lake-whole: 964 / 151 / 659 characters; trained on those that validate too",
        "vinyals: 1100 / 100 / 423 characters, drawn with the split seed",
        "minimal-1: 110 / 26 / 659 characters of Lake's first small background",
        "minimal-2: 130 / 26 / 659 characters of Lake's second small background",
    )
    imports = (
        "Import images_background.zip and images_evaluation.zip, a folder that holds "
        "them, or one they were unpacked to."
    )
    signs = tuple(HALVES)
    can_fetch = True

    def report(self, data: Path) -> DataReport:
        """Return what there is of it in the data folder."""
        folder, zips = data / _FOLDER, _zips(data)
        try:
            index = read_index(folder)
        except DataError as error:
            index, size = None, kept_bytes(folder)
            if zips is None:
                return DataReport(DataState.MISSING, str(error), folder, size)
        missing = list(HALVES) if index is None else _missing(index.names)
        if index is not None and not missing:
            return DataReport.of(index, folder, kept_bytes(folder))
        if zips is not None:
            size = sum((zips / file.name).stat().st_size for file in FILES.values())
            classes = len(class_names({**BACKGROUND, **EVALUATION}))
            return DataReport(
                DataState.READY,
                "Made from the zips in the folder when it is first used.",
                zips,
                size,
                classes,
                classes * DRAWERS,
                len(BACKGROUND) + len(EVALUATION),
            )
        return self._incomplete(data, folder, missing)

    def is_made_here(self, data: Path) -> bool:
        """Return whether the zips that they are made of are here."""
        return _zips(data) is not None

    def _incomplete(self, data: Path, folder: Path, missing: list[str]) -> DataReport:
        begun = [*folder.glob("downloads/*"), *(data / f"{h}.zip" for h in HALVES)]
        partly = len(missing) < len(HALVES) or any(file.is_file() for file in begun)
        zips = " and ".join(f"{half}.zip" for half in missing)
        return DataReport(
            DataState.PARTLY if partly else DataState.MISSING,
            f"{zips} {'is' if len(missing) == 1 else 'are'} missing",
            folder,
            kept_bytes(folder),
        )

    def fetch(
        self,
        data: Path,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> None:
        """Download what is missing, check it, and keep it, also made small."""
        is_ready = self.report(data).state is DataState.READY
        if is_ready and _zips(data):
            return
        downloads = data / _FOLDER / "downloads"
        try:
            for file in FILES.values():
                fetch(file, downloads, progress, cancel)
        except DataError as error:
            text = f"{error}. {_BY_HAND}"
            raise DataError(text, *error.remedies, self.remedies[-1]) from error
        finally:
            remove_if_empty(downloads, downloads.parent)
        if not is_ready:
            _build_from(downloads, data / _FOLDER, progress, cancel)
        for file in FILES.values():
            (downloads / file.name).replace(data / _FOLDER / file.name)
        shutil.rmtree(downloads, ignore_errors=True)

    def import_from(
        self,
        data: Path,
        path: Path,
        options: Settings | None = None,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> DataReport:
        """Bring in a local copy; one half may come after the other."""
        _build_from(path, data / _FOLDER, progress, cancel)
        for zipped in published_zips(path):
            copy_atomically(zipped, data / _FOLDER / zipped.name)
        return self.report(data)
