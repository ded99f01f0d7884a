"""Makes what a page lacks once its runs are trained: evaluations, measurements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.core.experiments.judging import judge
from workbench.core.experiments.measuring import make, missing
from workbench.core.experiments.outcome import Outcome


def finish(
    outcome: Outcome,
    data: Path,
    device_name: str = "auto",
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Make what is not kept already; an exception from ``tell`` cancels the rest."""
    wanted, points = outcome.to_judge, missing(outcome.to_measure)
    total = sum(each.config.evaluation.tasks for each in wanted) + len(points)
    done = 0

    def tell_more(tasks: int, _of: int) -> None:
        tell(done + tasks, total)

    for each in wanted:
        judge(outcome.runs, each, data, device_name, tell_more)
        done += each.config.evaluation.tasks
    for point in points:
        tell(done, total)
        make(point, data, device_name)
        done += 1
