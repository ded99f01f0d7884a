"""How fast a run goes that another process trains, by the steps it notes at times."""

from __future__ import annotations

import time
from typing import NamedTuple

from workbench.core.runs.store import RunInfo


class _Mark(NamedTuple):
    step: int
    seconds: float


class Pace:
    """Measures from one change of the step that was seen to the latest one.

    The step seen first is left out: when it was noted is not known.
    """

    def __init__(self) -> None:
        self._run = ""
        self._marks: list[_Mark] = []

    def see(self, info: RunInfo) -> None:
        """Take in how a run stands now; another than before starts anew."""
        if info.id != self._run:
            self._run, self._marks = info.id, []
        if not self._marks or info.step != self._marks[-1].step:
            self._marks = [*self._marks[:2], _Mark(info.step, time.monotonic())]

    def seconds_left(self, info: RunInfo) -> float | None:
        """Return the time left at this pace; None where it is not known yet."""
        if len(self._marks) < 3 or self._marks[-1].step <= self._marks[1].step:
            return None
        _, begun, now = self._marks
        pace = (now.seconds - begun.seconds) / (now.step - begun.step)
        return pace * (info.iterations - info.step)
