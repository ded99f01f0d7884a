"""The evaluations that an experiment asks for: kept with their runs, made where not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from workbench.core.config.run_config import RunConfig
from workbench.core.experiments.parts import Changes
from workbench.core.runs.evaluations import (
    KeptEvaluation,
    list_evaluations,
    own_test,
)
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder
from workbench.core.training.requested import Request, evaluated


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
    device: str,
    progress: Callable[[int, int], None] | None = None,
) -> KeptEvaluation:
    """Evaluate a run under these settings, and keep that in its folder."""
    folder = RunFolder(runs / wanted.row.folder)
    asked = Request(folder, changes=_changes(wanted.config), device=device)
    return evaluated(asked, data, progress)


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
