"""How well a learner solves new tasks, at every inner step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workbench.core.acting.policy import objective_of
from workbench.core.base.lazy import torch
from workbench.core.base.measure import Measure
from workbench.core.base.splits import Split
from workbench.core.config.run_config import EvaluationSettings, RunConfig
from workbench.core.engine.engine import Engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.looks import looks_at
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskFamily
from workbench.core.pacing.pace import CHUNK
from workbench.core.runs.events import EvaluationEvent, Spread, StepScore
from workbench.core.training.sampling import sample
from workbench.core.training.spread import spreads

_SAMPLES = 8
"""Tasks whose own curves are kept."""


@dataclass(frozen=True)
class Evaluation:
    """Scores on ``tasks`` tasks of a split, and all they depend on.

    ``classes_seen_in_training`` counts the classes of the split, trained on before.
    ``query_loss`` and ``query_accuracy`` hold each task's values at each inner step.
    """

    by_step: tuple[StepScore, ...]
    tasks: int
    split: Split
    split_hash: str
    ways: int | None
    shots: int
    queries: int
    steps: int
    transductive: bool
    norm: str
    seed: int
    query_loss: tuple[tuple[float, ...], ...] = field(repr=False)
    query_accuracy: tuple[tuple[float, ...], ...] | None = field(repr=False)
    classes_seen_in_training: int = 0
    views: int = 1

    @property
    def final(self) -> StepScore:
        """The scores after the last inner step."""
        return self.by_step[-1]

    @property
    def task_scores(self) -> tuple[float, ...]:
        """Each task's score after the last inner step."""
        if self.query_accuracy is not None:
            return tuple(row[-1] for row in self.query_accuracy)
        losses = (row[-1] for row in self.query_loss)
        is_return = self.final.measure is Measure.RETURN
        return tuple(-loss if is_return else loss for loss in losses)

    def event(
        self, step: int, trained_steps: int, *, best: bool = False
    ) -> EvaluationEvent:
        """Return what is written of it in the record of a run, made at a meta-step."""
        return EvaluationEvent(
            step=step,
            split=self.split,
            tasks=self.tasks,
            transductive=self.transductive,
            trained_steps=trained_steps,
            by_step=self.by_step,
            best=best,
            samples=self.query_loss[:_SAMPLES],
            sample_accuracies=(self.query_accuracy or ())[:_SAMPLES],
            views=self.views,
        )


@dataclass(frozen=True)
class Looking:
    """How a learner is looked at while it adapts to one episode."""

    learner: MetaLearner
    objective: TaskObjective
    evaluation: EvaluationSettings

    def __call__(
        self, settings: Params, meta: Params, state: Params, episode: Episode
    ) -> torch.Tensor:
        """Return one task's [K+1, 4]: loss and accuracy of support and query.

        ``settings`` are those of the learner's that are given as tensors.
        """
        objective = self.objective
        looks = looks_at(
            self.learner.model_copy(update=settings) if settings else self.learner,
            objective,
            meta,
            state,
            episode,
            self.evaluation.steps,
            transductive=self.evaluation.transductive,
        )
        rows = [
            torch.stack(
                [
                    look.support_loss,
                    objective.accuracy_of(look.support_outputs, episode.support.y),
                    look.query_loss,
                    objective.accuracy_of(look.query_outputs, episode.query.y),
                ]
            )
            for look in looks
        ]
        return torch.stack(rows)


@dataclass(frozen=True)
class Examiner:
    """Evaluates meta-parameters on a family's tasks, chunk by chunk."""

    config: RunConfig
    family: TaskFamily
    engine: Engine
    device: torch.device
    seen: Callable[[Split], int] = lambda split: 0
    """How many classes of a split were there in training already."""

    def evaluate(
        self,
        meta: Params,
        state: Params,
        *,
        split: Split,
        tasks: int,
        seed: int,
        progress: Callable[[int, int], None] | None = None,
        made: Callable[[int], torch.Tensor | None] | None = None,
    ) -> Evaluation:
        """Adapt to ``tasks`` episodes; an exception from ``progress`` cancels.

        ``made`` returns the curves of a chunk that were made already, if they were.
        """
        chunks = []
        for number, first in enumerate(range(0, tasks, CHUNK)):
            wanted = min(CHUNK, tasks - first)
            curves = made(number) if made else None
            if curves is None:
                curves = self.curves(meta, state, split, number, seed=seed)
            chunks.append(curves[:wanted])
            if progress is not None:
                progress(first + wanted, tasks)
        return self._summary(torch.cat(chunks), split, seed)

    @cached_property
    def looking(self) -> Looking:
        """How the learner is looked at."""
        config = self.config
        views = config.evaluation.views
        objective = objective_of(config.model, config.task, views)
        return Looking(config.algorithm, objective, config.evaluation)

    def episodes(
        self, split: Split, number: int, seed: int, tasks: int = CHUNK
    ) -> Episode:
        """Return one chunk's tasks."""
        return sample(
            self.config,
            self.family,
            split,
            number,
            tasks,
            seed=seed,
            device=self.device,
            training=False,
        )

    def curves(
        self,
        meta: Params,
        state: Params,
        split: Split,
        number: int,
        *,
        seed: int,
        tasks: int = CHUNK,
    ) -> torch.Tensor:
        """Return the curves of one chunk's tasks, as [tasks, K+1, 4]."""
        episodes = self.episodes(split, number, seed, tasks)
        curves: torch.Tensor = self.engine.map(self.looking, episodes, {}, meta, state)
        return curves.double().cpu()

    @property
    def ways(self) -> int | None:
        """The classes of a task, where it has any."""
        return self.looking.objective.ways

    def scores(self, curves: torch.Tensor) -> tuple[StepScore, ...]:
        """Return what all tasks' curves say of each inner step."""
        means, errors = curves.mean(0).tolist(), ci95(curves).tolist()
        lie = zip(*map(spreads, (curves[..., 2], curves[..., 0])), strict=True)
        how = list(lie) if self.ways is None else [()] * len(means)
        steps = zip(means, errors, how, strict=True)
        return tuple(
            _score(step, mean, error, *spread)
            for step, (mean, error, spread) in enumerate(steps)
        )

    def _summary(self, curves: torch.Tensor, split: Split, seed: int) -> Evaluation:
        ways = self.ways
        shots, queries = self.config.examples_per_class(split, training=False)
        return Evaluation(
            by_step=self.scores(curves),
            tasks=len(curves),
            split=split,
            split_hash=self.family.split_hash,
            ways=ways,
            shots=shots,
            queries=queries,
            steps=self.config.evaluation.steps,
            transductive=self.config.evaluation.transductive,
            norm=self.config.model.normalises,
            seed=seed,
            query_loss=rows_of(curves[:, :, 2]),
            query_accuracy=None if ways is None else rows_of(curves[:, :, 3]),
            classes_seen_in_training=self.seen(split),
            views=self.config.evaluation.views,
        )


def ci95(values: torch.Tensor) -> torch.Tensor:
    """Return the half-width 1.96 sd / sqrt(n) over the leading axis."""
    return 1.96 * values.std(0, correction=1) / math.sqrt(len(values))


def _score(
    step: int, mean: list[float], error: list[float], *spreads: Spread
) -> StepScore:
    """Return the score at a step; how losses lie is given for a regression."""

    def accuracy(value: float) -> Any:
        return None if spreads else value

    return StepScore(
        step=step,
        loss=mean[2],
        loss_ci95=error[2],
        accuracy=accuracy(mean[3]),
        accuracy_ci95=accuracy(error[3]),
        support_loss=mean[0],
        support_loss_ci95=error[0],
        support_accuracy=accuracy(mean[1]),
        support_accuracy_ci95=accuracy(error[1]),
        spread=spreads[0] if spreads else None,
        support_spread=spreads[1] if spreads else None,
    )


def rows_of(values: torch.Tensor) -> tuple[tuple[float, ...], ...]:
    """Return each task's values at each inner step."""
    return tuple(tuple(row) for row in values.tolist())
