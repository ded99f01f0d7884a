"""Runs of a sweep that the queue trains side by side, each with a life of its own."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.made_runs import finish, made, small_config, timeless
from workbench.core.config.run_config import RunConfig
from workbench.core.queue import hold, mates
from workbench.core.queue.progress import Progress
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import work_off
from workbench.core.runs.events import EndEvent, StepEvent
from workbench.core.runs.store import RunFolder

STEPS = 20


@pytest.fixture(autouse=True)
def _short_runs_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mates, "_LEAST_STEPS", STEPS)
    monkeypatch.setattr(mates, "_LEAST", 2)
    monkeypatch.setattr(hold, "LOOK_SECONDS", 0.01)
    mates._gains.cache_clear()


def queued(runs: Path, *changes: dict[str, Any]) -> RunQueue:
    queue = RunQueue(runs)
    configs = [small_config(**each) for each in changes]
    queue.add([(f"run {place}", config) for place, config in enumerate(configs)])
    return queue


def seeds(count: int) -> list[dict[str, Any]]:
    return [{"training__seed": seed} for seed in range(count)]


def folder_of(queue: RunQueue, place: int) -> RunFolder:
    return RunFolder(queue.runs / queue.read().items[place].run)


def is_as_alone(folder: RunFolder, path: Path) -> bool:
    alone = RunFolder.create(path, folder.config())
    finish(alone)
    return timeless(alone) == timeless(folder)


def states(queue: RunQueue) -> list[str]:
    return [item.state for item in queue.read().items]


def at(progress: Progress, place: int, step: int) -> bool:
    event = progress.event
    is_of_it = progress.item.name == f"run {place}"
    return is_of_it and isinstance(event, StepEvent) and event.step == step


def test_a_sweep_is_trained_side_by_side_and_each_run_is_what_it_is_alone(
    tmp_path: Path,
) -> None:
    queue = queued(tmp_path / "runs", *seeds(3))
    steps = [
        (progress.item.name, progress.event.step)
        for progress in work_off(queue, tmp_path)
        if isinstance(progress.event, StepEvent)
    ]
    assert steps[:4] == [("run 0", 1), ("run 1", 1), ("run 2", 1), ("run 0", 2)]
    assert states(queue) == ["done"] * 3
    assert all(is_as_alone(folder_of(queue, n), tmp_path / "alone") for n in range(3))


def test_one_that_diverges_fails_and_the_others_go_on(tmp_path: Path) -> None:
    bad = {"algorithm__inner_lr": 1e30, "algorithm__inner_steps": 5}
    fives = [{**each, "algorithm__inner_steps": 5} for each in seeds(2)]
    queue = queued(tmp_path / "runs", bad, *fives)
    list(work_off(queue, tmp_path))
    assert states(queue) == ["failed", "done", "done"]
    assert "not finite" in queue.read().items[0].message
    assert is_as_alone(folder_of(queue, 1), tmp_path / "alone")


def test_one_taken_out_of_the_queue_stops_and_goes_on_alone_as_if_never_stopped(
    tmp_path: Path,
) -> None:
    queue = queued(tmp_path / "runs", *seeds(3))
    one = queue.read().items[1]
    stopped = RunFolder(tmp_path)
    for progress in work_off(queue, tmp_path):
        if at(progress, 1, 7):
            stopped = progress.folder
            queue.remove([one.id])
    assert states(queue) == ["done", "done"]
    info = stopped.info()
    assert (info.state, info.step) == ("stopped", 7)
    finish(stopped)
    assert is_as_alone(stopped, tmp_path / "alone")
    assert is_as_alone(folder_of(queue, 1), tmp_path / "alone")


def test_a_queue_that_is_left_in_the_middle_goes_on_with_all_of_them(
    tmp_path: Path,
) -> None:
    queue = queued(tmp_path / "runs", *seeds(3))
    work = work_off(queue, tmp_path)
    for progress in work:
        if at(progress, 1, 7):
            break
    work.close()
    assert [folder_of(queue, n).info().state for n in range(3)] == ["stopped"] * 3
    list(work_off(queue, tmp_path))
    assert states(queue) == ["done"] * 3
    assert all(is_as_alone(folder_of(queue, n), tmp_path / "alone") for n in range(3))


def test_one_that_is_paused_waits_while_the_others_go_on(tmp_path: Path) -> None:
    queue = queued(tmp_path / "runs", *seeds(2))
    one = queue.read().items[0]
    seen = []
    for progress in work_off(queue, tmp_path):
        if at(progress, 0, 7):
            queue.pause_runs([one.id], True)
        if progress.item.name == "run 1" and isinstance(progress.event, EndEvent):
            seen = [folder_of(queue, 0).info().state, folder_of(queue, 0).info().step]
            threading.Timer(0.1, queue.pause_runs, ([one.id], False)).start()
    assert seen == ["paused", 7]
    assert states(queue) == ["done", "done"]
    assert all(is_as_alone(folder_of(queue, n), tmp_path / "alone") for n in range(2))


def test_one_whose_disk_is_full_fails_and_the_others_go_on(tmp_path: Path) -> None:
    queue = queued(tmp_path / "runs", *seeds(3))
    for progress in work_off(queue, tmp_path):
        if at(progress, 1, 7):
            checkpoints = progress.folder.checkpoints
            for file in checkpoints.iterdir():
                file.unlink()
            checkpoints.rmdir()
            checkpoints.touch()
    assert states(queue) == ["done", "failed", "done"]
    assert is_as_alone(folder_of(queue, 2), tmp_path / "alone")


def test_what_keeps_all_cores_busy_by_itself_is_trained_by_itself(
    tmp_path: Path,
) -> None:
    loops = [{**each, "training__engine": "loop"} for each in seeds(2)]
    for changes in (
        loops,
        [{**e, "training__iterations": STEPS - 1} for e in seeds(2)],
    ):
        items = queued(tmp_path, *changes).read().items[-2:]
        assert mates.with_mates(items[0], items, "cpu") == [items[0]]
    items = queued(tmp_path, *seeds(2)).read().items[-2:]
    assert mates.with_mates(items[0], items, "cpu") == list(items)


def test_a_run_of_its_own_is_trained_as_ever(tmp_path: Path) -> None:
    folder = made(tmp_path / "one", training__seed=3)
    finish(folder)
    config: RunConfig = folder.config()
    queue = RunQueue(tmp_path / "runs")
    queue.add([("one", config)])
    list(work_off(queue, tmp_path))
    assert timeless(folder_of(queue, 0)) == timeless(folder)
