"""How fast a run goes, and from it the time left: told calmly, and never in leaps."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from workbench.core.pacing.pace import Pace, Work

_RECENT = 20
"""Measurements whose median counts: a pause among them, or a slow minute, does not."""
_BEGINNING_SECONDS = 10.0
_MOST_CHANGE = 1.5
_AMONG = 10
"""How many others make up for a first one that takes longer."""
_ENOUGH_STEPS, _ENOUGH_SECONDS = 10, 1.0


class Part(StrEnum):
    """What a run's time goes to."""

    STEP = "step"
    CHUNK = "chunk"
    CHECKPOINT = "checkpoint"


class PaceMeter:
    """Is told what each part of a stretch of training took, and tells what is left.

    The first meta-steps are not those to come, nor are the first evaluations: engines
    write down what they do. What an earlier run took, ``expected``, stands for those
    that come until there are some.
    """

    def __init__(
        self, work: Work, *, settles_after: int = 0, expected: Pace | None = None
    ) -> None:
        self._work = work
        self._cold = {Part.STEP: settles_after, Part.CHUNK: settles_after}
        self._expected = expected
        self._recent = {part: deque[tuple[float, int]](maxlen=_RECENT) for part in Part}
        self._steps, self._step_seconds = 0, 0.0
        self._seconds = 0.0
        self._least_chunk: float | None = None
        self._told: tuple[float, float] | None = None

    def passed(self, part: Part, number: int, seconds: float) -> None:
        """Take in that so many of a part took so many seconds."""
        self._seconds += seconds
        if number < 1:
            return
        if part is Part.CHUNK:
            self._least_chunk = min(seconds / number, self._least_chunk or math.inf)
        cold = self._cold.get(part, 0)
        self._cold[part] = max(0, cold - number)
        if number < _AMONG * cold:
            return
        if part is Part.STEP:
            self._steps += number
            self._step_seconds += seconds
        self._recent[part].append((seconds / number, number))

    @property
    def measured(self) -> Pace | None:
        """What it took in the mean, to be remembered; None after too little.

        What is not known of the other parts is zero.
        """
        if self._steps < _ENOUGH_STEPS or self._step_seconds < _ENOUGH_SECONDS:
            return None
        return self._with_others(self._step_seconds / self._steps, Pace(0, 0, 0))

    def left(self, step: int) -> float | None:
        """Return the seconds left after this meta-step; None while nothing is known.

        After the first seconds no answer is more than twice the one before, nor less
        than half of it, whatever happens.
        """
        pace = self._present()
        if pace is None:
            return None
        left = self._work.seconds(pace, step)
        if self._told is not None and self._seconds > _BEGINNING_SECONDS:
            before, at = self._told
            in_time = max(before - (self._seconds - at), before / 2)
            least = min(before / _MOST_CHANGE, in_time)
            left = min(max(left, least), before * _MOST_CHANGE)
        self._told = left, self._seconds
        return left

    def rough(self, step: int) -> float | None:
        """Return what is left as evaluated tasks tell, before any meta-step can."""
        if self._least_chunk is None:
            return None
        return self._work.seconds(self._work.like_chunks(self._least_chunk), step)

    def _present(self) -> Pace | None:
        steps = self._recent[Part.STEP]
        if not steps:
            return self._expected
        step = _median(steps)
        return self._with_others(step, self._expected or self._work.like_steps(step))

    def _with_others(self, step: float, others: Pace) -> Pace:
        """Return the pace with what is known of the other parts, or else ``others``."""
        chunks, checkpoints = self._recent[Part.CHUNK], self._recent[Part.CHECKPOINT]
        return Pace(
            step,
            _median(chunks) if chunks else others.chunk,
            _median(checkpoints) if checkpoints else others.checkpoint,
        )


def _median(measured: Iterable[tuple[float, int]]) -> float:
    """Return what the middle one took, of all that were measured a few at a time.

    So that hundreds of meta-steps count for more than the one in which a run waits for
    the validations of those beside it.
    """
    rising = sorted(measured)
    half = sum(number for _, number in rising) / 2
    counted = itertools.accumulate(number for _, number in rising)
    return next(
        seconds
        for (seconds, _), so_far in zip(rising, counted, strict=True)
        if so_far >= half
    )
