"""mini-ImageNet: 100 kinds of things in colour, imported from its usual forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress, stop_if
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.phrases import one_line
from workbench.core.base.settings import Settings
from workbench.core.base.splits import SPLITS, Split
from workbench.core.learning.task_family import Limits
from workbench.core.pictures.class_bank import ClassBank
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.datasets import DataReport, DataSet, DataState
from workbench.core.pictures.files import PictureSource, open_source
from workbench.core.pictures.folders import LIMITS, FoundClasses, find_classes, keep
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.core.pictures.reduction import Reduction
from workbench.core.pictures.store import (
    PictureIndex,
    kept_bytes,
    known_index,
    open_pictures,
    read_index,
)
from workbench.core.pictures.unpickling import read_pickle
from workbench.core.pictures.writer import PictureWriter
from workbench.tasks.mini_imagenet_lists import listed_classes

SIDE = 84
CLASSES: dict[Split, int] = {"train": 64, "validation": 16, "test": 20}
PER_CLASS = 600
VALIDATION = [
    "n01855672",
    "n02091244",
    "n02114548",
    "n02138441",
    "n02174001",
    "n02950826",
    "n02971356",
    "n02981792",
    "n03075370",
    "n03417042",
    "n03535780",
    "n03584254",
    "n03770439",
    "n03773504",
    "n03980874",
    "n09256479",
]
TEST = [
    "n01930112",
    "n01981276",
    "n02099601",
    "n02110063",
    "n02110341",
    "n02116738",
    "n02129165",
    "n02219486",
    "n02443484",
    "n02871525",
    "n03127925",
    "n03146219",
    "n03272010",
    "n03544143",
    "n03775546",
    "n04146614",
    "n04149813",
    "n04418357",
    "n04522168",
    "n07613480",
]
"""Ravi and Larochelle's split; the other 64 classes are for training."""

_FOLDER = "mini-imagenet"
_SHORT: dict[Split, str] = {"train": "train", "validation": "val", "test": "test"}


class MiniImageNet(ImageTaskSettings):
    """Photographs of 100 kinds of things.

    More ways than the 16 validation classes borrow the rest from training: validation
    only chooses the checkpoint, and training and test stay as published.
    """

    title = "mini-ImageNet"

    kind: Literal["mini-imagenet"] = "mini-imagenet"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """84 x 84 pixels in red, green and blue."""
        return (3, SIDE, SIDE)

    def limits(self, split: Split) -> Limits:
        """Return what the published split holds."""
        classes = CLASSES[split]
        if split == "validation":
            classes = max(classes, min(self.ways, classes + CLASSES["train"]))
        return Limits(classes * self.turns(split), PER_CLASS)

    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        """Load the pictures."""
        stored = open_pictures(data / _FOLDER)
        if stored is None:
            here = MiniImageNetData()
            text = f"mini-ImageNet is not in {data}. {here.imports}"
            raise DataError(text, *here.remedies)
        return ClassBank.of(stored, device)

    @override
    def listed(self, data: Path) -> ClassList | None:
        index = known_index(data / _FOLDER)
        return None if index is None else index.listed

    def splits(self, classes: ClassList) -> dict[Split, list[int]]:
        """Return the classes of each split, as rows of the list."""
        given = classes.given_splits
        borrowed = max(0, self.ways - len(given["validation"]))
        return {**given, "validation": given["validation"] + given["train"][:borrowed]}


class MiniImageNetData(DataSet):
    """mini-ImageNet's pictures at 84 x 84, kept once."""

    name = "mini-imagenet"
    title = "mini-ImageNet"
    licence = "ImageNet's terms: research and teaching, not for sale"
    splits = (
        "64 / 16 / 20 classes of 600, as Ravi and Larochelle split them; validation "
        "with more ways borrows training classes",
    )
    imports = (
        "Import a folder that holds "
        "mini-imagenet-cache-train.pkl, -val.pkl and -test.pkl; or one of pictures "
        "with train.csv, val.csv and test.csv; or one with a sub-folder per class, in "
        "train, val and test or named as in ImageNet."
    )
    signs = ("mini-imagenet", "miniimagenet", "train.csv")

    def report(self, data: Path) -> DataReport:
        """Return what there is of it in the data folder."""
        folder = data / _FOLDER
        try:
            index = read_index(folder)
        except DataError as error:
            return DataReport(DataState.MISSING, str(error), folder)
        if index is None:
            return DataReport(DataState.MISSING, self.imports, folder)
        message = _difference(index)
        return DataReport.of(index, folder, kept_bytes(folder), message)

    def import_from(
        self,
        data: Path,
        path: Path,
        options: Settings | None = None,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> DataReport:
        """Bring in a local copy in one of its usual forms."""
        pickles = _pickles(path)
        if pickles:
            _keep_pickles(data / _FOLDER, pickles, progress, cancel)
            return self.report(data)
        with open_source(path, LIMITS) as source:
            found = _find(source)
            reduction = Reduction(SIDE, 3, "stretch", exact=True)
            keep(data / _FOLDER, source, found, reduction, progress, cancel)
        return self.report(data)


def _difference(index: PictureIndex) -> str:
    have = {split: len(index.splits.get(split, ())) for split in SPLITS}
    if have == CLASSES and set(index.counts) == {PER_CLASS}:
        return ""
    return (
        f"This copy has {' / '.join(map(str, have.values()))} classes of "
        f"{min(index.counts)} pictures or more, the published one 64 / 16 / 20 of 600: "
        "do not compare its figures with the papers'."
    )


def _pickles(path: Path) -> dict[Split, Path]:
    """Return the three pickles that ``path`` is or holds; none if it has none."""
    folder = path.parent if path.suffix == ".pkl" else path
    found = {
        split: file
        for split, short in _SHORT.items()
        for file in sorted(folder.glob(f"*{short}.pkl"))[:1]
    }
    missing = [short for split, short in _SHORT.items() if split not in found]
    if missing and (found or path.suffix == ".pkl"):
        raise DataError(
            f"mini-imagenet-cache-{missing[0]}.pkl is missing in {folder}: all three "
            "are needed, train, val and test"
        )
    return found


def _keep_pickles(
    folder: Path,
    pickles: Mapping[Split, Path],
    progress: Progress,
    cancel: CancelFlag | None,
) -> None:
    names, counts, groups = list[str](), list[int](), list[int]()
    splits: dict[str, tuple[str, ...]] = {}
    with PictureWriter(folder, (3, SIDE, SIDE)) as writer:
        for row, (split, path) in enumerate(pickles.items()):
            before = len(names)
            for name, pictures, share in _classes_in(path):
                stop_if(cancel)
                if name in names:
                    raise DataError(f"{path}: class {name} is there twice")
                writer.append(pictures)
                names.append(name)
                counts.append(len(pictures))
                groups.append(row)
                progress(f"Reading {path.name}", *share)
            splits[split] = tuple(names[before:])
        index = PictureIndex(
            shape=(3, SIDE, SIDE),
            names=tuple(names),
            counts=tuple(counts),
            groups=tuple(groups),
            group_names=tuple(pickles),
            splits=splits,
        )
        writer.finish(index)


def _classes_in(
    path: Path,
) -> Iterator[tuple[str, np.ndarray[Any, np.dtype[np.uint8]], tuple[int, int]]]:
    """Yield each class of a pickle with its pictures, and how far through it is."""
    content = read_pickle(path)
    pictures = content.get("image_data") if isinstance(content, dict) else None
    classes = content.get("class_dict") if isinstance(content, dict) else None
    if not isinstance(pictures, np.ndarray) or not isinstance(classes, dict):
        raise DataError(
            f"{path} has no image_data and class_dict: take mini-imagenet-cache-*.pkl"
        )
    if pictures.shape[1:] != (SIDE, SIDE, 3) or pictures.dtype != np.uint8:
        raise DataError(
            f"{path}: its pictures are {pictures.dtype} {pictures.shape}, not uint8 "
            f"[n, {SIDE}, {SIDE}, 3]"
        )
    left = len(pictures)
    for done, (name, rows) in enumerate(classes.items(), start=1):
        chosen = _rows(path, name, rows, len(pictures))
        left -= len(chosen)
        if left < 0:
            raise DataError(
                f"{path}: its classes have more than the {len(pictures)} pictures "
                "there are; a picture is of one class"
            )
        yield str(name), pictures[chosen].transpose(0, 3, 1, 2), (done, len(classes))


def _rows(path: Path, name: object, rows: Any, total: int) -> np.ndarray[Any, Any]:
    try:
        given = np.asarray(rows).reshape(-1)
        chosen = given.astype(np.int64, casting="safe") if given.size else given
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{path}: the rows of class {name} are no numbers") from error
    if len(chosen) < 2 or chosen.min() < 0 or chosen.max() >= total:
        raise DataError(
            f"{path}: class {name} has {len(chosen)} pictures among the {total} there "
            "are; a class needs two or more"
        )
    return chosen


def _find(source: PictureSource) -> FoundClasses:
    """Return the classes of a folder of pictures: by its lists, or its sub-folders."""
    lists = {
        split: name
        for split, short in _SHORT.items()
        for name in source.names
        if name.name == f"{short}.csv"
    }
    if len(lists) == len(_SHORT):
        return listed_classes(source, lists)
    found = find_classes(source)
    if found.splits:
        return found
    names = [name.split("/")[-1] for name in found.files]
    if not {*VALIDATION, *TEST} & {*names}:
        if lists:
            missing = [_SHORT[split] for split in SPLITS if split not in lists]
            raise DataError(
                f"{' and '.join(f'{short}.csv' for short in missing)} missing in "
                f"{source.path}: all three lists are needed, train, val and test"
            )
        raise DataError(
            f"{source.path} is mini-ImageNet in none of its usual forms. "
            f"{MiniImageNetData.imports}"
        )
    for name, number in Counter(names).items():
        if number > 1:
            shown = one_line(name)
            raise DataError(f"{source.path}: class {shown} is there twice")
    splits: dict[Split, list[str]] = {split: [] for split in SPLITS}
    for name in names:
        splits[_published_split(name)].append(name)
    files = dict(zip(names, found.files.values(), strict=True))
    return found._replace(files=files, splits=splits)


def _published_split(name: str) -> Split:
    if name in TEST:
        return "test"
    return "validation" if name in VALIDATION else "train"
