"""A run's curves are read from its events."""

from __future__ import annotations

import numpy as np

from workbench.core.results.run_curves import RunCurves
from workbench.core.runs.events import EvaluationEvent, SpeedEvent, StepScore


def validation(step: int, accuracy: float) -> EvaluationEvent:
    score = StepScore(0, 1.0, 0.0, accuracy, 0.0, 1.0, 0.0, accuracy, 0.0)
    return EvaluationEvent(step, "validation", 8, False, 1, (score,), best=True)


def test_validations_are_placed_by_the_hours_trained_for() -> None:
    events = [
        validation(0, 0.2),
        SpeedEvent(50, 1800.0, 100.0, 300.0),
        validation(100, 0.5),
        SpeedEvent(150, 5400.0, 100.0, 300.0),
        validation(200, 0.9),
    ]
    found = RunCurves.of(events).validated_by_hours
    # Between two times as the steps between them, after the last one no later.
    np.testing.assert_allclose(found, [(0, 20), (1, 50), (1.5, 90)])


def test_without_times_no_validation_is_placed() -> None:
    found = RunCurves.of([validation(0, 0.2), validation(100, 0.5)])
    assert found.validated.shape == (2, 2)
    assert len(found.validated_by_hours) == 0
