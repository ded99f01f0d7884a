"""How much of what a run does, and how fast it goes: the time left."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tests.made_runs import made, trained
from tests.sketch_runs import config_of
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.pacing import pace_meter
from workbench.core.pacing.known_paces import recall
from workbench.core.pacing.pace import CHUNK, Pace, Work
from workbench.core.pacing.pace_meter import PaceMeter, Part
from workbench.core.runs.events import CheckpointEvent, EvaluationEvent
from workbench.core.training import record
from workbench.core.training.training import train

Passed = tuple[Part, int, float]

WORK = Work(
    iterations=10_000,
    meta_batch=16,
    validate_every=500,
    checkpoint_every=500,
    validation_chunks=5,
    test_chunks=30,
)


@pytest.mark.parametrize(("every", "iterations"), [(4, 20), (7, 20), (50, 20), (1, 3)])
def test_the_work_counted_is_that_which_a_run_does(
    tmp_path: Path, every: int, iterations: int
) -> None:
    run = trained(
        tmp_path,
        training__iterations=iterations,
        training__checkpoint_every=every,
        evaluation__every=every,
        evaluation__validation_tasks=CHUNK + 1,
        evaluation__tasks=2 * CHUNK + 1,
    )
    events, work = list(run.events()), Work.of(run.config())
    evaluations = [event for event in events if isinstance(event, EvaluationEvent)]
    validated = [event.step for event in evaluations if event.split == "validation"]
    saved = [event.step for event in events if isinstance(event, CheckpointEvent)]
    for after in range(-1, iterations):
        chunks = 2 * sum(step > after for step in validated) + 3
        assert work.seconds(Pace(0, 1, 0), after) == chunks
        assert work.seconds(Pace(0, 0, 1), after) == sum(step > after for step in saved)
    assert work.seconds(Pace(1, 0)) == iterations
    assert work.seconds(Pace(1, 0), iterations - 2) == 2


def stretch(step: float, chunk: float, work: Work = WORK) -> Iterator[Passed]:
    """What passes in a run: a second's steps at a time, and validations between."""
    together = max(1, round(1 / step))
    for at in range(0, work.iterations, together):
        if at // work.validate_every != (at - together) // work.validate_every:
            yield from [(Part.CHUNK, 1, chunk)] * work.validation_chunks
        yield Part.STEP, together, together * step


def told(passed: Iterator[Passed], meter: PaceMeter) -> list[tuple[float, float]]:
    """Return when what was told of the time left, after the steps of every second."""
    seconds, step, answers = 0.0, 0, []
    for part, number, took in passed:
        meter.passed(part, number, took)
        seconds += took
        if part is Part.STEP:
            step += number
            if (left := meter.left(step)) is not None:
                answers.append((seconds, left))
    return answers


def largest_jump(answers: list[tuple[float, float]]) -> float:
    """Return by how many times an answer after ten seconds differs from the last."""
    late = [left for seconds, left in answers if seconds > 10]
    return max(max(b / a, a / b) for a, b in itertools.pairwise(late))


def test_the_time_left_is_right_from_the_first_seconds_on() -> None:
    answers = told(stretch(0.02, 0.4), PaceMeter(WORK))
    end = answers[-1][0] + WORK.validation_chunks * 0.4 + WORK.test_chunks * 0.4
    for seconds, left in answers[:-1]:
        assert left == pytest.approx(end - seconds, rel=0.02, abs=2.5)


def test_slow_first_steps_are_not_taken_for_those_to_come() -> None:
    cold = [(Part.CHUNK, 1, 9.0)] * 3 + [(Part.STEP, 1, 4.0)] * 3
    meter = PaceMeter(WORK, settles_after=3)
    steady = itertools.islice(stretch(0.02, 0.1), 100)
    answers = told(itertools.chain(cold, steady), meter)
    assert answers[0][1] == pytest.approx(WORK.seconds(Pace(0.02, 0.1), 53), rel=0.1)
    assert largest_jump(answers) < 1.1


def test_a_pause_is_hardly_noticed() -> None:
    steady = list(stretch(0.02, 0.1))
    paused = [*steady[:60], (Part.STEP, 50, 900.0), *steady[61:120]]
    assert largest_jump(told(iter(paused), PaceMeter(WORK))) < 1.1


def test_single_steps_that_wait_for_others_count_for_no_more_than_they_are() -> None:
    meter = PaceMeter(WORK)
    for _ in range(8):
        meter.passed(Part.STEP, 1, 0.5)
        meter.passed(Part.STEP, 200, 0.2)
    expected = WORK.seconds(WORK.like_steps(0.001), 9_000)
    assert meter.left(9_000) == pytest.approx(expected)


@pytest.mark.parametrize("slower", [2.0, 0.5, 40.0, 0.02])
def test_a_machine_suddenly_faster_or_slower_is_told_in_small_steps(
    slower: float,
) -> None:
    steady = list(stretch(0.02, 0.1))
    changed = [(part, n, slower * took) for part, n, took in steady[60:120]]
    answers = told(iter([*steady[:60], *changed]), PaceMeter(WORK))
    assert 1.2 < largest_jump(answers) <= 1.5
    steps = WORK.iterations - 50 * sum(part is Part.STEP for part, _, _ in steady[:120])
    assert answers[-1][1] == pytest.approx(steps * 0.02 * slower, rel=0.1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Part)),
            st.integers(0, 100),
            st.floats(1e-4, 1e4),
        ),
        max_size=60,
    ),
    st.one_of(st.none(), st.builds(Pace, *[st.floats(1e-4, 1e4)] * 3)),
)
def test_whatever_happens_the_time_left_does_not_leap(
    passed: list[Passed], expected: Pace | None
) -> None:
    meter = PaceMeter(WORK, settles_after=3, expected=expected)
    answers = told(iter([*passed, (Part.STEP, 1, 1.0), (Part.STEP, 1, 1.0)]), meter)
    late = [left for seconds, left in answers if seconds > 10]
    for before, now in itertools.pairwise(late):
        assert before / 2 * 0.999 <= now <= before * 2


def test_an_earlier_run_tells_until_this_one_can() -> None:
    meter = PaceMeter(WORK, settles_after=3, expected=Pace(0.02, 0.1))
    meter.passed(Part.STEP, 1, 9.0)
    assert meter.left(1) == pytest.approx(WORK.seconds(Pace(0.02, 0.1), 1))
    assert PaceMeter(WORK).left(1) is None


def test_what_a_run_took_is_remembered_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace_meter, "_ENOUGH_SECONDS", 0.0)
    run = trained(tmp_path)
    known = recall(run.config(), run.info().device)
    assert known is not None
    assert min(known.pace) > 0
    assert known.memory_mb == pytest.approx(run.info().memory_mb, rel=0.1)
    assert run.info().seconds_left is None


def test_too_little_is_not_remembered() -> None:
    meter = PaceMeter(WORK, settles_after=3)
    meter.passed(Part.STEP, 3, 60.0)
    meter.passed(Part.STEP, 9, 9.0)
    assert meter.measured is None
    meter.passed(Part.STEP, 1, 1.0)
    for seconds in (9.0, 9.0, 9.0, 3.0):
        assert meter.measured == Pace(1.0, 0.0, 0.0)
        meter.passed(Part.CHUNK, 1, seconds)
    assert meter.measured == Pace(1.0, 3.0, 0.0)


def test_evaluated_tasks_tell_roughly_before_a_step_is_made() -> None:
    meter = PaceMeter(WORK, settles_after=3)
    assert meter.rough(0) is None
    for seconds in (9.0, 1.0, 2.0):
        meter.passed(Part.CHUNK, 1, seconds)
    assert meter.left(0) is None
    assert meter.rough(0) == WORK.seconds(Pace(1.0 * 16 / CHUNK, 1.0), 0)


def test_views_multiply_what_an_evaluated_task_takes() -> None:
    once, often = (
        Work.of(config_of(**{"evaluation.views": views})) for views in (1, 9)
    )
    assert often.like_steps(1.0).chunk == 9 * once.like_steps(1.0).chunk
    assert once.like_chunks(1.0).step == pytest.approx(9 * often.like_chunks(1.0).step)


def test_a_run_writes_down_how_long_it_takes_before_its_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_HEARTBEAT_SECONDS", 0.0)
    folder = made(tmp_path)
    with contextlib.closing(train(folder, data=tmp_path, device="cpu")) as events:
        assert isinstance(next(events), EvaluationEvent)
        left = folder.info().seconds_left
    assert left is not None
    assert left > 0


def test_a_trained_task_takes_the_longer_the_more_its_step_asks_of_it() -> None:
    """As measured: 2.5 times an evaluated one in the plane, 0.8 times a cheetah's."""
    config = RunConfig.from_dict(find_preset("navigation-quick").config)
    region = Work.of(config).trained_task
    assert 1.25 < region < 1.6
    plain = Work.of(config.replace({"training.optimiser": "adam"})).trained_task
    assert 0.4 < plain < 0.6
