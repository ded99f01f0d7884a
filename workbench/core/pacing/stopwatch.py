"""How long a run has trained, over all stretches of it, and how fast it goes."""

from __future__ import annotations

import time

_PACE_SECONDS = 1.0
_SUSPENDED_SECONDS = 20.0
_LEAST_SHARE = 0.02


class Stopwatch:
    """Counts ``seconds`` on from where an earlier stretch ended, at ``step``.

    A long while in which the process computed next to nothing was no training: it was
    suspended, by Ctrl-Z or by a machine that slept.
    """

    def __init__(self, step: int = 0, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self._now, self._used = _clocks()
        self._told_at = (step, seconds)
        self._lap_at = (step, seconds)

    def tick(self) -> None:
        """Count what passed since the last look."""
        now, used = _clocks()
        passed, computed = now - self._now, used - self._used
        if passed < _SUSPENDED_SECONDS or computed > _LEAST_SHARE * passed:
            self.seconds += passed
        self._now, self._used = now, used

    def leave_out(self) -> None:
        """Leave out what passed since the last look: it was no training."""
        self._now, self._used = _clocks()

    def lap(self, step: int) -> tuple[int, float]:
        """Return the meta-steps made since the last lap, and the seconds."""
        self.tick()
        last_step, last = self._lap_at
        self._lap_at = (step, self.seconds)
        return step - last_step, self.seconds - last

    def pace(self, step: int) -> float | None:
        """Return the meta-steps a second since it last told; None for a while."""
        self.tick()
        told_step, told = self._told_at
        if self.seconds - told < _PACE_SECONDS:
            return None
        self._told_at = (step, self.seconds)
        return (step - told_step) / (self.seconds - told)


def _clocks() -> tuple[float, float]:
    """Return the time, and the processor's time that the process used."""
    return time.monotonic(), time.process_time()
