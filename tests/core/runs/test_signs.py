"""Signs of other machines, whose clocks are others, by clocks that the test moves."""

from __future__ import annotations

import secrets
import time

import pytest

from workbench.core.runs.signs import SILENCE_SECONDS, gives_signs

HOUR = 3600.0


class Clocks:
    """The clock on the wall, which can be set, and the one that only goes on."""

    def __init__(self) -> None:
        self.wall, self.steady = 1e9, 50.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(time, "time", lambda: made.wall)
    monkeypatch.setattr(time, "monotonic", lambda: made.steady)
    return made


@pytest.fixture
def run() -> str:
    return secrets.token_hex(6)


def lives(run: str, sign: float) -> bool:
    return gives_signs(run, "elsewhere", 7, sign)


def test_a_sign_of_now_is_believed_at_the_first_look(clocks: Clocks, run: str) -> None:
    sign = clocks.wall
    assert lives(run, sign)
    clocks.pass_by(SILENCE_SECONDS - 1)
    assert lives(run, sign)
    clocks.pass_by(2)
    assert not lives(run, sign)


@pytest.mark.parametrize("off", [-HOUR, HOUR])
def test_another_clock_an_hour_off_is_believed_once_it_is_seen_to_go(
    clocks: Clocks, run: str, off: float
) -> None:
    assert not lives(run, clocks.wall + off)
    clocks.pass_by(5)
    sign = clocks.wall + off
    assert lives(run, sign)
    clocks.pass_by(SILENCE_SECONDS - 1)
    assert lives(run, sign)
    clocks.pass_by(2)
    assert not lives(run, sign), "it was silent for ten minutes"


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_run_that_is_watched_is_not_lost_when_the_clock_here_is_set(
    clocks: Clocks, run: str, jump: float
) -> None:
    theirs = clocks.wall
    for _ in range(3):
        assert lives(run, theirs)
        clocks.pass_by(5)
        theirs += 5
    clocks.wall += jump
    assert lives(run, theirs)
    clocks.pass_by(SILENCE_SECONDS + 1)
    assert not lives(run, theirs)


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_run_that_is_watched_is_not_lost_when_its_own_clock_is_set(
    clocks: Clocks, run: str, jump: float
) -> None:
    sign = clocks.wall
    assert lives(run, sign)
    for moved in (0, jump, jump, jump):
        clocks.pass_by(5)
        assert lives(run, clocks.wall + moved)


def test_what_an_old_index_says_is_no_sign_of_life(clocks: Clocks, run: str) -> None:
    last = clocks.wall - 2 * HOUR
    assert not lives(run, last - HOUR)
    clocks.pass_by(0.1)
    assert not lives(run, last)
