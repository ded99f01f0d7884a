"""What a run's own test said, in words."""

from __future__ import annotations

from pathlib import Path

from workbench.core.results.score_text import score_text
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_score
from workbench.core.runs.store import RunFolder


def own_result(run: Path) -> str:
    """Return it like ``test accuracy 97.10 ± 0.40 %``; empty where there was none."""
    try:
        score = own_score(run, RunFolder(run).info())
    except (RunError, ValueError):
        return ""
    if score is None:
        return ""
    is_loss = score.accuracy is None
    text = score_text(score.score, score.ci95, is_loss=is_loss)
    return f"test {'loss' if is_loss else 'accuracy'} {text}"
