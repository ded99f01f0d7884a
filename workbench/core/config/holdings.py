"""Whether a data set can give the episodes that a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.core.base.errors import DataError, Problem
from workbench.core.base.settings import marked
from workbench.core.config.misfits import too_large
from workbench.core.config.mistakes import ConfigError, Mistake
from workbench.core.config.overrides import with_overrides
from workbench.core.config.run_config import RunConfig
from workbench.core.config.sections import kinds
from workbench.core.learning.meta_learner import TRAINING_SHOTS
from workbench.core.learning.task_family import (
    ClassificationSettings,
)
from workbench.core.pictures.datasets import DataState, data_set

_WAYS = ("task.ways",)
_SHOTS = ("task.shots", "evaluation.shots")
_QUERIES = ("task.queries", "evaluation.queries")


def data_mistakes(config: RunConfig, data: Path) -> tuple[Mistake, ...]:
    """Return what the data folder cannot serve, one mistake a field, without torch."""
    task = config.task
    try:
        held = task.holdings(data)
    except DataError as error:
        return (Mistake(error.field or "task.kind", str(error)),)
    except OSError as error:
        return (Mistake("task.kind", f"cannot read {data}: {error.strerror}"),)
    if not isinstance(task, ClassificationSettings):
        return ()
    found: dict[str, Mistake] = {}
    for mistake in too_large(config, task, held.get):
        found.setdefault(mistake.field, mistake)
    return tuple(found.values())


def missing_data(config: RunConfig, data: Path) -> Problem | None:
    """Return what to do first where the task's data set is not all there.

    The configuration is right all the same: it can be kept, and trained elsewhere.
    """
    try:
        found = data_set(config.task.data_set, data)
    except DataError:  # it draws from none
        return None
    report = found.report(data)
    if report.state is DataState.READY:
        return None
    text = f"{found.title} is {report.state}: {report.message}"
    return Problem(text, found.remedies)


def reduced(values: Mapping[str, Any], data: Path) -> dict[str, int]:
    """Return what to change so that a data set can give what a configuration asks for.

    Queries go first, then shots; ways only where nothing else helps. Where the set can
    give nothing at all, what is left is the least that can be asked for.
    """
    asking_shots = (*_SHOTS, *_training_shots(values))

    def capped(ways: int, shots: int, queries: int) -> dict[str, int]:
        caps = ((_WAYS, ways), (asking_shots, shots), (_QUERIES, queries))
        return {
            name: cap
            for names, cap in caps
            for name in names
            if (_number(values, name) or 0) > cap
        }

    def fits(ways: int, shots: int, queries: int) -> bool:
        changed = with_overrides(values, capped(ways, shots, queries))
        try:
            return not data_mistakes(RunConfig.from_dict(changed), data)
        except ConfigError:
            return False

    ways, shots, queries = (
        max(_number(values, name) or 1 for name in names)
        for names in (_WAYS, asking_shots, _QUERIES)
    )
    ways = 1 + _most(ways - 1, lambda more: fits(1 + more, 1, 1))
    if ways == 1:
        return capped(2, 1, 1)
    if most := _most(queries, lambda queries: fits(ways, shots, queries)):
        return capped(ways, shots, most)
    return capped(ways, _most(shots, lambda shots: fits(ways, shots, 1)), 1)


def _training_shots(values: Mapping[str, Any]) -> list[str]:
    """Return the fields of the learner chosen that are shots of their own."""
    learner = kinds("algorithm").get(values.get("algorithm", {}).get("kind"))
    names = marked(learner, TRAINING_SHOTS) if learner else ()
    return [f"algorithm.{name}" for name in names]


def _number(values: Mapping[str, Any], dotted: str) -> int | None:
    section, _, name = dotted.partition(".")
    value = values.get(section, {}).get(name)
    return value if isinstance(value, int) else None


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to ``limit`` that fits, 0 if none does."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
