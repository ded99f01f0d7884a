"""The curves of a report: numbers taken from a run's events as these are read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.core.results.drawn_score import DrawnScore
from workbench.core.runs.events import EvaluationEvent, Event, SpeedEvent, StepEvent

_SMOOTH = 0.95

Points: TypeAlias = npt.NDArray[np.float64]
"""Meta-steps and what was measured there, [points, 2]."""


class RunCurves(NamedTuple):
    """What a report draws of training; accuracies are in percent.

    ``validated`` holds accuracies, the losses of a regression or returns, and ``band``
    the edges around them, [points, 2]; ``seconds`` how long it had trained at
    meta-steps.
    """

    loss: Points
    smooth_loss: Points
    smooth_accuracy: Points
    validated: Points
    band: Points
    seconds: Points
    last: EvaluationEvent | None
    """The last validation."""

    @property
    def validated_by_hours(self) -> Points:
        """Validations by hours of training; empty where no time was kept."""
        if not len(self.seconds):
            return self.seconds
        steps, values = self.validated.T
        seconds = np.interp(steps, *np.vstack([(0.0, 0.0), self.seconds]).T)
        return np.column_stack([seconds / 3600, values])

    @classmethod
    def of(cls, events: Iterable[Event]) -> RunCurves:
        """Return the curves of a run, whose events are not kept."""
        loss, accuracy, validated, band, seconds = (array("d") for _ in range(5))
        last = None
        for event in events:
            if isinstance(event, StepEvent):
                loss.extend((event.step, event.loss))
                if event.accuracy is not None:
                    accuracy.extend((event.step, 100 * event.accuracy))
            elif isinstance(event, EvaluationEvent) and event.split == "validation":
                last, score = event, event.by_step[-1]
                drawn, scale = DrawnScore.of(score, score.measure), score.measure.scale
                middle, *ends = (end * scale for end in drawn[:3])
                validated.extend((event.step, middle))
                band.extend(ends)
            elif isinstance(event, SpeedEvent):
                seconds.extend((event.step, event.seconds))
        points, smooth = _points(loss), _smoothed(loss)
        return cls(
            points,
            smooth,
            _smoothed(accuracy),
            _points(validated),
            _points(band),
            _points(seconds),
            last,
        )


def _points(numbers: array[float]) -> Points:
    return np.asarray(numbers).reshape(-1, 2)


def _smoothed(numbers: array[float]) -> Points:
    smooth, total, weight = array("d"), 0.0, 0.0
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        total = _SMOOTH * total + y
        weight = _SMOOTH * weight + 1
        smooth.extend((x, total / weight))
    return _points(smooth)
