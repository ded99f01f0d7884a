"""The commands about workers: search, list, stop, launch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.core.queue.test_workers import elsewhere
from tests.made_runs import small_config
from workbench.cli import entry_point
from workbench.cli._working import left_over
from workbench.core.clusters import launching
from workbench.core.clusters.records import Submitted, write_record
from workbench.core.queue import workers, working
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.workers import Workers
from workbench.core.queue.working import work_off


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(small_config().to_toml(), encoding="utf-8")
    return file


def command(runs: Path, *words: object) -> int:
    folders = ["--runs", str(runs)]
    if words[0] in ("sweep", "work"):
        folders += ["--data", str(runs)]
    return entry_point([*map(str, words), *folders])


def test_a_search_is_made_and_its_trials_shown(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = "algorithm.inner_lr=0.01..0.1:log"
    shots = "task.shots=3,5"
    words = ("sweep", small_file, "--search", rates, "--grid", shots, "--trials", 3)
    assert command(runs, *words) == 0
    said = capsys.readouterr().out
    assert "3 added, 3 in the queue" in said
    items = [item for item in RunQueue(runs).read().items if item.trial]
    assert [item.name for item in items] == [f"small, trial {n}" for n in (1, 2, 3)]
    assert command(runs, "sweep", "--show") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("3 runs by validation loss")
    assert "best: " in shown


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--search", "algorithm.inner_lr=1..0.1"], "write the lower number first"),
        (["--trials", "5"], "nothing is searched: give --search"),
        (["--search", "algorithm.iner_lr=0.1..1"], "did you mean algorithm.inner_lr"),
        (["--search", "algorithm.inner_lr=0.1..1", "--trials", "2000"], "1,000"),
        (["--search", "algorithm.inner_lr=0.1..1", "--seeds", "0-400"], "12,030 runs"),
        (["--grid", "algorithm.inner_lr=0.1..1"], "give it by --search"),
        (["--slurm", "partition=gpu"], "--slurm is for --launch slurm"),
        (["--launch", "slurm", "--slurm", "tim=4"], "did you mean time"),
    ],
)
def test_what_cannot_be_searched_or_launched_is_refused_before_it_is_queued(
    runs: Path,
    small_file: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    why: str,
) -> None:
    assert command(runs, "sweep", small_file, *words) > 0
    assert why in capsys.readouterr().err
    assert RunQueue(runs).read().items == ()


def test_what_is_left_is_told_in_runs_and_the_dead_train_nothing(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--search", "algorithm.inner_lr=0.01..0.1", "--trials", 4)
    words = ("sweep", small_file, "--queue-only", *words)
    assert command(runs, *words, "--seeds", "0-2") == 0
    assert "12 added, 12 in the queue" in capsys.readouterr().out
    queue = RunQueue(runs)
    (item,) = queue.add([("one", small_config())])
    with queue.changing() as state:
        queue.write(state.having(item.id, state="running", worker="killed-1"))
    assert left_over(queue) == (13, 0, False)
    work = work_off(queue, runs, only=[item.id])
    next(work)
    assert left_over(queue) == (12, 1, False)
    work.close()


def test_what_a_dead_machine_had_is_waited_for_and_trained(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(working, "_AGAIN_SECONDS", 0.2)
    queue = RunQueue(runs)
    (item,) = queue.add([("one", small_config())])
    elsewhere(runs)
    with queue.changing() as state:
        queue.write(state.having(item.id, state="running", worker="there-1"))
    assert command(runs, "sweep") == 0
    assert "nothing is free: seeing whether" in capsys.readouterr().err
    assert [item.state for item in queue.read().items] == ["done"]


@pytest.mark.parametrize("words", [["--sampler", "grid"], ["--prune", "median"]])
def test_how_to_search_is_said_of_a_configuration(
    runs: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert command(runs, "sweep", *words) == 2
    assert "give the TOML file or preset" in capsys.readouterr().err


def test_workers_are_listed_and_stopped_by_name(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(runs, "workers") == 0
    assert f"main.py work --runs {runs}" in capsys.readouterr().out
    queue = RunQueue(runs)
    queue.add([("long", small_config(training__iterations=10**6))])
    work = work_off(queue, runs)
    run = next(work).folder.path.name
    assert command(runs, "workers") == 0
    assert run in capsys.readouterr().out
    assert command(runs, "workers", "--json") == 0
    worker = json.loads(capsys.readouterr().out)
    assert worker["doing"] == [run]
    assert command(runs, "workers", "--stop", "nobody") == 1
    assert "no worker and no job nobody" in capsys.readouterr().err
    assert command(runs, "workers", "--stop", worker["id"]) == 0
    list(work)
    assert Workers(runs).present() == []
    assert queue.read().items[0].is_free


def test_workers_are_listed_and_stopped_where_the_cluster_cannot_be_asked(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(runs))
    about: dict[str, Any] = {"cluster": "slurm", "host": "login", "command": ()}
    write_record(runs, Submitted(name="one", since=0.0, jobs=("7_0",), **about))
    queue = RunQueue(runs)
    queue.add([("long", small_config(training__iterations=10**6))])
    work = work_off(queue, runs)
    next(work)
    (worker,) = Workers(runs).present()
    assert command(runs, "workers") == 0
    said = capsys.readouterr()
    assert worker.id in said.out
    assert "warning: there is no squeue on this machine" in said.err
    assert command(runs, "workers", "--stop", worker.id) == 0
    list(work)
    assert queue.read().items[0].is_free


def test_what_is_launched_is_told_to_programs_and_how_to_look_to_people(
    tmp_path: Path,
    small_file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs, about = tmp_path / "my runs", {"cluster": "local", "host": "", "command": ()}
    record = Submitted.model_validate(
        {"name": "x", "since": 0, "jobs": ("7",), **about}
    )
    monkeypatch.setattr(launching, "submit", lambda *_: record)
    words = ("sweep", small_file, "--seeds", "0", "--launch", "local")
    assert command(runs, *words, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"event": "submitted", "jobs": ["7"]}
    assert command(runs, *words) == 0
    assert f"workers --runs '{runs}'" in capsys.readouterr().out
    assert command(runs, "workers") == 0
    assert f"work --runs '{runs}'" in capsys.readouterr().out


@pytest.mark.slow
def test_workers_that_are_launched_train_the_queue_and_leave_a_log(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("sweep", small_file, "--seeds", "0-1", "--launch", "local")
    assert command(runs, *words) == 0
    (job,) = re.findall(r"Submitted 1 job: (\d+)", capsys.readouterr().out)
    (started,) = [each for each in launching._children if each.job_id == job]
    launching._children.remove(started)
    started._process.wait()
    assert [item.state for item in RunQueue(runs).read().items] == ["done", "done"]
    assert command(runs, "workers") == 0
    (line,) = re.findall(rf"{job}  done .*", capsys.readouterr().out)
    assert "completed" in Path(line.split()[-1]).read_text()


def test_a_folder_that_is_not_there_is_not_made_to_work_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path / "mistyped", "work") == 1
    assert "is it mounted here?" in capsys.readouterr().err
    assert not (tmp_path / "mistyped").exists()
