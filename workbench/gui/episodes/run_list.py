"""The runs whose parameters can be asked about a configuration's episodes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeAlias

from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.answers import misfit
from workbench.core.runs.errors import RunError
from workbench.core.runs.index import RunIndex
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder

_Sort: TypeAlias = str
"""A run's settings of model and task, which decide the episodes that it can solve."""


class AskableRun(NamedTuple):
    """A run with a checkpoint; ``steps`` is how many inner steps it is tested with."""

    path: Path
    title: str
    steps: int


class RunOffer(NamedTuple):
    """The runs that fit a configuration, the newest first, and how many do not."""

    runs: tuple[AskableRun, ...] = ()
    unfit: int = 0
    why_unfit: str = ""


class RunList:
    """What is known of a folder of runs; for one thread.

    Ten thousand runs are looked through without reading more than one configuration of
    each sort.
    """

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._rows: dict[str, RunRow] = {}
        self._with_checkpoint: set[str] = set()
        self._configs: dict[_Sort, RunConfig] = {}
        self._is_stale = True

    def expect_changes(self) -> None:
        """Look at the folders anew next time; callable from any thread."""
        self._is_stale = True

    def offer(self, config: RunConfig) -> RunOffer:
        """Return the runs that can solve a configuration's episodes, and the others.

        Folders are looked at only where changes are expected.
        """
        if self._is_stale:
            self._refresh()
        problems: dict[_Sort, str] = {}
        fitting: list[AskableRun] = []
        unfit, why = 0, ""
        for row in sorted(self._rows.values(), key=_created, reverse=True):
            if not row.is_run or not self._has_checkpoint(row.folder):
                continue
            key = _sort_of(row)
            if key not in problems:
                problems[key] = self._problem(row, key, config)
            if problems[key]:
                unfit, why = unfit + 1, why or problems[key]
            else:
                fitting.append(self._askable(row))
        return RunOffer(tuple(fitting), unfit, why)

    def _refresh(self) -> None:
        self._is_stale = False
        index = RunIndex(self._runs)
        try:
            self._rows = {row.folder: row for row in index.rows()}
            for changes in index.refresh():
                self._rows |= {row.folder: row for row in changes.rows}
                for folder in changes.removed:
                    self._rows.pop(folder, None)
        finally:
            index.close()

    def _problem(self, row: RunRow, key: _Sort, config: RunConfig) -> str:
        if key not in self._configs:
            try:
                self._configs[key] = RunFolder(self._runs / row.folder).config()
            except RunError:
                return "its configuration cannot be read"
        return misfit(self._configs[key], config)

    def _has_checkpoint(self, folder: str) -> bool:
        if folder not in self._with_checkpoint:
            checkpoints = RunFolder(self._runs / folder).checkpoints
            if any(checkpoints.glob("*.safetensors")):
                self._with_checkpoint.add(folder)
        return folder in self._with_checkpoint

    def _askable(self, row: RunRow) -> AskableRun:
        steps = (
            _number(row, "evaluation.steps"),
            _number(row, "algorithm.inner_steps"),
        )
        created = row.created[:16].replace("T", " ")
        return AskableRun(self._runs / row.folder, f"{row.name}, {created}", max(steps))


def _created(row: RunRow) -> str:
    return row.created


def _sort_of(row: RunRow) -> _Sort:
    # The fields are in order: these two sections come one after the other.
    start, end = (row.fields.find(f"\n{section}.") for section in ("model", "training"))
    return row.fields[start:end]


def _number(row: RunRow, field: str) -> int:
    text = row.field(field) or ""
    return int(text) if text.isdecimal() else 1
