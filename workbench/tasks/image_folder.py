"""Your own pictures: any folder with one sub-folder per class."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import itertools
import os
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from pydantic import ValidationError, field_validator, model_validator
from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import SPLITS, Split
from workbench.core.learning.task_family import SAME_PICTURES, Limits
from workbench.core.pictures.class_bank import ClassBank, shuffled
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.datasets import DataReport, DataSet, DataState
from workbench.core.pictures.files import open_source
from workbench.core.pictures.folders import LIMITS, find_classes, keep
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.core.pictures.reduction import Reduction
from workbench.core.pictures.store import (
    PictureIndex,
    kept_bytes,
    known_index,
    open_pictures,
    read_index,
)

_FOLDER = "pictures"
SplitBy: TypeAlias = Literal["by folders", "by ratio"]
_FORBIDDEN = frozenset('/\\:*?"<>|')
_LONGEST_NAME = 80
_CHOICE = {"split", "train_share", "validation_share", "split_seed"}
_LEAST_CLASSES = 2
"""In each split: a task tells two classes apart, or more."""


class ImageFolder(ImageTaskSettings):
    """Pictures that were imported from a folder, under a name."""

    title = "Own pictures"

    kind: Literal["pictures"] = "pictures"
    dataset: str = setting(
        "", "Data set", "The name that the pictures were imported under."
    )
    size: int = setting(
        84, "Size", "Side of a picture, as imported.", ge=8, le=512, unit="pixels"
    )
    colour: Literal["colour", "grey"] = setting(
        "colour", "Colour", "Three channels or one, as imported."
    )
    split: SplitBy = setting(
        "by folders",
        "Split",
        "By the sub-folders train, val and test where there are; else, or by choice, "
        "by ratio: classes drawn at random.",
        mark=SAME_PICTURES,
    )
    train_share: float = setting(
        0.64,
        "Training share",
        "Of the classes, when split by ratio.",
        gt=0,
        lt=1,
        mark=SAME_PICTURES,
    )
    validation_share: float = setting(
        0.16,
        "Validation share",
        "Of the classes; the rest is for test.",
        ge=0,
        lt=1,
        mark=SAME_PICTURES,
    )
    split_seed: int = setting(
        0,
        "Split seed",
        "Decides which classes are in which split, when split by ratio.",
        ge=0,
        le=2**31 - 1,
        advanced=True,
        mark=SAME_PICTURES,
    )
    leave_out_small: bool = setting(
        True,
        "Leave out small classes",
        "Do without the classes that have fewer pictures than shots + queries.",
        advanced=True,
        mark=SAME_PICTURES,
    )

    @model_validator(mode="after")
    def _leave_some_for_test(self) -> Self:
        _check_shares(self.train_share, self.validation_share)
        return self

    @property
    def data_set(self) -> str:
        """The pictures imported under the name, if there is one."""
        return f"{self.kind}/{self.dataset}" if self.dataset else self.kind

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Square pictures, grey or in red, green and blue."""
        return (1 if self.colour == "grey" else 3, self.size, self.size)

    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        """Load the pictures; DataError where they were imported otherwise."""
        stored = open_pictures(_folder(data, self.dataset)) if self.dataset else None
        self._check(None if stored is None else stored.index, data)
        assert stored is not None
        return ClassBank.of(stored, device)

    @override
    def listed(self, data: Path) -> ClassList:
        index = known_index(_folder(data, self.dataset)) if self.dataset else None
        return self._check(index, data).listed

    @override
    def holdings(self, data: Path) -> dict[Split, Limits]:
        found = super().holdings(data)
        if min(limits.classes for limits in found.values()) < _LEAST_CLASSES:
            has = ", ".join(f"{found[split].classes} for {split}" for split in SPLITS)
            raise DataError(
                f"{self.dataset} has too few classes with enough pictures ({has}): a "
                f"task needs {_LEAST_CLASSES} of each split",
                field="task.dataset",
            )
        return found

    def _check(self, index: PictureIndex | None, data: Path) -> PictureIndex:
        """Return the index of the pictures; DataError where they do not fit."""
        if index is None:
            there = ", ".join(_imported(data)) or "none yet"
            raise DataError(
                f"there are no pictures named {self.dataset!r} in {data}; there are: "
                f"{there}",
                *ImageFolderData().remedies,
                field="task.dataset",
            )
        if index.shape != self.input_shape:
            channels, size, _ = index.shape
            raise DataError(
                f"{self.dataset} was imported with size {size} and "
                f"{'grey' if channels == 1 else 'colour'}: set task.size and "
                "task.colour to that, or import it again",
                field="task.size" if size != self.size else "task.colour",
            )
        return index

    def splits(self, classes: ClassList) -> dict[Split, list[int]]:
        """Return the classes of each split, as rows of the list."""
        counts = classes.counts
        least = self.shots + self.queries if self.leave_out_small else 0
        if least > max(counts, default=0):
            raise DataError(
                f"{self.shots} shots + {self.queries} queries = {least}, but no class "
                f"of {self.dataset} has more than {max(counts, default=0)} pictures: "
                "ask for fewer",
                field="task.queries",
            )
        given = classes.given_splits
        if self.split == "by ratio" or not given:
            large = (row for row, count in enumerate(counts) if count >= least)
            return self._by_ratio({classes.names[row]: row for row in large})
        return {
            split: [row for row in given[split] if counts[row] >= least]
            for split in SPLITS
        }

    def _by_ratio(self, row_of: dict[str, int]) -> dict[Split, list[int]]:
        """Return the shares of the rows, by name; no split goes without a task."""
        rows = [row_of[name] for name in shuffled(row_of, self.split_seed)]
        sizes = [
            round(self.train_share * len(rows)),
            round(self.validation_share * len(rows)),
        ]
        sizes.append(len(rows) - sum(sizes))
        if len(rows) >= _LEAST_CLASSES * len(sizes):
            while min(sizes) < _LEAST_CLASSES:
                sizes[sizes.index(min(sizes))] += 1
                sizes[sizes.index(max(sizes))] -= 1
        left = iter(rows)
        return {
            split: list(itertools.islice(left, size))
            for split, size in zip(SPLITS, sizes, strict=True)
        }

    @classmethod
    def of(cls, data: Path, dataset: str) -> Self:
        """Return the settings that suit pictures imported under a name."""
        index = read_index(_folder(data, dataset))
        if index is None:
            return cls(dataset=dataset)
        channels, size, _ = index.shape
        given = {"size": size, "colour": "grey" if channels == 1 else "colour"}
        chosen = {
            name: index.split_choice[name] for name in _CHOICE & {*index.split_choice}
        }
        for known in (given | chosen, given):
            with contextlib.suppress(ValidationError):
                return cls.model_validate({"dataset": dataset, **known})
        return cls(dataset=dataset)


def _as_in_the_task(name: str) -> Any:
    """Declare a field of the import that the task has too."""
    return copy.copy(ImageFolder.model_fields[name])


def _check_shares(train: float, validation: float) -> None:
    if train + validation >= 1:
        raise ValueError(
            f"a training share of {train} and a validation share of {validation} "
            "leave no classes for test: their sum must be less than 1"
        )


class ImportOptions(Settings):
    """How pictures are brought in."""

    name: str = setting("", "Name", "What to call them; the folder's name if empty.")
    size: int = setting(
        84,
        "Size",
        "Every picture is reduced to this side.",
        ge=8,
        le=512,
        unit="pixels",
    )
    colour: Literal["colour", "grey"] = setting(
        "colour", "Colour", "Keep three channels, or one."
    )
    fit: Literal["crop", "pad", "stretch"] = setting(
        "crop",
        "Fit",
        "What to do with pictures that are not square: crop the middle, pad with the "
        "background, or stretch.",
    )
    inverted: bool = setting(
        False,
        "Invert",
        "Swap light and dark: for dark ink on light paper, so that ink becomes 1.",
    )
    split: SplitBy = _as_in_the_task("split")
    train_share: float = _as_in_the_task("train_share")
    validation_share: float = _as_in_the_task("validation_share")
    split_seed: int = _as_in_the_task("split_seed")

    @field_validator("name")
    @classmethod
    def _name_a_folder(cls, name: str) -> str:
        if name and (why := _why_unfit(name)):
            raise ValueError(why)
        return name

    @model_validator(mode="after")
    def _leave_some_for_test(self) -> Self:
        _check_shares(self.train_share, self.validation_share)
        return self


class ImageFolderData(DataSet):
    """Pictures of one's own; each import has a name and is a data set."""

    licence = "yours"
    splits = (
        "by the sub-folders train, val and test, where there are",
        "by ratio and seed, as the task settings say",
    )
    imports = (
        "Import a folder with one sub-folder per class, of PNG, JPEG, BMP or WebP "
        "pictures; or one with train, val and test, each with sub-folders of classes "
        "of its own."
    )
    options = ImportOptions

    def __init__(self, imported: str = "") -> None:
        self._imported = imported
        self.name = f"pictures/{imported}" if imported else "pictures"
        self.title = imported or "Own pictures"
        # One that was imported is replaced by importing another under its name.
        self.can_import = not imported

    @classmethod
    def all_in(cls, data: Path) -> tuple[DataSet, ...]:
        """Return those imported, after the one that stands for the next."""
        return (cls(), *map(cls, _imported(data)))

    def report(self, data: Path) -> DataReport:
        """Return what there is of it in the data folder."""
        if not self._imported:
            return DataReport(DataState.MISSING, self.imports, data / _FOLDER)
        folder = _folder(data, self._imported)
        try:
            index = read_index(folder)
        except DataError as error:
            return DataReport(DataState.MISSING, str(error), folder, kept_bytes(folder))
        if index is None:
            return DataReport(DataState.MISSING, self.imports, folder)
        settings = ImageFolder.of(data, self._imported)
        message = (
            f"{settings.size} x {settings.size}, {settings.colour}; "
            f"{_split_text(settings, bool(index.splits))}"
        )
        found = DataReport.of(index, folder, kept_bytes(folder), message)
        return dataclasses.replace(found, splits=(_shares(settings, index),))

    @override
    def made_by(self, path: Path, options: Settings | None = None) -> str:
        chosen = options.name if isinstance(options, ImportOptions) else ""
        whole = path.resolve()
        own = whole.name if whole.is_dir() else whole.stem
        text = os.fsencode(own).decode(errors="replace")
        return f"pictures/{self._imported or chosen or text}"

    def import_from(
        self,
        data: Path,
        path: Path,
        options: Settings | None = None,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> DataReport:
        """Bring in a folder, or a zip of one, under a name."""
        chosen = options if isinstance(options, ImportOptions) else ImportOptions()
        made = ImageFolderData(self.made_by(path, chosen).removeprefix("pictures/"))
        folder = _folder(data, made.title)
        channels: Literal[1, 3] = 1 if chosen.colour == "grey" else 3
        reduction = Reduction(chosen.size, channels, chosen.fit, chosen.inverted)
        with open_source(path, LIMITS) as source:
            found = find_classes(source)
            if found.unsplit and chosen.split == "by folders":
                raise DataError(
                    f"{path} cannot be split by its folders: {found.unsplit}. Mend "
                    "that, or set Split to by ratio (split='by ratio')"
                )
            found = found._replace(split_choice=chosen.model_dump(include=_CHOICE))
            keep(folder, source, found, reduction, progress, cancel)
        return dataclasses.replace(made.report(data), made=made.name)


def _split_text(settings: ImageFolder, has_splits: bool) -> str:
    if has_splits and settings.split == "by folders":
        return "split by its folders"
    train, validation = settings.train_share, settings.validation_share
    test = round(1 - train - validation, 6)
    return f"split by ratio, {train:g} / {validation:g} / {test:g}"


def _shares(settings: ImageFolder, index: PictureIndex) -> str:
    """Return how many classes are in each split, whatever a task asks of them."""
    everything = settings.model_copy(update={"leave_out_small": False})
    rows = everything.splits(index.listed)
    counts = [len(rows[split]) for split in SPLITS]
    how = (
        "by folders" if index.splits and settings.split == "by folders" else "by ratio"
    )
    text = f"{' / '.join(map(str, counts))} classes, {how}"
    if min(counts) < _LEAST_CLASSES:
        text += f": too few to train on, a task needs {_LEAST_CLASSES} in each split"
    return text


def _folder(data: Path, name: str) -> Path:
    """Return where pictures of that name are kept; DataError for an unfit name."""
    if why := _why_unfit(name):
        raise DataError(why)
    return data / _FOLDER / name


def _why_unfit(name: str) -> str:
    """Return why no folder can have that name, or nothing where one can."""
    unfit = _FORBIDDEN & {*name} or name.startswith(".") or name != name.strip()
    if not unfit and min(name, default="") >= " " and len(name) <= _LONGEST_NAME:
        return ""
    return (
        f"{name!r} cannot be the name of a data set: give one without "
        f"{' '.join(sorted(_FORBIDDEN))}, with no dot or space before and no space "
        f"after it, of at most {_LONGEST_NAME} characters"
    )


def _imported(data: Path) -> list[str]:
    """Return the names of what was imported."""
    return sorted(path.parent.name for path in (data / _FOLDER).glob("*/index.json"))
