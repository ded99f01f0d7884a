"""Every picture of every class of a data set, once, and in which split a class is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from workbench.core.base.lazy import torch
from workbench.core.base.splits import Split
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.store import StoredPictures


@dataclass(frozen=True)
class ClassBank:
    """Every picture of every class, once: ``pictures`` is uint8 [n, C, H, W], ink 255.

    The pictures of class ``c`` are the ``count[c]`` rows from ``first[c]`` on; its name
    is ``names[c]`` and its alphabet ``group_names[groups[c]]``.
    """

    pictures: torch.Tensor
    first: torch.Tensor
    count: torch.Tensor
    names: tuple[str, ...]
    groups: torch.Tensor
    group_names: tuple[str, ...]
    picture_names: tuple[str, ...] = ()
    given_splits: dict[Split, list[int]] = field(default_factory=dict)
    """The classes of each split, where the data set comes with splits."""
    digest: str = ""
    """Of the pictures as they are kept; empty where they are not."""

    @classmethod
    def of(cls, stored: StoredPictures, device: torch.device | str = "cpu") -> Self:
        """Load stored pictures; on the CPU they stay mapped to their file."""
        index = stored.index
        return cls(
            torch.from_numpy(stored.pictures).to(device),
            torch.tensor(index.firsts, device=device),
            torch.tensor(index.counts, device=device),
            index.names,
            torch.tensor(index.groups, device=device),
            index.group_names,
            index.picture_names,
            index.given_splits,
            stored.digest,
        )

    @property
    def listed(self) -> ClassList:
        """The classes without their pictures."""
        return ClassList(
            self.names, self.count.tolist(), self.groups.tolist(), self.given_splits
        )

    def picture_name(self, class_row: int, picture_row: int) -> str:
        """Return what to call a picture: its own name, or its number in the class."""
        if self.picture_names:
            return self.picture_names[picture_row]
        return str(picture_row - int(self.first[class_row]) + 1)


def shuffled(names: Iterable[str], seed: int) -> list[str]:
    """Return the names in an order that depends on them and the seed alone."""
    return sorted(
        names, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest()
    )


def split_hash(names: Mapping[Split, Iterable[str]]) -> str:
    """Return what identifies which classes are in which split, whatever their order."""
    text = json.dumps({split: sorted(names[split]) for split in sorted(names)})
    return hashlib.sha256(text.encode()).hexdigest()
