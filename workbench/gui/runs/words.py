"""Figures in words, the same in every part of the Runs views."""

from __future__ import annotations

from workbench.core.evaluations import KeptEvaluation
from workbench.core.statistics import Comparison
from workbench.gui.runs.columns import figure


def score_text(kept: KeptEvaluation) -> str:
    """Return an evaluation's score with its CI, and what it is."""
    value = figure(kept.score, kept.ci95, is_loss=kept.is_loss)
    return f"{'Loss' if kept.is_loss else 'Accuracy'} {value}"


def difference_text(test: Comparison, *, is_loss: bool) -> str:
    """Return a difference with its CI, in points of percent or as a loss."""
    if is_loss:
        text = f"{test.difference:+.4f} ± {test.ci95:.4f}"
    else:
        text = f"{100 * test.difference:+.2f} ± {100 * test.ci95:.2f} points"
    return text.replace("-", "−")
