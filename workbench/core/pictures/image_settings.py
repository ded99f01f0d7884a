"""The settings of all families of pictures, and what each of them must say."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from typing_extensions import override

from workbench.core.base.data_error import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.task_family import (
    SAME_PICTURES,
    SPLITS,
    ClassificationSettings,
    Limits,
    Split,
)
from workbench.core.pictures.class_bank import ClassBank, ImageFamily
from workbench.core.pictures.class_list import ClassList, drawn_from

Rotation = Literal["drawn", "classes", "tasks", "none"]


def rotation_setting(default: Rotation) -> Any:
    """Declare how pictures are turned."""
    return setting(
        default,
        "Rotation",
        "Turn each class of a task by a multiple of 90 degrees, drawn anew, as MAML "
        "does (drawn); or train on every turn as a class of its own, as Reptile does "
        "(classes), or on tasks turned as a whole (tasks), and test upright.",
        mark=SAME_PICTURES,
    )


class ImageTaskSettings(ClassificationSettings):
    """The settings of all families of pictures, and what each must say."""

    rotation: Rotation = rotation_setting("none")

    @property
    def one_group(self) -> bool:
        """Whether the classes of a task come from one group (alphabet)."""
        return False

    @property
    def inverted(self) -> bool:
        """Whether the background is 1 and ink 0."""
        return False

    @property
    def distortion_in_training(self) -> float:
        """How much training pictures are distorted, from 0 to 1."""
        return 0.0

    def turning(self, split: str) -> Rotation:
        """Return how pictures of the split are turned: some ways only for training."""
        return self.rotation if split == "train" or self.rotation == "drawn" else "none"

    def turns(self, split: Split) -> int:
        """Return how many classes the turns make of each class of the split."""
        return 4 if self.turning(split) == "classes" else 1

    @abstractmethod
    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        """Load the pictures, made first if need be, until ``cancel`` is set."""

    @abstractmethod
    def splits(self, classes: ClassList) -> Mapping[Split, Sequence[int]]:
        """Return the classes of each split, as rows of the list."""

    def listed(self, data: Path) -> ClassList | None:
        """Return the classes in the data folder, where that is known at once."""
        return None

    @override
    def holdings(self, data: Path) -> dict[Split, Limits]:
        classes = self.listed(data)
        if classes is None:
            return {}
        splits = self.splits(classes)
        found = {}
        for split in SPLITS:
            pools = self.pools(split, classes, splits[split])
            sizes = [classes.counts[member // 4] for pool in pools for member in pool]
            found[split] = Limits(max(map(len, pools)), min(sizes, default=0))
        return found

    def pools(
        self, split: Split, classes: ClassList, rows: Iterable[int]
    ) -> list[list[int]]:
        """Return the classes of a split, with their turns, that tasks draw from."""
        return drawn_from(
            classes, rows, self.turns(split), self.ways, by_group=self.one_group
        )

    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ImageFamily:
        """Load the pictures and return the family that draws from them."""
        bank = self.bank(data, device, cancel)
        return ImageFamily(bank, self.splits(bank.listed), self)


class CharacterTaskSettings(ImageTaskSettings):
    """The settings of families of written characters, in alphabets."""

    rotation: Rotation = rotation_setting("drawn")
    within_alphabet: bool = setting(
        False,
        "Within one alphabet",
        "Draw all classes of a task from one alphabet, which is harder.",
        mark=SAME_PICTURES,
    )
    distortion: float = setting(
        0.0,
        "Distortion",
        "Shift, turn, scale and shear every training picture a little, at random, by "
        "up to this much of a usual hand's variation; 0 for none.",
        ge=0,
        le=2,
        advanced=True,
        mark=SAME_PICTURES,
    )
    ink: Literal["white on black", "black on white"] = setting(
        "white on black",
        "Ink",
        "Ink is 1 on a background of 0, as MAML has it; or 0 on 1, as Reptile does.",
        advanced=True,
        mark=SAME_PICTURES,
    )

    @property
    def one_group(self) -> bool:
        """Whether the classes of a task come from one alphabet."""
        return self.within_alphabet

    @property
    def distortion_in_training(self) -> float:
        """How much training pictures are distorted."""
        return self.distortion

    @property
    def inverted(self) -> bool:
        """Whether ink is 0 on a background of 1."""
        return self.ink == "black on white"
