"""Scores and their differences in words, the same wherever they are shown."""

from __future__ import annotations

import math
from typing import Protocol

from workbench.core.results.statistics import Comparison
from workbench.core.runs.events import StepScore

_DIGITS = {"loss": 4, "percent": 2}
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
    def is_loss(self) -> bool:
        """Whether the score is a loss."""

    def field(self, dotted: str) -> str | None:
        """Return a field of the configuration."""


def score_text(value: float | None, ci95: float | None, *, is_loss: bool) -> str:
    """Return an accuracy in percent or a loss, with its CI where there is one."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "diverged"
    if is_loss:
        return in_its_unit(value, ci95, is_loss=True)
    error = None if ci95 is None else 100 * ci95
    return f"{in_its_unit(100 * value, error, is_loss=False)} %"


def measured_text(score: StepScore, tasks: int) -> str:
    """Return a score with its CI, or the median where tasks diverged, and how many."""
    if score.spread is not None and score.diverged:
        return _despite(score.spread.median, score.diverged, f"{tasks:,}")
    return score_text(score.score, score.ci95, is_loss=score.accuracy is None)


def row_text(row: Tested) -> str:
    """Return the figure of a run's own test, in the words of ``measured_text``."""
    if row.test_median is not None and row.test_diverged:
        tasks = row.field("evaluation.tasks") or ""
        return _despite(row.test_median, row.test_diverged, tasks)
    return score_text(row.test, row.test_ci95, is_loss=row.is_loss)


def _despite(median: float, diverged: int, tasks: str) -> str:
    lost = f"{diverged:,}{' of ' if tasks else ''}{tasks} diverged"
    if not math.isfinite(median):
        return lost
    return f"median {score_text(median, None, is_loss=True)}, {lost}"


def in_its_unit(value: float, ci95: float | None, *, is_loss: bool) -> str:
    """Return percent or a loss, with the CI where there is one, but without a unit."""
    digits = _DIGITS["loss" if is_loss else "percent"]
    parts = [part for part in (value, ci95) if part is not None]
    return " ± ".join(f"{part:{_places(part, digits)}}" for part in parts)


def difference_text(test: Comparison, *, is_loss: bool) -> str:
    """Return a difference with its CI, in points of percent or as a loss."""
    scale, unit = (1, "") if is_loss else (100, " points")
    difference, error = scale * test.difference, scale * test.ci95
    digits = _DIGITS["loss" if is_loss else "percent"]
    signed = f"{difference:+{_places(difference, digits)}}".replace("-", "−")
    return f"{signed} ± {error:{_places(error, digits)}}{unit}"


def bearing_text(difference: float, *, is_loss: bool) -> str:
    """Return which way a difference goes, and whether that is better."""
    if not difference:
        return "equal"
    what = "loss" if is_loss else "accuracy"
    is_better = (difference < 0) == is_loss
    way = "higher" if difference > 0 else "lower"
    return f"{'better' if is_better else 'worse'}: a {way} {what}"


def _places(value: float, digits: int) -> str:
    """Return how to write a figure; a huge one has its power of ten."""
    return ".2e" if abs(value) >= _HUGE else f".{digits}f"
