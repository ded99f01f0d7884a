"""The curves of a report: numbers taken from a run's events as these are read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.core.runs.events import EvaluationEvent, Event, StepEvent

_SMOOTH = 0.95

Points: TypeAlias = npt.NDArray[np.float64]
"""Meta-steps and what was measured there, [points, 2]."""


class RunCurves(NamedTuple):
    """What a report draws of training; accuracies are in percent.

    ``ci95`` is the confidence of what was ``validated``, point by point.
    """

    loss: Points
    smooth_loss: Points
    smooth_accuracy: Points
    validated: Points
    ci95: npt.NDArray[np.float64]
    last: EvaluationEvent | None
    """The last validation."""

    @classmethod
    def of(cls, events: Iterable[Event]) -> RunCurves:
        """Return the curves of a run, whose events are not kept."""
        loss, accuracy, validated, ci95 = (array("d") for _ in range(4))
        last = None
        for event in events:
            if isinstance(event, StepEvent):
                loss.extend((event.step, event.loss))
                if event.accuracy is not None:
                    accuracy.extend((event.step, 100 * event.accuracy))
            elif isinstance(event, EvaluationEvent) and event.split == "validation":
                last, score = event, event.by_step[-1]
                if score.accuracy is not None:
                    validated.extend((event.step, 100 * score.accuracy))
                    ci95.append(100 * (score.accuracy_ci95 or 0.0))
        points, smooth = _points(loss), _smoothed(loss)
        return cls(
            points,
            smooth,
            _smoothed(accuracy),
            _points(validated),
            np.array(ci95),
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
