"""What a run's own test said, in words."""

from __future__ import annotations

from pathlib import Path

from workbench.core.results.score_text import measured_text
from workbench.core.runs.evaluations import own_test


def own_result(run: Path) -> str:
    """Return it like ``test accuracy 97.10 ± 0.40 %``; empty where there was none."""
    test = own_test(run)
    if test is None:
        return ""
    return f"test {test.measure} {measured_text(test.final, test.tasks)}"
