"""Which task draws from a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.core.base.data_error import DataError
from workbench.core.config.run_config import kinds
from workbench.core.learning.task_family import TaskSettings
from workbench.core.pictures.datasets import DataSet


def task_of(
    data_set: DataSet, data: Path, own: TaskSettings | None = None
) -> TaskSettings | None:
    """Return the settings of the task that draws from a data set; None if none does.

    ``own`` is returned where it already does. A data set named ``kind/name`` is one of
    several of its kind, whose settings class has ``of(data, name)``.
    """
    kind, _, name = data_set.name.partition("/")
    settings: Any = kinds("task").get(kind)
    if settings is None:
        return None
    if type(own) is settings and (not name or getattr(own, "dataset", "") == name):
        return own
    try:
        made = settings.of(data, name) if name else settings()
    except DataError:
        return None
    return made if isinstance(made, TaskSettings) else None
