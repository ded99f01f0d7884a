"""The data sets that runs of an experiment draw from, and whether they are there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.errors import Problem
from workbench.core.config.holdings import missing_data
from workbench.core.experiments.standing import Planned


class Need(NamedTuple):
    """A data set, and what to do first where it is not all there."""

    title: str
    problem: Problem | None = None


def needs(planned: Iterable[Planned], data: Path) -> list[Need]:
    """Return what runs draw from, each once."""
    tasks = {each.config.task.data_set: each.config for each in planned}
    return [
        Need(config.task.title, missing_data(config, data)) for config in tasks.values()
    ]
