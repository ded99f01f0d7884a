"""A trained learner judged, under its own settings or under others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.core.base.lazy import torch
from workbench.core.base.splits import Split
from workbench.core.config.run_config import (
    ConfigError,
    Mistake,
    RunConfig,
    check_fields,
    kinds,
)
from workbench.core.engine.engine import Engine, choose_engine
from workbench.core.learning.task_family import TaskSettings
from workbench.core.training.evaluation import Evaluation
from workbench.core.training.examining import examiner_for
from workbench.core.training.smaller import smaller_evaluation
from workbench.core.training.trained import Trained
from workbench.core.training.training_error import memory_errors

_PROBLEMS = {
    "classification": "a classification",
    "regression": "a regression",
    "reinforcement": "a problem of reinforcement learning",
}
"""What tasks are, in words."""


def evaluate(
    trained: Trained,
    *,
    data: Path,
    device: torch.device,
    split: Split = "test",
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    engine: Engine | None = None,
) -> Evaluation:
    """Evaluate a trained learner under its configuration's evaluation settings.

    Without an ``engine`` this process computes as training does.
    """
    config = trained.config
    family = config.task.open(data, device)
    engine = engine or choose_engine(config.training.engine, device, config.task)
    examiner = examiner_for(config, family, engine, device, trained.trained_on)
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
    task = trained.config.task
    if task.problem != "classification" and "task.ways" in changes:
        message = f"{changes['task.ways']}: {_PROBLEMS[task.problem]} has no ways"
        raise ConfigError([Mistake("task.ways", message)])
    asked = changes.get("task.ways", trained.ways)
    if trained.ways is not None and asked != trained.ways:
        mistake = Mistake(
            "task.ways",
            f"{asked}: this model has one head row per class and serves {trained.ways} "
            "ways; train one with model.head = 'shared' to serve any number",
        )
        raise ConfigError([mistake])
    _check_problem(task, changes)
    config = trained.config.replace(changes)
    mistakes = [Mistake("task.kind", text) for text in _not_served(trained, config)]
    if mistakes:
        raise ConfigError(mistakes)
    trained_on = trained.trained_on or trained.config.task
    return replace(trained, config=config, trained_on=trained_on)


def _check_problem(was: TaskSettings, changes: Mapping[str, Any]) -> None:
    """Refuse tasks of another problem, whatever else does not go with them."""
    now = kinds("task").get(changes.get("task.kind", was.kind))
    if now is None or not issubclass(now, TaskSettings) or now.problem == was.problem:
        return
    reason = (
        f"{now.title} is {_PROBLEMS[now.problem]}, and this model was trained on "
        f"{_PROBLEMS[was.problem]}, {was.title}"
    )
    raise ConfigError([Mistake("task.kind", reason)])


def _not_served(trained: Trained, config: RunConfig) -> Iterator[str]:
    """Yield why a task does not fit the weights that were trained."""
    was, now = trained.config.task, config.task
    if now.input_shape != was.input_shape and not _takes(trained, now):
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
    fresh = task.started(
        config.model.start(
            task.input_shape, len(weights["head.bias"]), torch.Generator()
        )
    )
    return {name: leaf.shape for name, leaf in fresh.items()} == {
        name: leaf.shape for name, leaf in weights.items()
    }
