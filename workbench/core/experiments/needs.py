"""The data sets that runs of an experiment draw from, and whether they are there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.errors import Problem
from workbench.core.config.holdings import missing_data
from workbench.core.config.run_config import RunConfig


class Need(NamedTuple):
    """A data set, and what to do first where it is not all there."""

    title: str
    problem: Problem | None = None


def needs(configs: Iterable[RunConfig], data: Path) -> list[Need]:
    """Return what configurations draw from, each once."""
    tasks = {config.task.data_set: config for config in configs}
    return [
        Need(config.task.title, missing_data(config, data)) for config in tasks.values()
    ]
