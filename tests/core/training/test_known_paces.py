"""What runs took here, kept in a file of the user's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.made_runs import small_config
from workbench.core.base.folders import user_folder
from workbench.core.pacing import known_paces
from workbench.core.pacing.known_paces import recall, remember
from workbench.core.pacing.pace import Pace

CPU = "CPU, 2 threads"


def file() -> Path:
    return user_folder() / "paces.json"


def test_what_a_run_took_is_known_of_the_next_of_its_kind() -> None:
    assert recall(small_config(), CPU) is None
    remember("first", small_config(), CPU, Pace(0.5, 2.0, 0.1), 321.0)
    for alike in (
        {"training__iterations": 7, "training__seed": 5, "evaluation__every": 2},
        {"algorithm__inner_lr": 0.3, "training__meta_lr": 0.3},
    ):
        known = recall(small_config(**alike), CPU)
        assert known is not None
        assert known.pace == Pace(0.5, 2.0, 0.1)
        assert (known.runs, known.spread, known.memory_mb) == (1, 1.0, 321.0)


@pytest.mark.parametrize(
    "other",
    [
        {"task__shots": 6},
        {"model__hidden": [9]},
        {"algorithm__inner_steps": 3},
        {"training__meta_batch": 9},
        {"training__engine": "loop"},
        {"evaluation__steps": 5},
    ],
)
def test_nothing_is_known_of_what_costs_something_else(other) -> None:
    remember("first", small_config(), CPU, Pace(0.5, 2.0), 321.0)
    assert recall(small_config(**other), CPU) is None
    assert recall(small_config(), "another device") is None


def test_the_middle_of_the_last_three_runs_counts_and_a_run_once() -> None:
    for run, step in (("a", 9.0), ("b", 1.0), ("c", 2.0), ("d", 5.0), ("d", 4.0)):
        remember(run, small_config(), CPU, Pace(step, 1.0), 100.0)
    known = recall(small_config(), CPU)
    assert known is not None
    assert (known.pace.step, known.runs, known.spread) == (2.0, 3, 4.0)


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b"[1]", b'{"a": {"b": -1}}', b'{"a": "b"}']
)
def test_a_damaged_file_says_nothing_and_is_written_anew(damage: bytes) -> None:
    file().parent.mkdir(parents=True, exist_ok=True)
    file().write_bytes(damage)
    assert recall(small_config(), CPU) is None
    remember("first", small_config(), CPU, Pace(0.5, 2.0), 321.0)
    assert recall(small_config(), CPU) is not None


def test_the_file_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_paces, "_MOST_FIGURES", 12)
    for shots in range(1, 9):
        remember("a", small_config(task__shots=shots), CPU, Pace(0.5, 2.0, 1.0), 321.0)
    assert recall(small_config(task__shots=1), CPU) is None
    assert recall(small_config(task__shots=8), CPU) is not None
    assert file().read_bytes().count(b'"a"') == 12


def test_where_nothing_can_be_written_nothing_is_remembered() -> None:
    user_folder().parent.mkdir(parents=True, exist_ok=True)
    user_folder().write_text("a file where the folder would be")
    remember("first", small_config(), CPU, Pace(0.5, 2.0), 321.0)
    assert recall(small_config(), CPU) is None


def write(number: int) -> None:
    config = small_config(task__shots=number)
    remember(f"run {number}", config, CPU, Pace(0.5, 2.0), 321.0)


def test_of_several_that_write_at_once_none_loses_anything() -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(1, 13)))
    for number in range(1, 13):
        assert recall(small_config(task__shots=number), CPU) is not None


def test_a_pace_of_no_time_that_could_be_told_is_not_kept_by() -> None:
    remember("first", small_config(), CPU, Pace(0.5, 2.0, 0.1), 321.0)
    file().write_text(file().read_text().replace("0.5", "1e308"))
    assert recall(small_config(), CPU) is None
