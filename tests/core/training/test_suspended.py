"""A process that is suspended while it trains, and what it finds when it wakes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.made_runs import finish, made, timeless, trained
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.workers import Workers
from workbench.core.queue.working import work_off
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import SpeedEvent, StepEvent
from workbench.core.runs.index import all_rows
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asks /proc whether it is suspended"
)

TRAIN = """
import os, pathlib, signal, socket, sys
from workbench.core.runs.events import StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training import record
from workbench.core.training.training import train

if sys.argv[2] != "here":
    socket.gethostname = lambda: sys.argv[2]
    record._HEARTBEAT_SECONDS = 0.0  # as after a sleep that was longer than that
folder = RunFolder(pathlib.Path(sys.argv[1]))
for event in train(folder, data=folder.path, device="cpu"):
    print(event.step, flush=True)
    is_seventh = isinstance(event, StepEvent) and event.step == 7
    if is_seventh and sys.argv[2] != "here":
        os.kill(os.getpid(), signal.SIGSTOP)  # between two writes
"""


@contextmanager
def suspended(folder: RunFolder, host: str) -> Iterator[subprocess.Popen[str]]:
    """Train in a process of its own up to some step, and suspend it there."""
    with subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(folder.path), host],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            until(lambda: int(process.stdout.readline()) >= 7)  # type: ignore[union-attr]
            if host == "here":
                process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        pass


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_suspended_run_is_nobody_elses_and_goes_on_when_it_wakes(
    tmp_path: Path,
) -> None:
    whole = trained(tmp_path / "whole", training__iterations=400)
    folder = made(tmp_path / "runs", training__iterations=400)
    with suspended(folder, "here") as process:
        assert folder.info().state == "running"
        assert [row.state for row in all_rows(tmp_path / "runs")] == ["running"]
        with pytest.raises(RunError, match=f"by process {process.pid} on "):
            finish(folder)
        process.send_signal(signal.SIGCONT)
        process.communicate()
        assert process.returncode == 0
    assert folder.info().state == "completed"
    assert timeless(folder) == timeless(whole)


def test_a_suspended_worker_keeps_its_queue(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("long", made(tmp_path / "other").config())])
    script = (
        "import pathlib, sys\n"
        "from workbench.core.queue.queue import RunQueue\n"
        "from workbench.core.queue.working import work_off\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "for progress in work_off(RunQueue(path), path):\n"
        "    print(progress.folder.path, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        worker.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WNOWAIT)
        assert len(Workers(tmp_path).present()) == 1
        assert list(work_off(queue, tmp_path)) == []
        worker.send_signal(signal.SIGCONT)
        worker.communicate()
    assert [item.state for item in queue.read().items] == ["done"]


def test_who_wakes_to_find_the_run_trained_by_another_leaves_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path, training__iterations=400)
    with suspended(folder, "laptop") as process:
        # Its silence is taken for its end, and the disk has forgotten its lock.
        monkeypatch.setattr("workbench.core.runs.signs.SILENCE_SECONDS", 0)
        (folder.path / "lock").unlink()
        finish(folder)
        before = contents(folder.path)
        process.send_signal(signal.SIGCONT)
        _, said = process.communicate()
        assert process.returncode == 1
    assert "was taken over by another process" in said
    assert contents(folder.path) == before
    assert folder.info().state == "completed"


def test_who_wakes_to_find_the_run_gone_says_so_and_does_not_make_it_anew(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path, training__iterations=400)
    with suspended(folder, "laptop") as process:
        folder.path.rename(tmp_path / "trash")
        before = contents(tmp_path / "trash")
        process.send_signal(signal.SIGCONT)
        _, said = process.communicate()
        assert process.returncode == 1
    assert "is gone: it was moved or thrown away" in said
    assert not folder.path.exists()
    assert contents(tmp_path / "trash") == before


def test_a_run_of_the_queue_is_left_to_whoever_took_it_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.training.record._HEARTBEAT_SECONDS", 0.0)
    queue = RunQueue(tmp_path)
    queue.add([("one", made(tmp_path / "other").config())] * 2)
    work = work_off(queue, tmp_path)
    for progress in work:
        if isinstance(progress.event, StepEvent):
            progress.folder.update(pid=1, host="elsewhere", heartbeat=time.time())
            break
    list(work)
    first, second = queue.read().items
    assert (first.state, second.state) == ("failed", "done")
    assert "was taken over by another process, on elsewhere" in first.message


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_is_set_while_a_run_trains_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    whole, folder = trained(tmp_path / "whole"), made(tmp_path / "runs")
    monkeypatch.setattr("workbench.core.pacing.stopwatch._PACE_SECONDS", 0.0)
    clock, begun = time.time, time.monotonic()
    for event in train(folder, data=tmp_path, device="cpu"):
        if event.step == 7:
            monkeypatch.setattr(time, "time", lambda: clock() + jump)
    most = time.monotonic() - begun
    assert timeless(folder) == timeless(whole)
    speeds = [event for event in folder.events() if isinstance(event, SpeedEvent)]
    assert [each.seconds for each in speeds] == sorted(each.seconds for each in speeds)
    assert 0 < folder.info().seconds <= most
    assert all(each.tasks_per_second > 0 for each in speeds)
