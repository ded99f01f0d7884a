"""The queue's run, paused at once, and what it does when it is let go or stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.made_runs import small_config, timeless, trained
from workbench.core.queue import hold
from workbench.core.queue.progress import Progress
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import Patience, work_off
from workbench.core.runs.events import EndEvent, StepEvent
from workbench.core.runs.search import list_runs

PAUSE_AT = 3


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "LOOK_SECONDS", 0.01)


def paused_at_once(
    queue: RunQueue, progress: Progress, then: Callable[[], None]
) -> bool:
    """Pause the queue at a step, and do something once the run says that it waits."""
    event = progress.event
    if not isinstance(event, StepEvent) or event.step != PAUSE_AT:
        return False
    queue.pause(True, at_once=True)

    def watch() -> None:
        while progress.folder.info().state != "paused":
            pass
        then()

    threading.Thread(target=watch).start()
    return True


def test_a_run_that_is_paused_at_once_goes_on_as_if_nothing_had_been(
    tmp_path: Path,
) -> None:
    whole = trained(tmp_path / "whole")
    queue = RunQueue(tmp_path / "runs")
    queue.add([("one", small_config()), ("two", small_config(training__seed=1))])
    paused = [
        paused_at_once(queue, progress, lambda: queue.pause(False))
        for progress in work_off(queue, tmp_path)
    ]
    assert sum(paused) == 2
    assert [item.state for item in queue.read().items] == ["done", "done"]
    first = next(r for r in list_runs(queue.runs) if r.config() == whole.config())
    assert timeless(first) == timeless(whole)


def test_a_run_that_is_paused_at_once_can_be_stopped_and_goes_on_later(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    stop = threading.Event()
    for progress in work_off(queue, tmp_path, is_stopping=stop.is_set):
        paused_at_once(queue, progress, stop.set)
    (run,) = list_runs(tmp_path)
    assert run.info().state == "stopped"
    assert run.info().step == PAUSE_AT
    assert queue.read().begun is not None
    assert list(work_off(queue, tmp_path)) == []
    queue.pause(False)
    list(work_off(queue, tmp_path))
    assert run.info().state == "completed"
    assert queue.read().begun is None


def test_what_is_taken_out_while_it_waits_stops_and_the_next_one_waits(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config()), ("two", small_config(training__seed=1))])
    one, two = queue.read().items
    runs = list[int]()

    def take_out() -> None:
        queue.remove([one.id])
        (run,) = list_runs(tmp_path)
        while run.info().state != "stopped":
            pass
        runs.append(len(list_runs(tmp_path)))
        queue.pause(False)

    for progress in work_off(queue, tmp_path, patience=Patience.HELD):
        if progress.item.id == one.id:
            paused_at_once(queue, progress, take_out)
    assert runs == [1]
    assert [(item.id, item.state) for item in queue.read().items] == [(two.id, "done")]
    assert sorted(run.info().state for run in list_runs(tmp_path)) == [
        "completed",
        "stopped",
    ]


def test_a_queue_that_is_held_between_two_runs_or_before_them_waits(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config()), ("two", small_config(training__seed=1))])
    queue.pause(True, at_once=True)
    let_go = [threading.Timer(0.1, queue.pause, (False,))]
    let_go[0].start()
    begun = 0
    for progress in work_off(queue, tmp_path, patience=Patience.HELD):
        begun += progress.event is None
        if isinstance(progress.event, EndEvent) and begun == 1:
            queue.pause(True, at_once=True)
            let_go += [threading.Timer(0.1, queue.pause, (False,))]
            let_go[-1].start()
    assert len(let_go) == begun == 2
    assert [item.state for item in queue.read().items] == ["done", "done"]


def test_a_queue_that_is_held_can_be_stopped_before_a_run(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    queue.pause(True, at_once=True)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert (
        list(work_off(queue, tmp_path, is_stopping=stop.is_set, patience=Patience.HELD))
        == []
    )
    assert stop.is_set()
    assert len(queue.read().waiting) == 1


def test_what_lets_the_queue_go_on_forgets_that_its_run_waited(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.pause(True, at_once=True)
    assert (queue.read().paused, queue.read().is_held) == (True, True)
    queue.pause(True)
    assert (queue.read().paused, queue.read().is_held) == (True, False)
    queue.pause(True, at_once=True)
    queue.pause(False)
    assert (queue.read().paused, queue.read().is_held) == (False, False)
