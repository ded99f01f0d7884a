"""Which task draws from a data set."""

from __future__ import annotations

from pathlib import Path

from workbench.core.base.errors import DataError
from workbench.core.config.run_config import kinds
from workbench.core.learning.task_family import TaskSettings
from workbench.core.pictures.datasets import DataSet


def task_of(
    data_set: DataSet, data: Path, own: TaskSettings | None = None
) -> TaskSettings | None:
    """Return the settings of the task that draws from a data set; None if none does.

    ``own`` is returned where it already does. A data set named ``kind/name`` is one of
    several of its kind.
    """
    kind, _, name = data_set.name.partition("/")
    settings = kinds("task").get(kind)
    if settings is None or not issubclass(settings, TaskSettings):
        return None
    if type(own) is settings and (not name or own.data_set == data_set.name):
        return own
    try:
        return settings.of(data, name) if name else settings.model_validate({})
    except DataError:
        return None
