"""The index: as fast as it must be, never wrong for long, and never in the way."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made_stores import add_damaged, add_many, add_run, configuration
from workbench.core.base.measure import Measure
from workbench.core.runs.filter import matching
from workbench.core.runs.index import Changes, RunIndex, all_rows
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import ALIVE, RunFolder


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite3"


@pytest.fixture
def index(runs: Path, file: Path) -> Iterator[RunIndex]:
    index = RunIndex(runs, file)
    yield index
    index.close()


def everything(index: RunIndex, *, only_alive: bool = False) -> Changes:
    parts = list(index.refresh(only_alive=only_alive))
    return Changes(
        [row for part in parts for row in part.rows],
        [name for part in parts for name in part.removed],
    )


def test_a_run_is_read_from_its_folder(index: RunIndex, runs: Path) -> None:
    folder = add_run(
        runs,
        configuration(task__shots=5, training__seed=3),
        name="curves",
        state="completed",
        tags=("good", "paper"),
        test={"loss": 0.4, "loss_ci95": 0.02, "accuracy": None},
    )
    (row,) = everything(index).rows
    assert (row.folder, row.name, row.setting) == (folder.path.name, "curves", "5-shot")
    assert (row.algorithm, row.task, row.seed) == ("maml", "sinusoid", 3)
    assert (row.test, row.test_ci95, row.measure) == (0.4, 0.02, Measure.LOSS)
    assert row.tags == "good, paper"
    assert row.field("algorithm.inner_lr") == "0.01"
    assert row.field("algorithm.nothing") is None


def test_only_what_changed_is_read_again(index: RunIndex, runs: Path) -> None:
    first, second = add_run(runs), add_run(runs)
    assert len(everything(index).rows) == 2
    assert everything(index) == Changes([], [])
    second.update(notes="looked at")
    assert [row.notes for row in everything(index).rows] == ["looked at"]
    for name in ("run.json", "config.toml"):
        (first.path / name).unlink()
    first.checkpoints.rmdir()
    first.path.rmdir()
    assert everything(index) == Changes([], [first.path.name])


def test_a_run_that_was_evaluated_is_news(index: RunIndex, runs: Path) -> None:
    folder = add_run(runs, name="tested", state="completed")
    everything(index)
    (folder.path / "evaluations").mkdir()
    assert [row.name for row in everything(index).rows] == ["tested"]
    (folder.path / "evaluations" / "one.json").write_text("{}")
    assert [row.name for row in everything(index).rows] == ["tested"]
    assert everything(index).rows == []


def test_the_index_is_there_next_time(runs: Path, file: Path, index: RunIndex) -> None:
    add_run(runs, name="kept")
    everything(index)
    again = RunIndex(runs, file)
    assert [row.name for row in again.rows()] == ["kept"]
    assert everything(again) == Changes([], [])
    again.close()


def test_runs_that_differ_in_the_seed_alone_are_one_group(
    index: RunIndex, runs: Path
) -> None:
    for overrides in ({"training__seed": 1}, {"training__seed": 2}, {"task__shots": 7}):
        add_run(runs, configuration(**overrides))
    groups = {row.seed: row.group_key for row in everything(index).rows}
    assert groups[1] == groups[2] != groups[0]


def test_a_folder_whose_name_is_no_text_is_damaged_and_hinders_no_other(
    index: RunIndex, runs: Path, file: Path
) -> None:
    add_run(runs, name="good")
    odd = os.fsencode(runs) + b"/bad\xff\xfename"
    os.mkdir(odd)
    (runs / "loop").symlink_to("loop")
    os.utime(odd, (1e9, 1e9))
    rows = {row.name: row for row in everything(index).rows}
    assert rows.keys() == {"good", "bad\ufffd\ufffdname"}
    assert rows["bad\ufffd\ufffdname"].state == "damaged"
    again = RunIndex(runs, file)
    assert [row.name for row in again.rows()] == ["good"]
    assert [row.state for row in everything(again).rows] == ["damaged"]
    again.close()
    os.rmdir(odd)
    assert [os.fsencode(name) for name in everything(index).removed] == [
        b"bad\xff\xfename"
    ]


@pytest.mark.parametrize("name", ["run.json", "config.toml"])
def test_a_pipe_in_place_of_a_file_damages_its_run_and_is_not_waited_for(
    index: RunIndex, runs: Path, name: str
) -> None:
    add_run(runs, name="good")
    folder = add_run(runs, name="bad").path
    (folder / name).unlink()
    os.mkfifo(folder / name)
    os.utime(folder, (1e9, 1e9))
    problems = {row.name: row.problem for row in everything(index).rows}
    assert problems.pop("good") == ""
    assert "not a regular file" in problems[folder.name]


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": 10**30},
        {"seconds": float("inf")},
        {"test": {"accuracy": "good"}},
        {"test": {"loss": [1.0]}},
    ],
)
def test_values_that_no_table_can_show_damage_their_run_alone(
    index: RunIndex, runs: Path, wrong: dict[str, object]
) -> None:
    add_run(runs, name="good")
    file = add_run(runs, name="bad").path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | wrong))
    os.utime(file.parent, (1e9, 1e9))
    states = {row.name.partition("-")[0]: row.state for row in everything(index).rows}
    assert states == {"good": "created", "bad": "damaged"}


def test_new_and_running_runs_are_seen_without_looking_at_all(
    index: RunIndex, runs: Path
) -> None:
    done = add_run(runs, state="completed")
    everything(index)
    running = add_run(runs, state="running", pid=os.getpid(), host=_host())
    assert [row.state for row in everything(index, only_alive=True).rows] == ["running"]
    running.update(step=7)
    done.update(notes="later")
    assert [row.step for row in everything(index, only_alive=True).rows] == [7]


def test_a_run_whose_process_is_gone_is_interrupted(
    index: RunIndex, runs: Path
) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    add_run(runs, state="running", pid=child.pid, host=_host())
    assert everything(index).rows[0].state == "running"
    child.communicate(b"\n")
    assert everything(index, only_alive=True).rows[0].state == "interrupted"
    assert everything(index, only_alive=True).rows == []


@pytest.mark.parametrize("only_alive", [True, False])
def test_a_run_that_ended_since_the_last_look_is_not_taken_for_left(
    index: RunIndex, runs: Path, only_alive: bool
) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    folder = add_run(runs, state="running", pid=child.pid, host=_host())
    assert everything(index).rows[0].state == "running"
    folder.update(state="completed", pid=None)
    child.communicate(b"\n")
    rows = everything(index, only_alive=only_alive).rows
    assert [row.state for row in rows] == ["completed"]


@pytest.mark.parametrize("state", ALIVE)
def test_a_run_of_another_machine_is_alive_while_it_gives_signs(
    index: RunIndex, runs: Path, file: Path, state: str
) -> None:
    now = time.time()
    for name, beat in (("told lately", now), ("silent", now - 3600)):
        about = {"pid": 2**22 + 1, "host": "elsewhere", "heartbeat": beat}
        add_run(runs, name=name, state=state, **about)
    wanted = {"told lately": state, "silent": "interrupted"}
    assert {row.name: row.state for row in everything(index).rows} == wanted
    again = RunIndex(runs, file)
    assert {row.name: row.state for row in again.rows()} == wanted
    again.close()


def test_a_paused_run_is_found_by_its_state(index: RunIndex, runs: Path) -> None:
    add_run(runs, name="waits", state="paused", pid=os.getpid(), host=_host())
    add_run(runs, name="done", state="completed")
    rows = everything(index).rows
    for text in ("state=paused", "state:paused", "paused"):
        assert [row.name for row in matching(rows, text)] == ["waits"]
    everything(index)
    assert everything(index, only_alive=True) == Changes([], [])


def test_a_hundred_damaged_folders_are_shown_with_the_reason(
    index: RunIndex, runs: Path
) -> None:
    add_damaged(runs, 100)
    add_run(runs, name="whole")
    (runs / "stray file.txt").write_text("no run")
    (runs / ".hidden").mkdir()
    rows = everything(index).rows
    assert len(rows) == 101
    bad = [row for row in rows if not row.is_run]
    assert len(bad) == 100
    assert {row.state for row in bad} == {"damaged", "foreign"}
    assert all(row.problem for row in bad)
    assert [row.name for row in rows if row.is_run] == ["whole"]


def test_a_folder_being_made_is_not_called_damaged(index: RunIndex, runs: Path) -> None:
    folder = add_run(runs, name="new")
    text = (folder.path / "run.json").read_bytes()
    (folder.path / "run.json").unlink()
    assert everything(index, only_alive=True).rows == []
    (folder.path / "run.json").write_bytes(text)
    assert [row.name for row in everything(index, only_alive=True).rows] == ["new"]


def test_what_is_no_run_is_shown_also_where_the_clock_was_set_back(
    index: RunIndex, runs: Path
) -> None:
    add_run(runs, name="made before the clock was set back an hour")
    folder = add_run(runs, name="bad").path
    (folder / "run.json").unlink()
    to_come = time.time() + 3600
    os.utime(folder, (to_come, to_come))
    states = {row.name.partition("-")[0]: row.state for row in everything(index).rows}
    assert states.pop("bad") == "damaged"
    assert [*states.values()] == ["created"]


def test_a_damaged_index_is_made_anew(runs: Path, file: Path) -> None:
    add_run(runs)
    file.write_bytes(b"this is not SQLite" * 1000)
    index = RunIndex(runs, file)
    assert index.rows() == []
    assert len(everything(index).rows) == 1
    index.close()
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)
    again = RunIndex(runs, file)
    rows = again.rows() + everything(again).rows
    assert {row.state for row in rows} == {"created"}
    again.close()


def test_an_index_that_cannot_be_written_is_done_without(
    runs: Path, tmp_path: Path
) -> None:
    add_run(runs, name="still there")
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    index = RunIndex(runs, blocked / "index.sqlite3")
    assert [row.name for row in everything(index).rows] == ["still there"]
    index.close()


def test_a_kill_in_the_middle_of_a_write_does_no_harm(runs: Path, file: Path) -> None:
    add_many(runs, 300)
    script = (
        "import os, signal, sys, pathlib\n"
        "from workbench.core.runs.index import RunIndex\n"
        "from workbench.core.runs.row import RunRow\n"
        "index = RunIndex(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
        "def rows():\n"
        "    for number in range(100):\n"
        "        nothing = [None] * (len(RunRow._fields) - 1)\n"
        "        yield (0, 'stamp', f'half {number}', *nothing)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "next(index.refresh())\n"
        "from workbench.core.runs import index as run_index\n"
        "index._connection.execute('PRAGMA cache_spill = 1')\n"
        "index._write(run_index._UPSERT, rows())\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(runs), str(file)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    index = RunIndex(runs, file)
    kept = index.rows()
    assert len(kept) == 250
    assert not any(row.folder.startswith("half") for row in kept)
    assert len(kept) + len(everything(index).rows) == 300
    index.close()


def _index_in_a_process(runs: Path, file: Path) -> int:
    index = RunIndex(runs, file)
    index.rows()
    for _ in range(3):
        everything(index)
    count = len(index.rows())
    index.close()
    return count


def test_two_processes_share_one_index(runs: Path, file: Path) -> None:
    add_many(runs, 400)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        counts = pool.starmap(_index_in_a_process, [(runs, file)] * 4)
    assert counts == [400] * 4


def test_runs_that_did_not_change_are_not_read_when_the_index_opens_again(
    runs: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_many(runs, 300)
    index = RunIndex(runs, file)
    everything(index)
    index.close()
    monkeypatch.delattr("workbench.core.runs.index.read_row")
    index = RunIndex(runs, file)
    assert len(index.rows()) == 300
    assert everything(index) == Changes([], [])
    index.close()


def test_a_run_copied_from_another_machine_opens(
    runs: Path, index: RunIndex, tmp_path: Path
) -> None:
    folder = add_run(tmp_path / "elsewhere", name="travelled", state="completed")
    runs.mkdir()
    folder.path.rename(runs / "another name")
    (row,) = everything(index).rows
    assert (row.name, row.folder) == ("travelled", "another name")
    assert RunFolder(runs / row.folder).config() == configuration()


def test_no_folder_of_runs_is_an_empty_table(index: RunIndex) -> None:
    assert index.rows() == []
    assert everything(index) == Changes([], [])


def test_rows_compare_by_what_they_say() -> None:
    assert RunRow("a", "created", "a") == RunRow("a", "created", "a")


def _host() -> str:
    import socket

    return socket.gethostname()


def test_flipped_bits_in_the_index_cost_the_index_alone(runs: Path, file: Path) -> None:
    add_many(runs, 30)
    expected = all_rows(runs, file)
    whole = file.read_bytes()
    draws = random.Random(0)
    for _ in range(80):
        broken = bytearray(whole)
        for _ in range(4):
            broken[draws.randrange(len(broken))] ^= 1 << draws.randrange(8)
        file.write_bytes(broken)
        assert all_rows(runs, file) == expected


def test_a_field_with_an_odd_line_end_stays_one_field() -> None:
    row = RunRow("a", "created", "a", fields="\ntask.dataset=a\u2028b\rc\n")
    assert row.config == {"task.dataset": row.field("task.dataset")}
