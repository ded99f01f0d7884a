"""The classes of a data set as a list to look through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.base.errors import DataError
from workbench.core.episodes.shown_episode import EpisodeSource
from workbench.core.pictures.character_settings import light_ink
from workbench.core.pictures.class_bank import ClassBank
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.gui.shell.wording import sentence

_IN_STRIP = 20


@dataclass(frozen=True, eq=False)
class ClassTable:
    """The classes of a task's data set, and which split each is in.

    ``is_ink`` says that pictures are of ink, which may be shown in the theme's colours;
    ``problem`` why the task cannot use them, if it cannot.
    """

    task: ImageTaskSettings
    bank: ClassBank
    splits: tuple[str, ...]
    is_ink: bool
    problem: str = ""

    def __len__(self) -> int:
        """Return how many classes there are."""
        return len(self.bank.names)

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.bank.names

    def group(self, row: int) -> str:
        """Return the alphabet, or other group, of a class."""
        return self.bank.group_names[int(self.bank.groups[row])]

    def branches(self) -> dict[int | str, tuple[str, list[int]]]:
        """Return the branches of the tree: groups or, if there is one, the splits.

        Each has the key that ``matching`` takes, its title and its classes.
        """
        keys: list[Any] = self.bank.groups.tolist()
        if len(self.bank.group_names) == 1 and any(self.splits):
            keys = list(self.splits)
        found: dict[int | str, tuple[str, list[int]]] = {}
        for row, key in enumerate(keys):
            title = key if isinstance(key, str) else self.bank.group_names[key]
            found.setdefault(key, (title or "in no split", []))[1].append(row)
        return found

    def count(self, row: int) -> int:
        """Return how many pictures a class has."""
        return int(self.bank.count[row])

    def pictures(self, row: int, most: int | None = None) -> NDArray[np.uint8]:
        """Return pictures of a class, [n, C, H, W], ink 255."""
        first, count = int(self.bank.first[row]), self.count(row)
        count = count if most is None else min(count, most)
        found: NDArray[np.uint8] = self.bank.pictures[first : first + count].numpy()
        return found

    def strip(self, row: int) -> NDArray[np.uint8]:
        """Return the pictures that stand for a class in the grid."""
        return self.pictures(row, _IN_STRIP)

    def picture_name(self, row: int, index: int) -> str:
        """Return what a picture of a class is called."""
        return self.bank.picture_name(row, int(self.bank.first[row]) + index)

    def turns(self, row: int) -> tuple[int, ...]:
        """Return the quarter turns in which tasks of its split use a class."""
        is_turned = self.task.turning(self.splits[row]) != "none"
        return (0, 1, 2, 3) if is_turned else (0,)


def class_table(source: EpisodeSource, task: object) -> ClassTable:
    """Load the classes of a task's data set; DataError if they are not here."""
    if not isinstance(task, ImageTaskSettings):
        raise DataError("These tasks have no classes: they are curves")
    bank = source.bank(task)
    splits, problem = [""] * len(bank.names), ""
    try:
        for split, rows in task.splits(bank.listed).items():
            for row in rows:
                splits[row] = split
    except (DataError, KeyError) as error:
        problem = sentence(error)
    is_ink = light_ink(task, bank.pictures.shape[1]) is not None
    return ClassTable(task, bank, tuple(splits), is_ink, problem)


def matching(
    table: ClassTable, text: str, branch: int | str | None, split: str
) -> list[int]:
    """Return the classes, of a branch and split, that have every word in their name."""
    words = text.casefold().replace("_", " ").split()
    rows = range(len(table)) if branch is None else table.branches()[branch][1]
    return [
        row
        for row in rows
        if (not split or table.splits[row] == split)
        and all(word in _spoken(table.names[row]) for word in words)
    ]


def _spoken(name: str) -> str:
    return name.casefold().replace("_", " ")
