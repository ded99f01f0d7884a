"""Episodes of pictures: classes drawn from a bank that holds every picture once.

All drawing is by index, on the bank's device, from a passed generator, for a whole
meta-batch at once: one draw for the classes, one for their pictures, one gather.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.phrases import counted, shots_and_queries
from workbench.core.base.settings import setting
from workbench.core.base.splits import SPLITS, Split
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.task_family import (
    SAME_PICTURES,
    ClassificationSettings,
    Limits,
)
from workbench.core.pictures.class_bank import ClassBank, split_hash
from workbench.core.pictures.class_list import ClassList, drawn_from
from workbench.core.pictures.distortion import Distortion, distorted, draw_grid
from workbench.core.pictures.random_choice import distinct, integers

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
    def distortion_in_training(self) -> Distortion:
        """How training pictures are distorted."""
        return Distortion()

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


class Draw(NamedTuple):
    """What an episode is made of, as rows of the bank, for B tasks of N classes.

    ``classes`` [B, N] and ``turns`` [B, N], in quarter turns to the left, for the class
    that has label n; ``pictures`` [B, N, shots + queries], the support first.
    ``grid`` [B, N, shots + queries, H, W, 2] distorts them, where anything does.
    """

    classes: torch.Tensor
    pictures: torch.Tensor
    turns: torch.Tensor
    grid: torch.Tensor | None = None


class DrawnPicture(NamedTuple):
    """What there is to say about one picture of an episode."""

    class_name: str
    picture: str
    degrees: int
    """How far it is turned, to the left."""


class _Pool(NamedTuple):
    """The classes of a split: one row per group to draw from, padded to one width.

    A member stands for class ``member // 4`` turned by ``member % 4`` quarters.
    """

    members: torch.Tensor
    counts: torch.Tensor
    smallest: int
    """The fewest pictures that a class has."""
    largest: int


class ImageFamily:
    """Draws episodes of pictures from a bank."""

    def __init__(
        self,
        bank: ClassBank,
        splits: Mapping[Split, Iterable[int]],
        settings: ImageTaskSettings,
    ) -> None:
        self.bank = bank
        self.splits = {split: tuple(splits.get(split, ())) for split in SPLITS}
        self.settings = settings
        self.data_hash = bank.digest
        self.split_hash = split_hash(
            {
                split: [bank.names[row] for row in rows]
                for split, rows in self.splits.items()
            }
        )
        shape = tuple(bank.pictures.shape[1:])
        if settings.rotation != "none" and shape[1] != shape[2]:
            raise DataError(
                f"{shape[2]} x {shape[1]} pictures are not square: no rotation"
            )
        pixels = torch.arange(
            shape[0] * shape[1] * shape[2], device=bank.pictures.device
        )
        self._turned = torch.stack(
            [torch.rot90(pixels.view(shape), k, (-2, -1)).reshape(-1) for k in range(4)]
            if settings.rotation != "none"
            else [pixels]
        )
        self._flat = bank.pictures.flatten(1)
        self._pools = {split: self._pool(split) for split in self.splits}

    def sample(
        self,
        split: Split,
        tasks: int,
        generator: torch.Generator,
        examples: tuple[int, int],
    ) -> Episode:
        """Draw ``tasks`` episodes, stacked, with these shots and queries a class."""
        return self.gather(self.draw(split, tasks, generator, examples), examples[0])

    def draw(
        self,
        split: Split,
        tasks: int,
        generator: torch.Generator,
        examples: tuple[int, int],
    ) -> Draw:
        """Draw which pictures ``tasks`` episodes are made of.

        Classes come in random order and the first has label 0: labels are shuffled.
        """
        ways, pool = self.settings.ways, self._pools[split]
        self._check(split, pool, examples)
        device = self._flat.device
        groups = integers(pool.counts.new_full((tasks,), len(pool.counts)), generator)
        picks = distinct(pool.counts[groups], pool.members.shape[1], ways, generator)
        members = pool.members[groups].gather(1, picks)
        classes, turns = members // 4, members % 4
        turning = self.settings.turning(split)
        if turning == "drawn":
            turns = torch.randint(4, turns.shape, generator=generator, device=device)
        elif turning == "tasks":
            whole = torch.randint(4, (tasks, 1), generator=generator, device=device)
            turns = whole.expand_as(turns)
        within = distinct(
            self.bank.count[classes].flatten(),
            pool.largest,
            sum(examples),
            generator,
        )
        pictures = self.bank.first[classes][..., None] + within.view(tasks, ways, -1)
        distortion = Distortion()
        if split == "train":
            distortion = self.settings.distortion_in_training
        _, _, height, width = self.bank.pictures.shape
        size = height, width
        grid = draw_grid(tuple(pictures.shape), size, distortion, generator)
        return Draw(classes, pictures, turns, grid)

    def gather(self, draw: Draw, shots: int) -> Episode:
        """Return the drawn episodes: x in 0..1, its rows class by class."""
        rows = self._flat.index_select(0, draw.pictures.flatten())
        pixels = rows.view(*draw.pictures.shape, -1)
        if self.settings.rotation != "none":
            table = self._turned[draw.turns][:, :, None]
            pixels = pixels.gather(-1, table.expand_as(pixels))
        if draw.grid is not None:
            _, *shape = self.bank.pictures.shape
            pixels = distorted(pixels, draw.grid, (shape[0], shape[1], shape[2]))
        return Episode(
            self._examples(pixels[:, :, :shots]), self._examples(pixels[:, :, shots:])
        )

    def _examples(self, pixels: torch.Tensor) -> Examples:
        tasks, ways, each, _ = pixels.shape
        x = pixels.to(torch.float32).div_(255)
        if self.settings.inverted:
            x = x.neg_().add_(1)
        labels = torch.arange(ways, device=x.device).repeat_interleave(each)
        return Examples(
            x.view(tasks, ways * each, *self.bank.pictures.shape[1:]),
            labels.repeat(tasks, 1),
        )

    def describe(self, draw: Draw) -> list[list[list[DrawnPicture]]]:
        """Return what there is to say about the pictures, as [task][way][picture]."""
        bank = self.bank
        return [
            [
                [
                    DrawnPicture(
                        bank.names[row], bank.picture_name(row, picture), 90 * turn
                    )
                    for picture in pictures
                ]
                for row, pictures, turn in zip(*task, strict=True)
            ]
            for task in zip(*(part.tolist() for part in draw[:3]), strict=True)
        ]

    def _pool(self, split: Split) -> _Pool:
        classes = self.bank.listed
        chosen = self.settings.pools(split, classes, self.splits[split])
        width = max(map(len, chosen))
        device = self._flat.device
        sizes = [classes.counts[member // 4] for group in chosen for member in group]
        return _Pool(
            torch.tensor([m + [0] * (width - len(m)) for m in chosen], device=device),
            torch.tensor([len(m) for m in chosen], device=device),
            min(sizes, default=0),
            max(sizes, default=0),
        )

    def _check(self, split: Split, pool: _Pool, examples: tuple[int, int]) -> None:
        settings, most = self.settings, pool.members.shape[1]
        if settings.ways > most:
            where = (
                f"an alphabet of the {split}" if settings.one_group else f"the {split}"
            )
            raise DataError(
                f"{counted(settings.ways, 'way')}, but {where} split has "
                f"{counted(most, 'class', 'classes')} at most"
            )
        shots, queries = examples
        if shots + queries > pool.smallest:
            raise DataError(
                f"{shots_and_queries(shots, queries)}, but a class of the {split} "
                f"split has only {counted(pool.smallest, 'picture')}: ask for fewer"
            )
