"""Runs that are judged by their return, as reinforcement learning's are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal

import numpy as np

from tests.made_runs import made
from tests.made_stores import EPISODES
from workbench.core.runs.evaluations import KeptEvaluation, write_evaluation
from workbench.core.runs.events import EvaluationEvent, StepEvent, StepScore
from workbench.core.runs.row import RunRow, read_row
from workbench.core.runs.store import MetricsWriter, RunFolder
from workbench.tasks.sinusoid import Sinusoid

WORSE, BETTER = (-30.0, -28.0, -29.0, -31.0), (-12.0, -10.0, -11.5, -12.5)
"""Returns of four tasks, below zero as those that count a way are."""
GAIN = 5.0
"""How much the inner step adds to a return."""


class Walks(Sinusoid):
    """Tasks of a kind that is judged by its return; what is drawn is beside the point.

    The fixture ``walks`` lets it be chosen.
    """

    title = "Walks"
    problem = "reinforcement"

    kind: Literal["walks"] = "walks"  # type: ignore[assignment]


def score_of(step: int, returns: Sequence[float]) -> StepScore:
    """The score of these tasks, whose losses are minus the returns."""
    mean = fmean(returns)
    error = float(1.96 * np.std(returns, ddof=1) / len(returns) ** 0.5)
    return StepScore(
        *(step, -mean, error, None, None, -mean, error, None, None),
        mean_return=mean,
        return_ci95=error,
        figures={"distance": abs(mean) / 10, "success": 0.25},
    )


def scores_of(returns: Sequence[float]) -> tuple[StepScore, ...]:
    """The scores before and after one inner step."""
    return score_of(0, [each - GAIN for each in returns]), score_of(1, returns)


def validation(step: int, returns: Sequence[float], *, best: bool) -> EvaluationEvent:
    samples = tuple((GAIN - each, -each) for each in returns)
    scores = scores_of(returns)
    return EvaluationEvent(
        step, "validation", len(returns), True, 1, scores, best, samples
    )


def kept_returns(returns: Sequence[float], name: str = "test") -> KeptEvaluation:
    """An evaluation with these returns of its tasks."""
    return KeptEvaluation(
        id=name,
        made="2026-01-01T00:00:00",
        tasks=len(returns),
        meta_step=20,
        task={"kind": "walks"},
        by_step=scores_of(returns),
        task_scores=tuple(returns),
        **EPISODES,
    )


def run_of_returns(
    runs: Path, returns: Sequence[float], **overrides: object
) -> RunFolder:
    """A run of walks that was validated twice, the later time better, and tested."""
    settings = {"task__kind": "walks", "evaluation__steps": 1, **overrides}
    folder = made(runs, **settings)
    worse = [each - 7.0 for each in returns]
    writer = MetricsWriter(folder, 0)
    for step, found in ((0, worse), (20, list(returns))):
        writer.append(
            [
                StepEvent(step, -fmean(found), None, 1.0, 1e-3),
                validation(step, found, best=True),
            ]
        )
    writer.close()
    write_evaluation(folder.path, kept_returns(returns))
    folder.update(state="completed", step=20, best=fmean(returns), test="test")
    return folder


def row_of_returns(runs: Path, returns: Sequence[float], **overrides: object) -> RunRow:
    """The row of such a run."""
    return read_row(run_of_returns(runs, returns, **overrides).path)
