"""What runs on a kind of task are judged by."""

from __future__ import annotations

from workbench.core.base.measure import Measure
from workbench.core.config.sections import kinds
from workbench.core.learning.task_family import TaskSettings


def measure_of(task: str, *, has_ways: bool) -> Measure:
    """Return it for a kind of task; one that is not there is known by its ways."""
    family = kinds("task").get(task)
    if family is not None and issubclass(family, TaskSettings):
        return Measure.of_problem(family.problem)
    return Measure.ACCURACY if has_ways else Measure.LOSS
