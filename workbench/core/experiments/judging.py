"""The evaluations that an experiment asks for: kept with their runs, made where not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbench.core.config.run_config import RunConfig
from workbench.core.experiments.parts import Changes
from workbench.core.runs.evaluations import (
    KeptEvaluation,
    list_evaluations,
    own_test,
)
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder

if TYPE_CHECKING:
    from workbench.core.base.lazy import torch


class Judged(NamedTuple):
    """A run of an experiment that is there, under settings to be judged by."""

    row: RunRow
    config: RunConfig


def kept(runs: Path, wanted: Judged) -> KeptEvaluation | None:
    """Return the newest evaluation that was made under these settings."""
    folder, config = runs / wanted.row.folder, wanted.config
    own = own_test(folder)
    fitting = (
        one
        for one in reversed(list_evaluations(folder))
        if _fits(one, config) and (own is None or one.meta_step == own.meta_step)
    )
    return next(fitting, None)


def judge(
    runs: Path,
    wanted: Judged,
    data: Path,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
) -> KeptEvaluation:
    """Evaluate a run under these settings, and keep that in its folder."""
    from workbench.core.base.devices import describe
    from workbench.core.training.judging import evaluate, under
    from workbench.core.training.keeping import keep_evaluation
    from workbench.core.training.trained import Trained

    folder = RunFolder(runs / wanted.row.folder)
    trained = under(Trained.load(folder, device=device), _changes(wanted.config))
    result = evaluate(trained, data=data, device=device, progress=progress)
    return keep_evaluation(
        folder,
        trained.config,
        result,
        meta_step=trained.step,
        device=describe(device),
    )


def _changes(config: RunConfig) -> Changes:
    return {
        f"{section}.{name}": value
        for section in ("task", "evaluation")
        for name, value in config.model_dump(mode="json")[section].items()
    }


def _fits(one: KeptEvaluation, config: RunConfig) -> bool:
    task, how = config.task.model_dump(mode="json"), config.evaluation
    shots_queries = config.examples_per_class("test")
    return (
        (one.split, one.seed, one.checkpoint) == ("test", 0, "best")
        and (one.shots, one.queries) == shots_queries
        and (one.tasks, one.steps, one.views) == (how.tasks, how.steps, how.views)
        and one.transductive == how.transductive
        and {**task, **one.task} == task
    )
