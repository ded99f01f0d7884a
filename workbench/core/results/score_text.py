"""Scores and their differences in words, the same wherever they are shown."""

from __future__ import annotations

import math

from workbench.core.results.statistics import Comparison

_HUGE = 1e5


def score_text(
    value: float | None, ci95: float | None, *, is_loss: bool, digits: int = 3
) -> str:
    """Return an accuracy in percent or a loss, with its CI where there is one.

    ``digits`` are those of a loss; a huge one is written with its power of ten.
    """
    if value is None:
        return ""
    if not math.isfinite(value):
        return "diverged"
    scale, unit = (1, "") if is_loss else (100, " %")
    digits = digits if is_loss else 2
    parts = [scale * part for part in (value, ci95) if part is not None]
    return " ± ".join(f"{part:{_places(part, digits)}}" for part in parts) + unit


def difference_text(test: Comparison, *, is_loss: bool) -> str:
    """Return a difference with its CI, in points of percent or as a loss."""
    if not is_loss:
        return f"{100 * test.difference:+.2f} ± {100 * test.ci95:.2f} points"
    difference, error = test.difference, test.ci95
    return f"{difference:+{_places(difference, 4)}} ± {error:{_places(error, 4)}}"


def _places(value: float, digits: int) -> str:
    return ".2e" if abs(value) >= _HUGE else f".{digits}f"
