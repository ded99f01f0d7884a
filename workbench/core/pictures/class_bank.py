"""Episodes of pictures: classes drawn from a bank that holds every picture once.

All drawing is by index, on the bank's device, from a passed generator, for a whole
meta-batch at once: one draw for the classes, one for their pictures, one gather.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self

from workbench.core.base.data_error import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.phrases import counted, shots_and_queries
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.task_family import SPLITS, Split
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.distortion import distorted, draw_affine
from workbench.core.pictures.random_choice import distinct, integers
from workbench.core.pictures.store import StoredPictures

if TYPE_CHECKING:
    from workbench.core.pictures.image_settings import ImageTaskSettings


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


class Draw(NamedTuple):
    """What an episode is made of, as rows of the bank, for B tasks of N classes.

    ``classes`` [B, N] and ``turns`` [B, N], in quarter turns to the left, for the class
    that has label n; ``pictures`` [B, N, shots + queries], the support first.
    ``affine`` [B, N, shots + queries, 2, 3] distorts them, where there is any.
    """

    classes: torch.Tensor
    pictures: torch.Tensor
    turns: torch.Tensor
    affine: torch.Tensor | None = None


class Drawing(NamedTuple):
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
        amount = self.settings.distortion_in_training if split == "train" else 0.0
        affine = (
            draw_affine(tuple(pictures.shape), amount, generator) if amount else None
        )
        return Draw(classes, pictures, turns, affine)

    def gather(self, draw: Draw, shots: int) -> Episode:
        """Return the drawn episodes: x in 0..1, its rows class by class."""
        rows = self._flat.index_select(0, draw.pictures.flatten())
        pixels = rows.view(*draw.pictures.shape, -1)
        if self.settings.rotation != "none":
            table = self._turned[draw.turns][:, :, None]
            pixels = pixels.gather(-1, table.expand_as(pixels))
        if draw.affine is not None:
            _, *shape = self.bank.pictures.shape
            pixels = distorted(pixels, draw.affine, (shape[0], shape[1], shape[2]))
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

    def describe(self, draw: Draw) -> list[list[list[Drawing]]]:
        """Return what there is to say about the pictures, as [task][way][picture]."""
        bank = self.bank
        return [
            [
                [
                    Drawing(bank.names[row], bank.picture_name(row, picture), 90 * turn)
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


def shuffled(names: Iterable[str], seed: int) -> list[str]:
    """Return the names in an order that depends on them and the seed alone."""
    return sorted(
        names, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest()
    )


def split_hash(names: Mapping[Split, Iterable[str]]) -> str:
    """Return what identifies which classes are in which split, whatever their order."""
    text = json.dumps({split: sorted(names[split]) for split in sorted(names)})
    return hashlib.sha256(text.encode()).hexdigest()
