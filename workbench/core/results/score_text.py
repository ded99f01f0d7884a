"""Scores and their differences in words, the same wherever they are shown."""

from __future__ import annotations

import math
from typing import Protocol

from workbench.core.base.measure import Measure
from workbench.core.results.statistics import Comparison
from workbench.core.runs.events import StepScore

_HUGE = 1e5


class Tested(Protocol):
    """What the row of a run tells of its own test."""

    @property
    def test(self) -> float | None:
        """The score."""

    @property
    def test_ci95(self) -> float | None:
        """The half-width of its 95 % CI."""

    @property
    def test_median(self) -> float | None:
        """The median of a regression's losses."""

    @property
    def test_diverged(self) -> int | None:
        """How many tasks diverged."""

    @property
    def measure(self) -> Measure:
        """What the score is."""

    def field(self, dotted: str) -> str | None:
        """Return a field of the configuration."""


def score_text(value: float | None, ci95: float | None, measure: Measure) -> str:
    """Return a score in its unit, as an accuracy in percent, with its CI if any."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "diverged"
    error = None if ci95 is None else measure.scale * ci95
    return f"{in_its_unit(measure.scale * value, error, measure)}{measure.unit}"


def measured_text(score: StepScore, tasks: int) -> str:
    """Return a score with its CI, or the median where tasks diverged, and how many."""
    spread = score.score_spread
    if spread is not None and spread.diverged:
        return _despite(spread.median, spread.diverged, f"{tasks:,}")
    return score_text(score.score, score.ci95, score.measure)


def row_text(row: Tested) -> str:
    """Return the figure of a run's own test, in the words of ``measured_text``."""
    if row.test_median is not None and row.test_diverged:
        tasks = row.field("evaluation.tasks") or ""
        return _despite(row.test_median, row.test_diverged, tasks)
    return score_text(row.test, row.test_ci95, row.measure)


def _despite(median: float, diverged: int, tasks: str) -> str:
    lost = f"{diverged:,}{' of ' if tasks else ''}{tasks} diverged"
    if not math.isfinite(median):
        return lost
    return f"median {score_text(median, None, Measure.LOSS)}, {lost}"


def in_its_unit(value: float, ci95: float | None, measure: Measure) -> str:
    """Return a figure with its CI if there is one, but without its unit.

    An accuracy is given in percent.
    """
    parts = [part for part in (value, ci95) if part is not None]
    texts = (f"{part:{_places(part, measure.digits)}}" for part in parts)
    return " ± ".join(texts).replace("-", "−") if value < 0 else " ± ".join(texts)


def difference_text(test: Comparison, measure: Measure) -> str:
    """Return a difference with its CI, of accuracies in points of percent."""
    scale, digits = measure.scale, measure.digits
    difference, error = scale * test.difference, scale * test.ci95
    signed = f"{difference:+{_places(difference, digits)}}".replace("-", "−")
    return f"{signed} ± {error:{_places(error, digits)}}{measure.difference_unit}"


def bearing_text(difference: float, measure: Measure) -> str:
    """Return which way a difference goes, and whether that is better."""
    if not difference:
        return "equal"
    way = "higher" if difference > 0 else "lower"
    is_better = measure.is_better(difference, 0.0)
    return f"{'better' if is_better else 'worse'}: a {way} {measure}"


def _places(value: float, digits: int) -> str:
    """Return how to write a figure; a huge one has its power of ten."""
    return ".2e" if abs(value) >= _HUGE else f".{digits}f"
