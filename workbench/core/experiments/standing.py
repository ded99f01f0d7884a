"""Which runs of an experiment are there: those whose configuration is the same.

A run is no experiment's own: whatever run has the configuration serves, however it
came to be trained, and whichever experiments ask for it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from workbench.core.base.settings import marked
from workbench.core.config.run_config import RunConfig, TrainingSettings
from workbench.core.config.sections import SAME_RESULT
from workbench.core.experiments.experiment import Experiment
from workbench.core.results.row_settings import setting_of
from workbench.core.runs.row import RunRow, flat, text_of

ASIDE = {
    *(f"training.{name}" for name in marked(TrainingSettings, SAME_RESULT)),
    "evaluation.every",
    "evaluation.tasks",
}
"""What says how often is kept and looked, and over how many tasks at the end."""

_GOES_ON = ("stopped", "interrupted", "created")
_NEAREST = ("completed", "running", "paused", *_GOES_ON, "failed")


class Planned(NamedTuple):
    """One run of an experiment, and the run here that is nearest to being it."""

    name: str
    preset: str
    config: RunConfig
    row: RunRow | None = None

    @property
    def is_there(self) -> bool:
        """Whether it was trained to its end."""
        return self.row is not None and self.row.state == "completed"

    @property
    def is_begun(self) -> bool:
        """Whether there is a run that only has to go on."""
        return self.row is not None and self.row.state in _GOES_ON

    @property
    def is_to_train(self) -> bool:
        """Whether it is to be begun, or to go on, and nobody else is at it.

        One that failed would fail again: it is for the person to go on with.
        """
        return self.row is None or self.is_begun


def standing(
    experiment: Experiment, rows: Iterable[RunRow], *, quick: bool
) -> list[Planned]:
    """Return every run of an experiment with the run that is there for it."""
    at_hand = ByKinds.of(rows)
    return [
        Planned(run.name, run.preset, config, at_hand.nearest(config))
        for run in experiment.runs
        for config in run.configs(quick=quick)
    ]


class ByKinds(NamedTuple):
    """Runs by what is quickly compared: their kinds and their seed."""

    rows: Mapping[tuple[object, ...], Sequence[RunRow]]

    @classmethod
    def of(cls, rows: Iterable[RunRow]) -> ByKinds:
        """Sort rows, newest first, by their kinds; what cannot be read is left out."""
        found: dict[tuple[object, ...], list[RunRow]] = {}
        for row in rows:
            if row.is_run and row.state in _NEAREST:
                key = (row.task, row.model, row.algorithm, row.seed)
                found.setdefault(key, []).append(row)
        return cls(found)

    def nearest(self, config: RunConfig) -> RunRow | None:
        """Return the run that has this configuration and has come farthest."""
        sections = (config.task, config.model, config.algorithm)
        key = (*(each.kind for each in sections), config.training.seed)
        same = [row for row in self.rows.get(key, ()) if serves(row, config)]
        return min(same, key=_rank, default=None)


def serves(row: RunRow, config: RunConfig) -> bool:
    """Return whether a run has this configuration, what is put aside aside."""
    wanted = essence(config)
    return all(setting_of(row, name) == text for name, text in wanted.items())


@functools.lru_cache(maxsize=1024)
def essence(config: RunConfig) -> Mapping[str, str]:
    """Return what decides the result of a configuration, as rows have it."""
    values = flat(config.model_dump(mode="json"))
    return {
        name: "none" if value is None else text_of(value)
        for name, value in values.items()
        if name not in ASIDE
    }


def _rank(row: RunRow) -> tuple[int, int]:
    return _NEAREST.index(row.state), -row.step
