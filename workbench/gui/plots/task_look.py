"""One validation task, looked at with the parameters of now: numbers for a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from workbench.core.acting.planar import Place, PlanarSettings
from workbench.core.acting.running import RunningSettings
from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.learning.episode import Episode, Examples
from workbench.core.pictures.character_settings import light_ink

if TYPE_CHECKING:
    from workbench.core.config.run_config import RunConfig
    from workbench.core.episodes.actor import Actor
    from workbench.core.episodes.gaits import Gaits
    from workbench.core.episodes.walks import Walks
    from workbench.core.learning.task_family import TaskFamily
    from workbench.core.training.trained import Trained

_CURVE_POINTS = 240


class TaskLook(NamedTuple):
    """A task, and what the learner says of its queries after 0, 1, 2, … inner steps.

    ``outputs`` is [K+1, queries, outputs]: class probabilities, or predictions. The
    queries of a curve are many, and sorted by x.
    """

    number: int
    step: int
    trained_steps: int
    support_x: np.ndarray
    support_y: np.ndarray
    query_x: np.ndarray
    query_y: np.ndarray
    outputs: np.ndarray
    support_loss: np.ndarray
    query_loss: np.ndarray
    light_ink: bool | None = None
    """Whether pictures are of light ink on a dark ground; None for no ink."""

    @property
    def steps(self) -> int:
        """How many inner steps were taken."""
        return len(self.outputs) - 1

    def right_at(self, inner_step: int) -> np.ndarray:
        """Return which queries are classified rightly at an inner step."""
        return self.outputs[inner_step].argmax(-1) == self.query_y


class PathLook(NamedTuple):
    """A task in the plane, and what is walked after 0, 1, 2, … inner steps.

    Goals are drawn from a square of which ``half`` is half the side.
    """

    number: int
    step: int
    trained_steps: int
    walks: Walks
    half: float = 0.5
    walls: tuple[tuple[Place, Place], ...] = ()

    @property
    def steps(self) -> int:
        """How many inner steps were taken."""
        return self.walks.steps


class GaitLook(NamedTuple):
    """A task to run in, and what is run after 0, 1, 2, … inner steps."""

    number: int
    step: int
    trained_steps: int
    gaits: Gaits

    @property
    def steps(self) -> int:
        """How many inner steps were taken."""
        return self.gaits.steps


Look: TypeAlias = TaskLook | PathLook | GaitLook


class TaskLooker:
    """Draws validation tasks and looks at them; for one thread, which is not Qt's."""

    def __init__(self, data: Path, cancel: CancelFlag | None = None) -> None:
        self._data = data
        self._cancel = cancel
        self._opened: tuple[object, TaskFamily] | None = None
        self._actor: Actor[Any] | None = None

    def look(self, trained: Trained, number: int) -> Look:
        """Look at validation task ``number``, the same at every time of training."""
        config = trained.config
        steps = max(config.evaluation.steps, config.algorithm.inner_steps)
        if isinstance(config.task, PlanarSettings | RunningSettings):
            return self._acted(trained, config.task, number, steps)
        episode = self._episode(config, number)
        look = trained.look(episode, steps)
        classifies = config.task.problem == "classification"
        outputs = look.query_outputs
        return TaskLook(
            number,
            trained.step,
            config.algorithm.inner_steps,
            episode.support.x.numpy(),
            episode.support.y.numpy(),
            episode.query.x.numpy(),
            episode.query.y.numpy(),
            (outputs.softmax(-1) if classifies else outputs).numpy(),
            look.support_loss.numpy(),
            look.query_loss.numpy(),
            light_ink(config.task, config.task.input_shape[0]),
        )

    def _acted(
        self,
        trained: Trained,
        task: PlanarSettings | RunningSettings,
        number: int,
        steps: int,
    ) -> PathLook | GaitLook:
        from workbench.core.episodes.walkers import actor_for

        if self._actor is None or self._actor.config != trained.config:
            self._actor = actor_for(trained.config)
        assert self._actor is not None
        shown = self._actor.look(trained, number, steps)
        at = number, trained.step, trained.config.algorithm.inner_steps
        if isinstance(task, RunningSettings):
            return GaitLook(*at, shown)
        return PathLook(*at, shown, task.half, task.walls)

    def _episode(self, config: RunConfig, number: int) -> Episode:
        family = self._family(config)
        is_curve = config.task.is_curve
        queries = _CURVE_POINTS if is_curve else config.task.queries
        drawn = family.sample(
            "validation",
            1,
            generator_for(0, "look", number),
            (config.task.shots, queries),
        )
        support, query = (
            Examples(examples.x[0], examples.y[0])
            for examples in (drawn.support, drawn.query)
        )
        if is_curve:
            order = query.x[:, 0].argsort()
            query = Examples(query.x[order], query.y[order])
        return Episode(support, query)

    def _family(self, config: RunConfig) -> TaskFamily:
        if self._opened is None or self._opened[0] != config.task:
            family = config.task.open(self._data, torch.device("cpu"), self._cancel)
            self._opened = (config.task, family)
        return self._opened[1]


def can_be_looked_at(config: RunConfig) -> bool:
    """Return whether there is a picture of a configuration's tasks."""
    task = config.task
    is_acted = isinstance(task, PlanarSettings | RunningSettings)
    return is_acted or task.is_curve or is_picture_task(config)


def is_picture_task(config: RunConfig) -> bool:
    """Return whether a task is to tell pictures apart."""
    task = config.task
    return task.problem == "classification" and len(task.input_shape) == 3
