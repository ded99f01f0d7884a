"""The measurements that an experiment asks for: kept with the user's own, made once.

They are of a configuration, and of no run; memory and time are of this machine, and
all of this version of the program.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from workbench import __version__
from workbench.core.base.files import read, write_atomically
from workbench.core.base.folders import user_folder
from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.measures import MEASURES, measured
from workbench.core.experiments.parts import Point

_FOLDER = "measured"


class ToMeasure(NamedTuple):
    """A point of a curve, and what is measured there."""

    measure: str
    point: Point

    @property
    def needs_data(self) -> bool:
        """Whether the data set of its task must be there."""
        return MEASURES[self.measure].needs_data

    @property
    def file(self) -> Path:
        """Where the measurement is kept."""
        config = self.point.config.model_dump(mode="json")
        said = json.dumps([__version__, self.measure, config])
        key = hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()[:16]
        return user_folder() / _FOLDER / f"{key}.json"


def to_measure(experiment: Experiment, *, quick: bool) -> list[ToMeasure]:
    """Return every measurement that the page needs."""
    return [
        ToMeasure(point.measure, point)
        for part in experiment.measured
        for point in part.points(quick=quick)
    ]


def kept_value(wanted: ToMeasure) -> float | None:
    """Return what was measured; None if nothing was, or cannot be read."""
    try:
        return float(json.loads(read(wanted.file))["value"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make(wanted: ToMeasure, data: Path, device: str) -> float:
    """Measure, and keep what was measured."""
    value = measured(wanted.measure, wanted.point.config, data, device)
    wanted.file.parent.mkdir(parents=True, exist_ok=True)
    record = {"measure": wanted.measure, "value": value}
    write_atomically(wanted.file, json.dumps(record).encode())
    return value


def missing(wanted: Iterable[ToMeasure]) -> list[ToMeasure]:
    """Return what was not measured yet."""
    return [each for each in wanted if kept_value(each) is None]
