"""The histories that plots draw from."""

from __future__ import annotations

import numpy as np

from tests.gui import made_up
from workbench.core.runs.events import CheckpointEvent, HistogramEvent, StepEvent
from workbench.gui.graphs.series import Buffer, RunHistory


def step(number: int, loss: float = 1.0) -> StepEvent:
    return StepEvent(number, loss, None, 1.0, 0.1)


def test_a_buffer_gives_back_what_went_in_whatever_the_portions() -> None:
    buffer = Buffer()
    for start in range(0, 1000, 7):
        buffer.extend(np.arange(start, min(start + 7, 1000), dtype=float))
    assert buffer.view().tolist() == list(range(1000))


def test_a_view_taken_before_keeps_its_numbers_when_the_buffer_goes_back() -> None:
    buffer = Buffer()
    buffer.extend([1.0, 2.0, 3.0])
    before = buffer.view()
    buffer.truncate(1)
    buffer.extend([9.0, 9.0])
    assert before.tolist() == [1, 2, 3]
    assert buffer.view().tolist() == [1, 9, 9]


def test_a_history_has_a_curve_for_every_figure_of_a_step() -> None:
    history = made_up.history(
        "a", made_up.run_events(5, accuracy=True, extras=("cg_residual",))
    )
    for name in ("loss", "accuracy", "gradient_norm", "meta_lr", "cg_residual"):
        assert len(history.curve(name)[1]) == 5, name
    assert history.step == 5


def test_no_two_long_buffers_grow_in_the_same_batch() -> None:
    history = RunHistory("a", "a", made_up.config())
    rooms: list[int] = []
    for first in range(1, 20_000, 100):
        history.add(step(number) for number in range(first, first + 100))
        parts = [part for curve in history.curves.values() for part in curve]
        before, rooms = rooms, [id(part._data) for part in parts]
        grown = sum(now != then for now, then in zip(rooms, before, strict=False))
        assert grown <= 1 or first < 2000
    assert history.curve("loss")[0].tolist() == list(range(1, 20_001))


def test_a_regression_has_no_accuracy() -> None:
    history = made_up.history("a", made_up.run_events(5))
    assert "accuracy" not in history.curves
    assert "validation_accuracy" not in history.curves
    assert not history.is_classification


def test_a_step_seen_before_takes_everything_from_there_back() -> None:
    history = RunHistory("a", "a", made_up.config())
    history.add(made_up.run_events(50, every=10))
    rewrites = history.rewrites
    history.add([step(25, 7.0), step(26, 8.0)])
    steps, losses = history.curve("loss")
    assert steps.tolist() == list(range(1, 27))
    assert losses[-2:].tolist() == [7.0, 8.0]
    assert [event.step for event in history.validations] == [1, 10, 20]
    assert history.curve("validation_loss")[0].tolist() == [1, 10, 20]
    assert history.rewrites > rewrites


def test_an_evaluation_made_again_replaces_the_one_before() -> None:
    history = RunHistory("a", "a", made_up.config())
    event = made_up.evaluation(100, 0.5, 10, 5, 9.0)
    history.add([event, event])
    assert history.validations == [event]
    assert history.curve("validation_loss")[0].tolist() == [100]


def test_the_validation_curve_is_at_the_step_that_the_best_is_chosen_at() -> None:
    history = RunHistory("a", "a", made_up.config())
    event = made_up.evaluation(100, 0.5, 10, 3, 9.0)
    history.add([event])
    assert history.best is event
    assert history.curve("validation_loss")[1].tolist() == [event.by_step[10].loss]


def test_the_best_validation_is_the_last_that_says_so() -> None:
    history = made_up.history("a", made_up.run_events(100, every=20))
    assert history.best is not None
    assert history.best.step == 100


def test_checkpoints_and_histograms_are_counted_and_kept() -> None:
    history = RunHistory("a", "a", made_up.config())
    shown = HistogramEvent(1, "rates", {"w": (0.0, 1.0)}, {"w": (3.0,)})
    history.add([CheckpointEvent(1, "latest"), shown])
    assert history.checkpoints == 1
    assert history.histograms == {"rates": [shown]}


def test_a_cleared_history_is_as_new() -> None:
    history = made_up.history("a", made_up.run_events(20))
    history.clear()
    assert history.step == 0
    assert history.curves == {}
    history.add([step(1)])
    assert history.curve("loss")[0].tolist() == [1]
