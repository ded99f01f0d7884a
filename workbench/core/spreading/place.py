"""Which processes there are, and what is said where they cannot work together."""

from __future__ import annotations

from typing import NamedTuple

from workbench.core.base.errors import WorkbenchError

LEADER = 0

TOGETHER = 300.0
"""Seconds in which all have to come."""


class SpreadError(WorkbenchError):
    """Processes that cannot work together; the message says which, and why."""


class Place(NamedTuple):
    """A process's number among all, and among those on its machine."""

    number: int
    processes: int
    number_here: int
    processes_here: int
    is_local: bool = False
    """Whether all of them are on this machine."""


class Follower(NamedTuple):
    """Another process: its number in the group, and where it runs."""

    number: int
    pid: int
    host: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"
