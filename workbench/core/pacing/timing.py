"""What the time of a run goes to, how much of it is left, and what is remembered."""

from __future__ import annotations

from workbench.core.base.devices import describe, peak_memory_mb
from workbench.core.base.lazy import torch
from workbench.core.config.run_config import RunConfig
from workbench.core.pacing.known_paces import recall, remember
from workbench.core.pacing.pace import Work
from workbench.core.pacing.pace_meter import PaceMeter, Part
from workbench.core.pacing.stopwatch import Stopwatch
from workbench.core.runs.events import SpeedEvent

_REMEMBER_SECONDS = 60.0


class Timing:
    """A run's stopwatch, with a meter of its pace that begins with this stretch."""

    def __init__(
        self, config: RunConfig, device: torch.device, settles_after: int
    ) -> None:
        self._config, self._device = config, device
        known = recall(config, describe(device))
        self._meter = PaceMeter(
            Work.of(config),
            settles_after=settles_after,
            expected=None if known is None else known.pace,
        )
        self._watch = Stopwatch()
        self._remembered = 0.0

    def go_on(self, step: int, seconds: float) -> None:
        """Count on from where an earlier stretch ended."""
        self._watch = Stopwatch(step, seconds)
        self._remembered = seconds

    @property
    def seconds(self) -> float:
        """How long the run was trained, up to the last look."""
        return self._watch.seconds

    def tick(self) -> None:
        """Count what passed since the last look."""
        self._watch.tick()

    def leave_out(self) -> None:
        """Leave out what passed since the last look: it was no training."""
        self._watch.leave_out()

    def lap(self, step: int, part: Part = Part.STEP) -> None:
        """Say what the time since the last lap went to."""
        steps, seconds = self._watch.lap(step)
        self._meter.passed(part, steps if part is Part.STEP else 1, seconds)

    def speed(self, step: int) -> SpeedEvent | None:
        """Return how fast it goes, and what is left; None for a while after it did."""
        pace = self._watch.pace(step)
        if pace is None:
            return None
        self.lap(step)
        return SpeedEvent(
            step=step,
            seconds=self.seconds,
            tasks_per_second=pace * self._config.training.meta_batch,
            memory_mb=peak_memory_mb(self._device),
            seconds_left=self._meter.left(step),
        )

    def left(self, step: int) -> float | None:
        """Return what is left; roughly, while that is all that is known."""
        left = self._meter.left(step)
        return self._meter.rough(step) if left is None else left

    def remember_now_and_then(self, run: str) -> None:
        """Keep what it takes, a minute after it was kept last."""
        if self.seconds - self._remembered > _REMEMBER_SECONDS:
            self.remember(run)

    def remember(self, run: str) -> None:
        """Keep what it takes here, for forecasts of runs of this kind."""
        self._remembered = self.seconds
        pace, device = self._meter.measured, self._device
        if pace is not None:
            memory = peak_memory_mb(device)
            remember(run, self._config, describe(device), pace, memory)
