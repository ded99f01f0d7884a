"""How well a learner solves new tasks, at every inner step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.core.base.lazy import torch
from workbench.core.config.run_config import (
    ConfigError,
    Mistake,
    RunConfig,
    check_fields,
)
from workbench.core.engine.engine import Engine, choose_engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.looks import looks_at
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import Split, TaskFamily, TaskSettings
from workbench.core.pictures.seen_classes import classes_seen
from workbench.core.runs.events import StepScore
from workbench.core.training.sampling import CHUNK, sample
from workbench.core.training.smaller import smaller_evaluation
from workbench.core.training.trained import Trained
from workbench.core.training.training_error import memory_errors


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

    @property
    def final(self) -> StepScore:
        """The scores after the last inner step."""
        return self.by_step[-1]


@dataclass(frozen=True)
class Examiner:
    """Evaluates meta-parameters on a family's tasks, chunk by chunk."""

    config: RunConfig
    family: TaskFamily
    engine: Engine
    device: torch.device
    trained_on: TaskSettings | None = None

    def evaluate(
        self,
        meta: Params,
        state: Params,
        *,
        split: Split,
        tasks: int,
        seed: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> Evaluation:
        """Adapt to ``tasks`` episodes; an exception from ``progress`` cancels."""
        chunks = []
        for number, first in enumerate(range(0, tasks, CHUNK)):
            episodes = sample(
                self.config,
                self.family,
                split,
                number,
                CHUNK,
                seed=seed,
                device=self.device,
                training=False,
            )
            wanted = min(CHUNK, tasks - first)
            result = self.engine.map(self._curves, episodes, meta, state)
            chunks.append(result[:wanted].double().cpu())
            if progress is not None:
                progress(first + wanted, tasks)
        return self._summary(torch.cat(chunks), split, seed)

    def _curves(self, meta: Params, state: Params, episode: Episode) -> torch.Tensor:
        """Return one task's [K+1, 4]: loss and accuracy of support and query."""
        objective = TaskObjective.of(self.config.model, self.config.task)
        evaluation = self.config.evaluation
        rows = [
            torch.stack(
                [
                    look.support_loss,
                    objective.accuracy_of(look.support_outputs, episode.support.y),
                    look.query_loss,
                    objective.accuracy_of(look.query_outputs, episode.query.y),
                ]
            )
            for look in looks_at(
                self.config.algorithm,
                objective,
                meta,
                state,
                episode,
                evaluation.steps,
                transductive=evaluation.transductive,
            )
        ]
        return torch.stack(rows)

    def _summary(self, curves: torch.Tensor, split: Split, seed: int) -> Evaluation:
        ways = TaskObjective.of(self.config.model, self.config.task).ways
        shots, queries = self.config.examples_per_class(split, training=False)
        trained_on = self.trained_on or self.config.task
        means, errors = curves.mean(0).tolist(), ci95(curves).tolist()
        return Evaluation(
            by_step=tuple(
                _score(step, mean, error, is_regression=ways is None)
                for step, (mean, error) in enumerate(zip(means, errors, strict=True))
            ),
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
            query_loss=_rows(curves[:, :, 2]),
            query_accuracy=None if ways is None else _rows(curves[:, :, 3]),
            classes_seen_in_training=classes_seen(trained_on, self.family, split),
        )


def evaluate(
    trained: Trained,
    *,
    data: Path,
    device: torch.device,
    split: Split = "test",
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Evaluate a trained learner under its configuration's evaluation settings."""
    config = trained.config
    family = config.task.open(data, device)
    engine = choose_engine(config.training.engine, device, config.task.input_shape)
    examiner = Examiner(config, family, engine, device, trained.trained_on)
    with memory_errors("the evaluation", config, device, smaller_evaluation):
        return examiner.evaluate(
            trained.meta,
            trained.state,
            split=split,
            tasks=config.evaluation.tasks,
            seed=seed,
            progress=progress,
        )


def under(trained: Trained, changes: Mapping[str, Any]) -> Trained:
    """Return the learner under other task or evaluation settings, checked anew."""
    check_fields(changes)
    for name in changes:
        if not name.startswith(("task.", "evaluation.")):
            reason = "cannot be changed after training: only task and evaluation can"
            raise ConfigError([Mistake(name, reason)])
    if trained.config.task.problem == "regression" and "task.ways" in changes:
        message = f"{changes['task.ways']}: a regression has no ways"
        raise ConfigError([Mistake("task.ways", message)])
    asked = changes.get("task.ways", trained.ways)
    if trained.ways is not None and asked != trained.ways:
        mistake = Mistake(
            "task.ways",
            f"{asked}: this model has one head row per class and serves {trained.ways} "
            "ways; train one with model.head = 'shared' to serve any number",
        )
        raise ConfigError([mistake])
    config = trained.config.replace(changes)
    mistakes = [Mistake("task.kind", text) for text in _not_served(trained, config)]
    if mistakes:
        raise ConfigError(mistakes)
    trained_on = trained.trained_on or trained.config.task
    return replace(trained, config=config, trained_on=trained_on)


def _not_served(trained: Trained, config: RunConfig) -> Iterator[str]:
    """Yield why a task does not fit the weights that were trained."""
    was, now = trained.config.task, config.task
    if now.problem != was.problem:
        yield (
            f"{now.title} is a {now.problem}, and this model was trained on a "
            f"{was.problem}, {was.title}"
        )
    elif now.input_shape != was.input_shape and not _takes(trained, now):
        sizes = [" x ".join(map(str, task.input_shape)) for task in (now, was)]
        yield (
            f"{now.title} gives inputs of {sizes[0]}, and this model takes those of "
            f"{was.title}, {sizes[1]}"
        )
    elif trained.ways not in (None, now.outputs):
        yield (
            f"{now.title} has {now.outputs} outputs, and this model gives "
            f"{trained.ways}"
        )


def _takes(trained: Trained, task: TaskSettings) -> bool:
    """Return whether a model for the task's inputs has weights of the same shapes."""
    config = trained.config
    weights = config.algorithm.weights(trained.meta)
    fresh = config.model.start(
        task.input_shape, len(weights["head.bias"]), torch.Generator()
    )
    return {name: leaf.shape for name, leaf in fresh.items()} == {
        name: leaf.shape for name, leaf in weights.items()
    }


def ci95(values: torch.Tensor) -> torch.Tensor:
    """Return the half-width 1.96 sd / sqrt(n) over the leading axis."""
    return 1.96 * values.std(0, correction=1) / math.sqrt(len(values))


def _score(
    step: int, mean: list[float], error: list[float], *, is_regression: bool
) -> StepScore:
    def accuracy(value: float) -> Any:
        return None if is_regression else value

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
    )


def _rows(values: torch.Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())
