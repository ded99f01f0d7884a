"""Several workers of one command: real processes, of which one is killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.made_runs import small_config
from workbench.core.queue import crew as crew_module
from workbench.core.queue.crew import Crew
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.workers import WorkerRecord, Workers
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import StepEvent
from workbench.core.runs.search import list_runs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")


def crew(queue: RunQueue, device: str = "cpu", count: int = 2) -> Crew:
    folders = ["--runs", str(queue.runs), "--data", str(queue.runs)]
    words = ["work", *folders, "--device", device, "--json"]
    return Crew(queue, words, device, count, lambda: False)


@pytest.mark.slow
def test_two_workers_train_a_queue_and_one_that_is_killed_costs_nothing(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    long = small_config(training__iterations=100)
    queue.add([(str(seed), long.replace({"training.seed": seed})) for seed in range(4)])
    told, steps, killed = list[str](), dict[str, int](), 0
    for item, _, event in crew(queue).work_off(told.append):
        if isinstance(event, StepEvent):
            steps[item.name] = max(event.step, steps.get(item.name, 0))
            if not killed:
                (killed,) = (
                    each.pid
                    for each in Workers(tmp_path).present()
                    if each.id == queue.read().items[int(item.name)].worker
                )
                os.kill(killed, signal.SIGKILL)
    assert told == [f"worker {killed} was killed: another takes its place"]
    assert steps == dict.fromkeys("0123", 100)
    assert [item.state for item in queue.read().items] == ["done"] * 4
    assert len(list_runs(tmp_path)) == 4
    assert Workers(tmp_path).recorded() == []


@pytest.mark.slow
def test_no_other_takes_the_place_of_a_worker_that_was_asked_to_stop(
    tmp_path: Path,
) -> None:
    queue, workers = RunQueue(tmp_path), Workers(tmp_path)
    queue.add([("long", small_config(training__iterations=1_000_000))])
    asked = list[WorkerRecord]()
    for _, _, event in crew(queue, count=1).work_off(str):
        if isinstance(event, StepEvent) and not asked:
            asked += workers.present()
            workers.ask_to_stop(asked[0].id)
    assert [each.parent for each in asked] == [os.getpid()]
    (run,) = list_runs(tmp_path)
    assert run.info().state == "stopped"
    assert queue.read().items[0].is_free
    assert workers.recorded() == []


def test_workers_that_fail_for_no_reason_they_can_tell_are_not_begun_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, told = RunQueue(tmp_path), list[str]()
    queue.add([("one", small_config())])
    code = "import sys; sys.exit('nobody foresaw this')"
    monkeypatch.setattr(crew_module, "worker_command", lambda *_: _python(code))
    with pytest.raises(RunError, match=r"worker \d+ failed \(nobody foresaw this\)"):
        list(crew(queue, count=1).work_off(told.append))
    assert len(told) == 3
    assert queue.read().items[0].is_free


def test_no_worker_is_left_behind_where_not_all_can_be_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    commands = iter([_python("import time; time.sleep(600)"), ["/no/such/program"]])
    monkeypatch.setattr(crew_module, "worker_command", lambda *_: next(commands))
    before = {each.pid for each in psutil.Process().children()}
    with pytest.raises(FileNotFoundError):
        list(crew(queue).work_off(str))
    assert {each.pid for each in psutil.Process().children()} == before


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_why_no_worker_can_go_on_is_told(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    (tmp_path / ".workers").touch()
    with pytest.raises(RunError, match=r"\.workers"):
        list(crew(queue, count=1).work_off(str))
    assert queue.read().items[0].is_free
