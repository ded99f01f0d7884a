"""Workers: who is there, who is gone, and what becomes of what they had."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import threading
from pathlib import Path

import pytest

from tests.made_runs import made, small_config
from workbench.core.base.errors import WorkbenchError
from workbench.core.base.file_lock import file_lock
from workbench.core.clusters.records import Submitted, write_record
from workbench.core.queue import workers, working
from workbench.core.queue.claiming import MOST_DEATHS, Claims
from workbench.core.queue.mates import with_mates
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.queued import QueueState
from workbench.core.queue.searches import search_item, with_next_trial
from workbench.core.queue.workers import SILENCE_SECONDS, WorkerRecord, Workers
from workbench.core.queue.working import Patience, work_off
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import StepEvent
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.core.searching.search import Search


class Clock:
    """A clock that stands until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def elsewhere(runs: Path, sign: float = 0.0) -> WorkerRecord:
    """Write the record of a worker on another machine, as it would."""
    record = WorkerRecord(id="there-1", host="elsewhere", pid=1, sign=sign)
    Workers(runs).folder.mkdir(exist_ok=True)
    file = Workers(runs).folder / f"{record.id}.json"
    file.write_text(record.model_dump_json())
    return record


def test_a_worker_elsewhere_is_there_while_its_sign_changes_whatever_its_clock_says(
    tmp_path: Path,
) -> None:
    clock = Clock()
    watched = Workers(tmp_path, clock)
    for sign in (0.0, 3600.0, -3600.0):
        elsewhere(tmp_path, sign)
        assert len(watched.present()) == 1
        clock.now += SILENCE_SECONDS - 1
        assert len(watched.present()) == 1
    clock.now += 1
    assert watched.present() == []
    elsewhere(tmp_path, 1.0)
    assert len(watched.present()) == 1


def test_what_cannot_be_read_of_a_record_is_no_worker(tmp_path: Path) -> None:
    elsewhere(tmp_path)
    (Workers(tmp_path).folder / "cut.json").write_text('{"id": "cu')
    assert [each.id for each in Workers(tmp_path).recorded()] == ["there-1"]


def test_where_locks_do_not_hold_between_machines_nothing_is_trained(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    elsewhere(tmp_path, 1.0)
    lock = Workers(tmp_path).folder / "there-1.lock"
    lock.touch()
    claims = Claims(queue, "here-1", "cpu")
    claims.workers.refuse_broken_locks()  # once seen, it may be dead
    elsewhere(tmp_path, 2.0)
    with file_lock(lock):
        claims.workers.refuse_broken_locks()  # it holds its lock
    other = Claims(queue, "here-2", "cpu")
    other.workers.refuse_broken_locks()
    elsewhere(tmp_path, 3.0)
    with pytest.raises(RunError, match=r"locks do not hold in .* elsewhere"):
        other.take(with_next_trial)
    assert queue.read().items[0].is_free


def test_a_worker_that_cannot_search_trains_what_comes_after(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    space = ("algorithm.inner_lr=0.1..1",)
    queue.append([search_item("tried", small_config(), Search(space=space))])
    queue.add([("after", small_config())])

    def without_optuna(*_asked: object) -> QueueState:
        raise WorkbenchError("a search needs Optuna")

    claims = Claims(queue, "here-1", "cpu")
    (item,) = claims.take(without_optuna)
    assert item.name == "after"
    queue.remove([item.id])
    with pytest.raises(WorkbenchError, match="needs Optuna"):
        claims.take(without_optuna)


def test_a_worker_that_ends_while_it_is_looked_at_does_not_hinder_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(tmp_path, 1.0)
    watched = Workers(tmp_path)
    (watched.folder / "there-1.lock").touch()
    watched.refuse_broken_locks()
    elsewhere(tmp_path, 2.0)
    read = watched.recorded()
    monkeypatch.setattr(watched, "recorded", lambda: read)
    (watched.folder / "there-1.json").unlink()  # its lock is let go after this
    watched.refuse_broken_locks()


def test_a_run_that_is_held_is_not_taken_over_from_a_worker_out_of_sight(
    tmp_path: Path,
) -> None:
    queue, folder = RunQueue(tmp_path), made(tmp_path)
    queue.add_begun(folder)
    assert Claims(queue, "suspended-1", "cpu").take(with_next_trial)
    other = Claims(queue, "here-1", "cpu")
    with file_lock(folder.path / "lock"):
        assert other.take(with_next_trial) == []
        (item,) = queue.read().items
        assert (item.state, item.worker) == ("running", "suspended-1")
    (item,) = other.take(with_next_trial)
    assert item.deaths == (0,)


def test_a_worker_whose_record_is_deleted_trains_on(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("long", small_config(training__iterations=100))])
    work = work_off(queue, tmp_path)
    while not isinstance(next(work).event, StepEvent):
        pass
    shutil.rmtree(Workers(tmp_path).folder)
    list(work_off(queue, tmp_path))
    list(work)
    (item,) = queue.read().items
    assert (item.state, item.message) == ("done", "")


def test_a_run_at_which_workers_are_killed_again_and_again_fails(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add_begun(made(tmp_path))
    for number in range(MOST_DEATHS):
        (item,) = Claims(queue, f"killed-{number}", "cpu").take(with_next_trial)
    assert item.deaths == (0,) * (MOST_DEATHS - 1)
    assert Claims(queue, "last", "cpu").take(with_next_trial) == []
    (item,) = queue.read().items
    assert item.state == "failed"
    assert "killed one after the other" in item.message


def test_a_run_that_gets_further_before_each_death_is_not_given_up(
    tmp_path: Path,
) -> None:
    queue, folder = RunQueue(tmp_path), made(tmp_path)
    queue.add_begun(folder)
    for number in range(3 * MOST_DEATHS):
        assert Claims(queue, f"killed-{number}", "cpu").take(with_next_trial)
        with folder.metrics.open("a") as file:
            file.write("x")
    assert queue.read().items[0].state == "running"


def test_a_worker_that_is_asked_to_stop_leaves_its_run_to_others(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("long", small_config(training__iterations=10**6))])
    work = work_off(queue, tmp_path)
    next(work)
    (worker,) = Workers(tmp_path).present()
    assert worker.host == socket.gethostname()
    Workers(tmp_path).ask_to_stop(worker.id)
    list(work)
    (item,) = queue.read().items
    assert item.is_free
    assert RunFolder(tmp_path / item.run).info().state == "stopped"
    assert list(Workers(tmp_path).folder.iterdir()) == []


def test_a_worker_says_what_it_trains(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    doing = set()
    for progress in work_off(queue, tmp_path):
        if isinstance(progress.event, StepEvent):
            doing.add(Workers(tmp_path).present()[0].doing)
    assert doing == {(list_runs(tmp_path)[0].path.name,)}


def test_what_another_took_over_is_left_to_it_and_the_next_one_trained(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    first, _ = queue.add([("taken", small_config()), ("next", small_config())])
    names = []

    def is_next_done() -> bool:
        return queue.read().items[1].state == "done"

    for progress in work_off(queue, tmp_path, is_stopping=is_next_done):
        names.append(progress.item.name)
        is_begun = isinstance(progress.event, StepEvent) and progress.event.step == 3
        if is_begun and progress.item.id == first.id:
            progress.folder.update(host="elsewhere", pid=1, process_mark="")
            with queue.changing() as state:
                by = elsewhere(tmp_path).id
                queue.write(state.having(first.id, worker=by))
    assert names[-1] == "next"
    taken, done = queue.read().items
    stands = taken.state, taken.worker, done.state
    assert stands == ("running", "there-1", "done")


def test_who_waits_for_more_trains_what_is_added_later(tmp_path: Path) -> None:
    queue, stop = RunQueue(tmp_path), threading.Event()
    adding = threading.Timer(0.3, queue.add, ([("later", small_config())],))
    adding.start()
    work = work_off(queue, tmp_path, "cpu", stop.is_set, patience=Patience.ALWAYS)
    for progress in work:
        if isinstance(progress.event, StepEvent):
            stop.set()
    adding.join()
    assert progress.item.name == "later"
    assert queue.read().items[0].is_free


def test_the_runs_of_a_sweep_are_shared_out_among_the_workers(tmp_path: Path) -> None:
    config = small_config(training__iterations=500)
    queue = RunQueue(tmp_path)
    first, *_ = items = queue.add([(str(n), config) for n in range(16)])
    assert len(with_mates(first, items, "cpu")) == 16
    assert len(with_mates(first, items, "cpu", workers=2)) == 8
    assert with_mates(first, items, "cpu", workers=8) == [first]


def test_a_run_s_log_says_who_took_it_and_where_a_job_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    list(work_off(queue, tmp_path))
    (run,) = list_runs(tmp_path)
    here = f"taken by process {os.getpid()} on {socket.gethostname()}"
    assert f"{here}\n" in (run.path / "log.txt").read_text()

    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    record = Submitted(
        name="a", cluster="slurm", host="login", since=1.0, command=(), jobs=("4711",)
    )
    write_record(tmp_path, record)
    queue.add([("two", small_config(training__seed=1))])
    list(work_off(queue, tmp_path))
    (run,) = (each for each in list_runs(tmp_path) if each.info().name == "two")
    prints = f"{here}, job 4711, which prints to {record.log(tmp_path, '4711')}\n"
    assert prints in (run.path / "log.txt").read_text()


def held_elsewhere(runs: Path) -> RunQueue:
    """Queue a run that a worker of another machine has begun."""
    queue, folder = RunQueue(runs), made(runs)
    queue.add_begun(folder)
    elsewhere(runs)
    with queue.changing() as state:
        (item,) = state.items
        queue.write(state.having(item.id, state="running", worker="there-1"))
    return queue


def test_what_a_dead_machine_had_is_trained_by_who_finds_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = held_elsewhere(tmp_path)
    monkeypatch.setattr(workers, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(working, "_AGAIN_SECONDS", 0.2)
    list(work_off(queue, tmp_path))
    assert [item.state for item in queue.read().items] == ["done"]


def test_who_finds_nothing_else_ends_as_soon_as_the_others_give_a_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_AGAIN_SECONDS", 0.2)
    queue, signs = held_elsewhere(tmp_path), itertools.count(1.0)
    asked = list[float]()

    def ask() -> bool:
        asked.append(elsewhere(tmp_path, next(signs)).sign)
        return False

    list(work_off(queue, tmp_path, is_stopping=ask))
    assert asked
    assert [item.state for item in queue.read().items] == ["running"]
    queue.pause(True)
    list(work_off(queue, tmp_path))
