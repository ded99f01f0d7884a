"""One episode to be looked at: what the learner gets, and what there is to say of it.

Episode ``number`` of a split and seed is task ``number % B`` of meta-batch
``number // B``, where B tasks are drawn together: the very task that training, or an
evaluation, gets there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from workbench.core.acting.planar import PlanarSettings
from workbench.core.acting.settings import ActingSettings
from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.base.splits import Split
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Episode
from workbench.core.learning.task_family import TaskFamily, TaskSettings
from workbench.core.pacing.pace import CHUNK
from workbench.core.pictures.character_settings import light_ink
from workbench.core.pictures.class_bank import ClassBank
from workbench.core.pictures.image_family import (
    Draw,
    DrawnPicture,
    ImageFamily,
    ImageTaskSettings,
)
from workbench.core.pictures.seen_classes import same_pictures
from workbench.core.training.sampling import sample, sample_order, tasks_together

Floats = NDArray[np.floating[Any]]

_CURVE_FROM, _CURVE_TO, _CURVE_POINTS = -5.0, 5.0, 201


class Address(NamedTuple):
    """Where an episode is, under a configuration: enough to draw it again."""

    split: Split = "train"
    seed: int = 0
    number: int = 0


class Goals(NamedTuple):
    """What the tasks of a meta-batch that are acted in are to find, [tasks, numbers].

    In the plane, goals and ``starts`` are places. ``which`` is the task looked at.
    """

    goals: Floats
    starts: Floats
    which: int


class TrueCurve(NamedTuple):
    """The function that a regression's points are taken from, on a fine grid."""

    x: Floats
    y: Floats


@dataclass(frozen=True)
class ShownEpisode:
    """An episode on the CPU, without task axis.

    ``drawings`` says of each class what its pictures are, the support first, and
    ``classes`` which rows of the bank they are; both are empty if it has no pictures.
    ``curve`` and ``goals`` are those of tasks that are a curve, or are acted in.
    """

    config: RunConfig
    address: Address
    episode: Episode
    drawings: tuple[tuple[DrawnPicture, ...], ...] = ()
    classes: tuple[int, ...] = ()
    curve: TrueCurve | None = None
    goals: Goals | None = None

    @property
    def ways(self) -> int:
        """How many classes it has; 0 for a regression."""
        task = self.config.task
        return task.outputs if task.problem == "classification" else 0

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called, by label; their labels if they have no names."""
        if not self.drawings:
            return tuple(map(str, range(self.ways)))
        return tuple(drawings[0].class_name for drawings in self.drawings)

    @property
    def shots(self) -> int:
        """Support examples of a class; of all, for a regression."""
        return len(self.episode.support.y) // max(self.ways, 1)

    @property
    def queries(self) -> int:
        """Query examples of a class; of all, for a regression."""
        return len(self.episode.query.y) // max(self.ways, 1)

    @property
    def meta_batch(self) -> tuple[int, int, int]:
        """The meta-batch, the task in it, and how many tasks that has."""
        split, training = self.address.split, self.config.training
        is_trained_on = split == "train"
        together = training.meta_batch if is_trained_on else CHUNK
        return (*divmod(self.address.number, together), together)

    @property
    def light_ink(self) -> bool | None:
        """Whether its pictures are of light ink on a dark ground; None for no ink."""
        return light_ink(self.config.task, self.config.task.input_shape[0])

    def pictures(self) -> NDArray[np.uint8]:
        """Return all pictures as the learner sees them, [n, C, H, W], support first."""
        both = torch.cat([self.episode.support.x, self.episode.query.x])
        return both.mul(255).round().to(torch.uint8).numpy()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything about it as arrays, for an .npz file."""
        found: dict[str, NDArray[Any]] = {
            f"{part}_{axis}": getattr(examples, axis).numpy()
            for part, examples in (
                ("support", self.episode.support),
                ("query", self.episode.query),
            )
            for axis in ("x", "y")
        }
        for name, value in self.address._asdict().items():
            found[name] = np.array(value)
        found["configuration"] = np.array(self.config.to_toml())
        if self.episode.order is not None:
            found["order"] = self.episode.order.numpy()
        if self.drawings:
            found["class_names"] = np.array(self.class_names)
            found["picture_names"] = np.array(
                [[drawing.picture for drawing in row] for row in self.drawings]
            )
            found["degrees"] = np.array(
                [[drawing.degrees for drawing in row] for row in self.drawings]
            )
        if self.goals is not None:
            found["goals"], found["starts"] = self.goals[:2]
        if self.curve is not None:
            found["curve_x"], found["curve_y"] = self.curve
        return found

    def save_arrays(
        self, path: Path, more: Mapping[str, NDArray[Any]] | None = None
    ) -> None:
        """Write the arrays, labels and seed, and what else there is, as .npz file."""
        with path.open("wb") as file:
            arrays: dict[str, Any] = {**self.arrays(), **(more or {})}
            np.savez_compressed(file, **arrays)


@runtime_checkable
class _DrawsCurves(Protocol):
    def sample_with_curve(
        self, tasks: int, generator: torch.Generator, examples: tuple[int, int]
    ) -> tuple[Episode, Any]:
        """Draw episodes together with the curves that they are taken from."""


class EpisodeSource:
    """Draws episodes to look at, keeping the family opened last; for one thread."""

    def __init__(self, data: Path, cancel: CancelFlag | None = None) -> None:
        self._data = data
        self._cancel = cancel
        self._task: TaskSettings | None = None
        self._family: TaskFamily | None = None
        self._device = torch.device("cpu")

    def forget(self) -> None:
        """Open the data anew next time: they may have changed."""
        self._task = self._family = None

    def family(self, task: TaskSettings) -> TaskFamily:
        """Return the family of these settings; DataError if its data are not here."""
        if self._family is None or self._task != task:
            self._family = self._opened(task)
            self._task = task
        return self._family

    def bank(self, task: ImageTaskSettings) -> ClassBank:
        """Return the pictures of these settings, whether or not they suffice for it."""
        family = self._family
        if isinstance(family, ImageFamily) and same_pictures(task, self._task):
            return family.bank
        return task.bank(self._data, self._device, self._cancel)

    def episode(self, config: RunConfig, address: Address) -> ShownEpisode:
        """Draw an episode, and what there is to say of it.

        Of tasks that are acted in there is nothing but goals.
        """
        family = self.family(config.task)
        if isinstance(family, ImageFamily):
            return self._of_pictures(config, family, address)
        drawing, index = divmod(address.number, tasks_together(config, address.split))
        episodes = sample(
            config,
            family,
            address.split,
            drawing,
            tasks_together(config, address.split),
            seed=address.seed,
            device=self._device,
        )
        curve = self._curve(config, family, address)
        one = ShownEpisode(config, address, episodes.tasks(index), curve=curve)
        if not isinstance(config.task, ActingSettings):
            return one
        first = index - one.meta_batch[1]
        drawn = episodes.query.x[first : first + one.meta_batch[2], 0].numpy()
        return replace(one, goals=self._goals(config.task, drawn, one.meta_batch[1]))

    def _opened(self, task: TaskSettings) -> TaskFamily:
        if isinstance(self._family, ImageFamily) and isinstance(
            task, ImageTaskSettings
        ):
            bank = self.bank(task)
            return ImageFamily(bank, task.splits(bank.listed), task)
        return task.open(self._data, self._device, self._cancel)

    def _of_pictures(
        self, config: RunConfig, family: ImageFamily, address: Address
    ) -> ShownEpisode:
        """Draw all that is drawn at once, as ``sample`` does, and gather one task."""
        split, seed, number = address
        together = tasks_together(config, split)
        drawing, index = divmod(number, together)
        shots, queries = config.examples_per_class(split)
        generator = generator_for(seed, split, drawing, self._device)
        drawn = family.draw(split, together, generator, (shots, queries))
        here, grid = slice(index, index + 1), drawn.grid
        draw = Draw(
            drawn.classes[here],
            drawn.pictures[here],
            drawn.turns[here],
            None if grid is None else grid[here],
        )
        episode = family.gather(draw, shots).tasks(0)
        labels = episode.support.y.expand(together, -1)
        order = sample_order(config, split, drawing, labels, seed=seed)
        return ShownEpisode(
            config,
            address,
            episode._replace(order=None if order is None else order[index]),
            tuple(tuple(row) for row in family.describe(draw)[0]),
            tuple(draw.classes[0].tolist()),
        )

    def _goals(self, task: ActingSettings, drawn: Floats, which: int) -> Goals:
        """Return the goals in what was drawn for a trajectory of each task."""
        if isinstance(task, PlanarSettings):
            return Goals(drawn[:, :2], drawn[:, 2:4], which)
        generator = generator_for(0, "look", 0, self._device)
        numbers = task.draw_tasks("train", 1, generator).shape[-1]
        return Goals(drawn[:, :numbers], drawn[:, :0], which)

    def _curve(
        self, config: RunConfig, family: TaskFamily, address: Address
    ) -> TrueCurve | None:
        if not isinstance(family, _DrawsCurves):
            return None
        together = tasks_together(config, address.split)
        drawing, index = divmod(address.number, together)
        generator = generator_for(address.seed, address.split, drawing, self._device)
        _, curve = family.sample_with_curve(
            together, generator, config.examples_per_class(address.split)
        )
        x = torch.linspace(_CURVE_FROM, _CURVE_TO, _CURVE_POINTS)
        y = curve.at(x[None, :, None].expand(together, -1, 1))[index, :, 0]
        return TrueCurve(x.numpy(), y.numpy())
