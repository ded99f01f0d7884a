"""Evaluations of runs as evidence for a figure, and the mean over seeds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.results.seeds import are_trimmed
from workbench.core.results.statistics import Mean, mean_over_seeds
from workbench.core.runs.evaluations import KeptEvaluation
from workbench.core.runs.events import StepScore
from workbench.core.runs.row import RunRow


class Evidence(NamedTuple):
    """One run's evaluation that measures a figure, at the inner step it asks for."""

    row: RunRow
    kept: KeptEvaluation
    score: float
    ci95: float | None
    judged: StepScore

    @property
    def counted(self) -> RunRow:
        """Its run, with this evaluation for the test."""
        spread = self.judged.score_spread
        return self.row._replace(
            test=self.score,
            test_ci95=self.ci95,
            test_trimmed=None if spread is None else spread.trimmed_mean,
            test_diverged=self.judged.diverged,
        )

    @classmethod
    def at(
        cls, row: RunRow, kept: KeptEvaluation, step: int | None, measure: Measure
    ) -> Evidence | None:
        """Return a figure at an inner step, else the last, as shown; None if none."""
        step = kept.steps if step is None else step
        score = next((score for score in kept.by_step if score.step == step), None)
        if score is None:
            return None
        mean, error = score.of(measure)
        if mean is None:
            return None
        error = None if error is None else measure.scale * error
        return cls(row, kept, measure.scale * mean, error, score)


def without_lost(group: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """Return all by the middle 98 % of their tasks, if a task of any diverged."""
    if not are_trimmed(one.counted for one in group.values()):
        return dict(group)
    return {
        folder: one._replace(score=one.judged.robust_loss, ci95=None)
        for folder, one in group.items()
    }


def measured(evidence: Sequence[Evidence]) -> Mean:
    """Return the mean over seeds; of one run, its own figure with its CI over tasks."""
    if len(evidence) == 1:
        return Mean(evidence[0].score, evidence[0].ci95, 1)
    return mean_over_seeds([one.score for one in evidence])
