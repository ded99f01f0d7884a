"""A task made of anybody's data set of (picture or vector, label)."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.errors import DataError
from workbench.core.base.phrases import counted
from workbench.core.base.splits import SPLITS, Split
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.task_family import (
    ClassificationSettings,
    Limits,
    TaskFamily,
)
from workbench.core.pictures.class_bank import shuffled, split_hash
from workbench.core.pictures.random_choice import distinct
from workbench.notebook.pairs import Pairs, read_pairs
from workbench.notebook.registering import made

_MOST_NAMED = 20

Given = Pairs | Mapping[str, Pairs]
Shares = tuple[float, float, float]


class Task:
    """Makes tasks for ``train``."""

    @staticmethod
    def from_dataset(
        dataset: Given,
        ways: int,
        shots: int,
        *,
        split: Shares | Mapping[str, Sequence[Hashable]] = (0.6, 0.2, 0.2),
        name: str = "",
    ) -> ClassificationSettings:
        """Return N-way k-shot tasks whose classes are the labels of a data set.

        ``dataset`` is a map-style data set, or one each for train, validation and test.
        ``split`` says which labels are trained on, validated and tested with: lists of
        them by the split's name, or the shares of all classes. Bytes, as of pictures,
        become numbers from 0 to 1. Labels of several data sets are classes of their
        own. ``name`` is the task's kind, else that of the data set's class: two tasks
        that are used side by side need one each.
        """
        first = dataset[_names(dataset)[0]] if isinstance(dataset, Mapping) else dataset
        kind = name or _called(first)
        bank = _Bank.of(dataset, split)
        most = bank.most_queries(kind, ways, shots)
        task = made(_DataSetTask, kind, f"Tasks of {kind}, made of data.", bank=bank)
        given = {"ways": ways, "shots": shots, "queries": min(15, most)}
        return task.model_validate(given)


@dataclass(frozen=True)
class _Bank:
    """Every example once, sorted by class, and which classes are in which split."""

    x: torch.Tensor
    first: torch.Tensor
    count: torch.Tensor
    names: tuple[str, ...]
    classes: dict[Split, list[int]]
    digest: str

    @classmethod
    def of(cls, dataset: Given, split: Any) -> _Bank:
        if isinstance(dataset, Mapping):
            return cls._of_splits(dataset)
        x, labels = read_pairs(dataset)
        return cls._sorted(x, labels, _split_labels(labels, split))

    @classmethod
    def _of_splits(cls, datasets: Mapping[str, Pairs]) -> _Bank:
        read = {name: read_pairs(datasets[name]) for name in _names(datasets)}
        # A label of one data set is not the class of that label in another.
        labels = [f"{name}: {label}" for name in read for label in read[name][1]]
        of_split = {
            name: sorted({f"{name}: {y}" for y in read[name][1]}) for name in read
        }
        return cls._sorted(torch.cat([x for x, _ in read.values()]), labels, of_split)

    @classmethod
    def _sorted(
        cls, x: torch.Tensor, labels: list[str], of_split: Mapping[Split, list[str]]
    ) -> _Bank:
        names = sorted(set(labels))
        rows = {name: number for number, name in enumerate(names)}
        y = torch.tensor([rows[label] for label in labels])
        order = y.argsort(stable=True)
        count = torch.bincount(y, minlength=len(names))
        found = x[order].contiguous()
        return cls(
            found,
            count.cumsum(0) - count,
            count,
            tuple(names),
            {name: [rows[label] for label in of_split[name]] for name in SPLITS},
            _digest(found, names, count.tolist()),
        )

    def most_queries(self, kind: str, ways: int, shots: int) -> int:
        """Return how many queries each class has beside the shots, or raise."""
        for split in SPLITS:
            if len(self.classes[split]) < ways:
                parts = (f"{len(self.classes[each])} to {each}" for each in SPLITS)
                raise DataError(
                    f"{ways} ways are too many: of the {len(self.names)} classes of "
                    f"{kind}, split= gives {', '.join(parts)}"
                )
        rows = [row for split in SPLITS for row in self.classes[split]]
        fewest = min(rows, key=lambda row: int(self.count[row]))
        most = int(self.count[fewest]) - shots
        if most < 1:
            raise DataError(
                f"the class {self.names[fewest]!r} of {kind} has "
                f"{counted(int(self.count[fewest]), 'example')}: too few for "
                f"{counted(shots, 'shot')} and a query"
            )
        return most

    def to(self, device: torch.device) -> _Bank:
        return _Bank(
            self.x.to(device),
            self.first.to(device),
            self.count.to(device),
            self.names,
            self.classes,
            self.digest,
        )


class _DataSetTask(ClassificationSettings):
    """What all tasks of a data set have in common."""

    bank: ClassVar[_Bank]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """That of its examples."""
        return tuple(self.bank.x.shape[1:])

    def limits(self, split: Split) -> Limits:
        """Return what the split's classes are, and the examples of the smallest."""
        rows = self.bank.classes[split]
        return Limits(len(rows), int(self.bank.count[rows].min()) if rows else 0)

    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> TaskFamily:
        """Return the family; everything is in memory."""
        return _Family(self, self.bank.to(device))


@dataclass(frozen=True)
class _Family:
    """Draws episodes from a bank."""

    settings: _DataSetTask
    bank: _Bank

    @property
    def split_hash(self) -> str:
        """Of the classes' names in each split."""
        names, classes = self.bank.names, self.bank.classes
        return split_hash({each: [names[c] for c in classes[each]] for each in SPLITS})

    @property
    def data_hash(self) -> str:
        """Of all examples."""
        return self.bank.digest

    def sample(
        self,
        split: Split,
        tasks: int,
        generator: torch.Generator,
        examples: tuple[int, int],
    ) -> Episode:
        """Draw classes for each task, and examples of each class."""
        bank, ways, (shots, queries) = self.bank, self.settings.ways, examples
        device = bank.x.device
        known = torch.tensor(bank.classes[split], device=device)
        some = torch.full((tasks,), len(known), device=device)
        drawn = known[distinct(some, len(known), ways, generator)].flatten()
        width = int(bank.count[known].max())
        rows = distinct(bank.count[drawn], width, shots + queries, generator)
        rows = (rows + bank.first[drawn, None]).view(tasks, ways, -1)
        support, query = rows[..., :shots], rows[..., shots:]
        return Episode(self._examples(support), self._examples(query))

    def _examples(self, rows: torch.Tensor) -> Examples:
        """Return the examples of [tasks, ways, examples] rows, class by class."""
        return Examples(_scaled(self.bank.x[rows.flatten(1)]), _labels(rows))


def _labels(rows: torch.Tensor) -> torch.Tensor:
    """Return the class of each row of [tasks, ways, examples], task by task."""
    ways = torch.arange(rows.shape[1], device=rows.device)
    return ways[None, :, None].expand_as(rows).flatten(1)


def _scaled(x: torch.Tensor) -> torch.Tensor:
    return x / 255 if x.dtype == torch.uint8 else x


def _called(dataset: Pairs) -> str:
    is_plain = isinstance(dataset, list | tuple)
    return "own data" if is_plain else type(dataset).__name__


def _digest(x: torch.Tensor, names: Sequence[str], count: Sequence[int]) -> str:
    """Return what identifies all examples with their labels."""
    about = repr((x.dtype, x.shape, names, count))
    return hashlib.sha256(x.numpy().tobytes() + about.encode()).hexdigest()


def _names(given: Mapping[str, Any]) -> tuple[Split, ...]:
    if set(given) != set(SPLITS):
        names = ", ".join(map(str, given)) or "none"
        raise DataError(f"the splits are {', '.join(SPLITS)}, and given are {names}")
    return SPLITS


def _split_labels(labels: list[str], split: Any) -> Mapping[Split, list[str]]:
    known = sorted(set(labels))
    if isinstance(split, Mapping):
        return _listed(known, split)
    if len(split) != 3 or min(split) < 0 or not np.isclose(sum(split), 1):
        raise DataError(f"split={split}: give three shares that add up to 1")
    mixed = shuffled(known, 0)
    first, second = round(split[0] * len(mixed)), round(sum(split[:2]) * len(mixed))
    return dict(
        zip(SPLITS, (mixed[:first], mixed[first:second], mixed[second:]), strict=True)
    )


def _listed(
    known: list[str], split: Mapping[str, Sequence[Hashable]]
) -> Mapping[Split, list[str]]:
    """Return the labels of each split as text, if each is known and in one split."""
    found = {
        name: list(dict.fromkeys(str(label) for label in split[name]))
        for name in _names(split)
    }
    every = [label for some in found.values() for label in some]
    if unknown := sorted({*every} - {*known}):
        raise DataError(
            f"the data set has no label {', '.join(unknown)}: its labels are "
            f"{', '.join(known[:_MOST_NAMED])}{', …' * (len(known) > _MOST_NAMED)}"
        )
    if twice := sorted({label for label in every if every.count(label) > 1}):
        raise DataError(
            f"label {', '.join(twice)} is in two splits: tasks of classes that were "
            "trained on tell nothing of new ones"
        )
    return found
