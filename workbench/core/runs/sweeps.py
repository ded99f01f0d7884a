"""The sweeps among runs: those that were queued together, as their folders say."""

from __future__ import annotations

import datetime
import secrets
from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from workbench.core.runs.row import RunRow

_JOINT = ", "


class Sweep(NamedTuple):
    """The runs of one sweep that have begun, oldest first."""

    id: str
    rows: tuple[RunRow, ...]

    @property
    def name(self) -> str:
        """What all of its runs are called, before what tells them apart."""
        parts = zip(*(row.name.split(_JOINT) for row in self.rows), strict=False)
        common = takewhile(lambda each: len({*each}) == 1, parts)
        return _JOINT.join(each[0] for each in common) or "sweep"

    @property
    def date(self) -> str:
        """When its first run began."""
        return self.rows[0].date


def new_sweep_id() -> str:
    """Return what marks the runs of a sweep that is being queued."""
    now = datetime.datetime.now(datetime.UTC)
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def find_sweeps(rows: Iterable[RunRow]) -> list[Sweep]:
    """Return the sweeps that these runs say they are of, the newest first."""
    found: dict[str, list[RunRow]] = defaultdict(list)
    for row in rows:
        if row.is_run and row.sweep:
            found[row.sweep].append(row)
    made = (
        Sweep(id, tuple(sorted(runs, key=lambda row: (row.created, row.folder))))
        for id, runs in found.items()
    )
    return sorted(made, key=lambda sweep: (sweep.rows[0].created, sweep.id))[::-1]
