"""Figures in words, the same in every part of the Runs views."""

from __future__ import annotations

from workbench.core.results import score_text as plain
from workbench.core.results.statistics import Comparison
from workbench.core.runs.evaluations import KeptEvaluation


def score_text(kept: KeptEvaluation) -> str:
    """Return an evaluation's score with its CI, and what it is."""
    value = plain.score_text(kept.score, kept.ci95, is_loss=kept.is_loss)
    return f"{'Loss' if kept.is_loss else 'Accuracy'} {value}"


def difference_text(test: Comparison, *, is_loss: bool) -> str:
    """Return a difference with its CI, with the minus sign of print."""
    return plain.difference_text(test, is_loss=is_loss).replace("-", "−")
