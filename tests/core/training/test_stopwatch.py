"""The time a run trained, counted by a clock that the test moves."""

from __future__ import annotations

import time

import pytest

from workbench.core.pacing.stopwatch import Stopwatch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_what_is_left_out_is_not_counted(clock: list[float]) -> None:
    watch = Stopwatch()
    clock[0] += 2
    watch.tick()
    clock[0] += 60
    watch.leave_out()
    clock[0] += 3
    watch.tick()
    assert watch.seconds == 5


def test_the_pace_is_that_since_it_was_told_last(clock: list[float]) -> None:
    watch = Stopwatch(step=40, seconds=7.0)
    clock[0] += 0.5
    assert watch.pace(50) is None
    clock[0] += 1.5
    assert watch.pace(60) == 10
    clock[0] += 4
    assert watch.pace(64) == 1
    assert watch.seconds == 13


def test_an_hour_in_which_the_process_was_suspended_is_not_counted(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = [5.0]
    monkeypatch.setattr(time, "process_time", lambda: used[0])
    watch = Stopwatch()
    for suspended in (0, 0, 3600, 0):
        clock[0] += 2 + suspended
        used[0] += 2
        watch.tick()
    assert watch.seconds == 6
    assert watch.pace(12) == 2
    clock[0] += 3600
    used[0] += 1800
    assert watch.lap(13) == (13, 3606), "a step that computes may take an hour"
