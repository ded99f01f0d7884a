"""How episodes are drawn: the same ones whenever and wherever they are asked for."""

from __future__ import annotations

import math

from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.base.splits import Split
from workbench.core.config.sections import Sections
from workbench.core.learning.episode import Episode
from workbench.core.learning.looks import draw_order
from workbench.core.learning.task_family import TaskFamily
from workbench.core.pacing.pace import CHUNK

_NUMBERS = 2**14
"""Numbers in small meta-batches drawn at once: one by one, to begin takes longest."""


def sample(
    config: Sections,
    family: TaskFamily,
    split: Split,
    number: int,
    tasks: int,
    *,
    seed: int,
    device: torch.device,
    training: bool | None = None,
) -> Episode:
    """Draw meta-batch ``number`` of a split, the same whenever it is asked for.

    The train split's episodes are those of training, unless it is evaluated.
    """
    if training is None:
        training = split == "train"
    shots, queries = config.examples_per_class(split, training=training)
    steps = config.algorithm.inner_steps if training else config.evaluation.steps
    episodes = family.sample(
        split,
        tasks,
        generator_for(seed, split, number, device),
        (config.task.supports(steps) * shots, queries),
    )
    order = sample_order(
        config, split, number, episodes.support.y, seed=seed, training=training
    )
    return episodes._replace(order=order)


def sample_order(
    config: Sections,
    split: Split,
    number: int,
    support_y: torch.Tensor,
    *,
    seed: int,
    training: bool | None = None,
) -> torch.Tensor | None:
    """Draw which support rows the inner steps of meta-batch ``number`` see."""
    if training is None:
        training = split == "train"
    return draw_order(
        config.algorithm,
        support_y,
        config.algorithm.inner_steps if training else config.evaluation.steps,
        generator_for(seed, f"{split} order", number, support_y.device),
        training=training,
    )


def tasks_together(config: Sections, split: Split) -> int:
    """Return how many tasks are drawn at once: meta-batches, or a chunk of tests."""
    if split != "train":
        return CHUNK
    return meta_batches_together(config) * config.training.meta_batch


def meta_batches_together(config: Sections) -> int:
    """Return how many meta-batches are drawn at once: several, where they are small."""
    examples = sum(config.examples_per_class("train")) * config.task.outputs
    numbers = config.training.meta_batch * examples * math.prod(config.task.input_shape)
    return max(1, _NUMBERS // numbers)


class MetaBatches:
    """The meta-batches of a run, each a function of the run's seed and its number."""

    def __init__(
        self, config: Sections, family: TaskFamily, device: torch.device
    ) -> None:
        self._config = config
        self._family = family
        self._device = device
        self._together = meta_batches_together(config)
        self._drawn: tuple[int, list[Episode]] | None = None

    def __getitem__(self, step: int) -> Episode:
        """Return the meta-batch of a meta-step."""
        number, place = divmod(step, self._together)
        if self._drawn is None or self._drawn[0] != number:
            self._drawn = number, self._draw(number)
        return self._drawn[1][place]

    def _draw(self, number: int) -> list[Episode]:
        training = self._config.training
        size = training.meta_batch
        drawn = sample(
            self._config,
            self._family,
            "train",
            number,
            self._together * size,
            seed=training.seed,
            device=self._device,
        )
        return drawn.split(size)
