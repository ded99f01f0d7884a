"""Real processes: started here, or by torchrun; one that is killed costs nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

import workbench
from tests.core.spreading import odd
from tests.made_runs import finish, made
from workbench.cli import entry_point
from workbench.cli.train import interrupts
from workbench.core.base.errors import WorkbenchError
from workbench.core.learning.params import named_leaves
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.events import AlertEvent, EndEvent, Outcome, StepEvent
from workbench.core.runs.new_run import train_further
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.core.spreading import meeting, starting
from workbench.core.spreading.place import SpreadError
from workbench.core.training import requested
from workbench.core.training.training import train

SENT = {"training__engine": "threads"}
"""Of a run whose tasks are sent, small as they are."""

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone"]


def numbers(folder: RunFolder) -> dict[str, list[float]]:
    kept = load_checkpoint(folder.checkpoint("latest"))
    trees = {"meta": kept.meta, "state": kept.state, "slots": kept.optimiser}
    return {name: leaf.tolist() for name, leaf in named_leaves(trees)}


def children() -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process().children()
        if "workbench.core.spreading" in " ".join(each.cmdline())
    ]


def test_a_run_whose_process_is_killed_ends_as_the_run_of_one(tmp_path: Path):
    alone = made(tmp_path, **SENT)
    together = made(tmp_path, training__processes=3, **SENT)
    finish(alone)
    events = []
    for event in train(together, data=tmp_path, device="cpu"):
        events.append(event)
        if isinstance(event, StepEvent) and event.step == 3:
            first, _ = children()
            first.kill()
            first.wait()
    assert numbers(together) == numbers(alone)
    (lost,) = [event for event in events if isinstance(event, AlertEvent)]
    assert f"process {first.pid} on" in lost.message
    assert children() == []
    # Going on with another number changes nothing either.
    for folder, processes in ((alone, 1), (together, 2)):
        more = {"training.iterations": 22, "training.processes": processes}
        folder.replace_config(folder.config().replace(more))
        finish(folder)
    assert numbers(together) == numbers(alone)


SMALL = "small networks take a CPU less time than a message takes"
COMPILED = "what is compiled is not shared out"


@pytest.mark.parametrize(("engine", "why"), [("auto", SMALL), ("compiled", COMPILED)])
def test_what_is_not_shared_out_has_one_process_and_says_so_once(
    engine: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(starting, "FOLLOWS", ["-c", "raise SystemExit('started')"])
    alone = made(tmp_path, training__engine=engine)
    together = made(tmp_path, training__engine=engine, training__processes=3)
    finish(alone)
    finish(together)
    assert numbers(together) == numbers(alone)
    together.replace_config(together.config().replace({"training.iterations": 22}))
    finish(together)
    alerts = [event for event in together.events() if isinstance(event, AlertEvent)]
    assert alerts == [AlertEvent(0, f"one of 3 processes computes: {why}")]


def test_a_process_that_cannot_begin_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(starting, "FOLLOWS", ["-c", "raise SystemExit('no torch')"])
    folder = made(tmp_path, training__processes=2, **SENT)
    with pytest.raises(WorkbenchError, match=r"process \d+ ended with 1: no torch"):
        finish(folder)
    assert folder.info().state == "failed"


def test_who_cannot_begin_is_named_alone_and_the_others_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(starting, "_ENDS_WITHIN", 30.0)
    code = "import sys, threading; sys.argv[2] == '1' and sys.exit('no torch'); "
    code += "threading.Event().wait()"
    monkeypatch.setattr(starting, "FOLLOWS", ["-c", code])
    folder = made(tmp_path, training__processes=4, **SENT)
    with pytest.raises(WorkbenchError) as caught:
        finish(folder)
    said = r"rank 1 of 4 processes: process \d+ ended with 1: no torch"
    assert re.fullmatch(said, str(caught.value))
    assert children() == []


@needs_signals
def test_a_process_that_leaves_before_it_is_reached_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(meeting, "PATIENCE", 20.0)
    monkeypatch.setattr(starting, "FOLLOWS", odd.follows("leaves"))
    folder = made(tmp_path, training__processes=2, **SENT)
    with pytest.raises(WorkbenchError) as caught:
        finish(folder)
    said = rf"rank 1 of 2 processes: process \d+ ended with {odd.STATUS}"
    assert re.fullmatch(said, str(caught.value))


@needs_signals
def test_a_run_can_be_stopped_while_a_process_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(meeting, "PATIENCE", 20.0)
    monkeypatch.setattr(starting, "_ENDS_WITHIN", 0.1)
    alone = made(tmp_path, **SENT)
    together = made(tmp_path, training__processes=3, **SENT)
    finish(alone)
    # The first that it answers is a validation, and then come meta-steps.
    with monkeypatch.context() as patched, interrupts() as pressed:
        patched.setattr(starting, "FOLLOWS", odd.follows("silent-3"))
        stopping = {"is_stopping": lambda: bool(pressed)}
        events = [*train(together, data=tmp_path, device="cpu", **stopping)]
    assert not any(isinstance(event, AlertEvent) for event in events)
    assert events[-1] == EndEvent(2, Outcome.STOPPED)
    assert together.info().state == "stopped"
    assert children() == []
    finish(together)
    assert numbers(together) == numbers(alone)


@needs_signals
def test_a_second_interrupt_waits_for_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(starting, "_ENDS_WITHIN", 60.0)
    monkeypatch.setattr(starting, "FOLLOWS", odd.follows("stays-0"))
    folder = made(tmp_path, training__processes=2, **SENT)
    with interrupts() as pressed:
        stopping = {"is_stopping": lambda: bool(pressed)}
        with pytest.raises(KeyboardInterrupt):
            list(train(folder, data=tmp_path, device="cpu", **stopping))
    assert folder.checkpoint("latest").is_file()
    assert children() == []


def test_waiting_for_processes_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(starting, "FOLLOWS", ["-c", "input()"])
    folder = made(tmp_path, training__processes=2, **SENT)
    asked = threading.Event()
    asked.set()
    list(train(folder, data=tmp_path, device="cpu", is_stopping=asked.is_set))
    assert folder.info().state == "stopped"
    assert children() == []


def launched(tmp_path: Path, *options: str) -> subprocess.Popen[bytes]:
    words = ["main.py", "train", "sinusoid-quick", "--runs", str(tmp_path), "--device"]
    words += ["cpu", "--set", "training.checkpoint_every=5"]
    small = {"evaluation.every": 50, "evaluation.validation_tasks": 2}
    small |= {"training.iterations": 60, "evaluation.tasks": 2}
    small |= {"training.engine": "threads"}
    words += [
        word for each in small.items() for word in ("--set", "{}={}".format(*each))
    ]
    return subprocess.Popen(
        [*TORCHRUN, "--nproc-per-node", "2", *options, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def evaluated(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return all that is said of an evaluation but the name of the run."""
    words = ["evaluate", str(folder.path), "--split", "train", "--json"]
    assert entry_point([*words, "--device", "cpu"]) == 0
    return json.loads(capsys.readouterr().out) | {"run": ""}


def test_an_evaluation_has_as_many_processes_as_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    folder = made(tmp_path, evaluation__tasks=7, **SENT)
    finish(folder)
    alone = evaluated(folder, capsys)
    train_further(folder, folder.config().replace({"training.processes": 3}))
    assert evaluated(folder, capsys) == alone
    assert len(list_evaluations(folder.path)) == 3  # with the run's own
    assert children() == []
    monkeypatch.setattr(starting, "FOLLOWS", ["-c", "raise SystemExit('started')"])
    assert entry_point(["evaluate", str(folder.path)]) == 1
    assert "ended with 1: started" in capsys.readouterr().err
    with pytest.raises(SpreadError, match="ended with 1: started"):  # in the window
        requested.evaluated(requested.Request(folder), tmp_path)
    with pytest.raises(SpreadError, match="ended with 1: started"):
        workbench.evaluate(folder.path)


@pytest.mark.slow
def test_torchrun_evaluates_once_whatever_the_number_of_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = made(tmp_path, evaluation__tasks=7, **SENT)
    finish(folder)
    words = ["main.py", "evaluate", str(folder.path), "--split", "train", "--json"]
    words = [*TORCHRUN, "--nproc-per-node", "2", *words, "--device", "cpu"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) | {"run": ""} == evaluated(folder, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_torchrun_starts_a_run_again_that_lost_a_process(rank: int, tmp_path: Path):
    with launched(tmp_path, "--max-restarts", "1") as process:
        assert process.stderr is not None
        folder = None
        while folder is None or folder.info().step < 5:
            assert process.poll() is None, process.stderr.read().decode()
            folder = next(iter(list_runs(tmp_path)), None)
        for each in psutil.Process(process.pid).children():
            if each.environ()["RANK"] == str(rank):
                each.kill()
        said = process.stderr.read().decode()
    assert process.returncode == 0, said
    (folder,) = list_runs(tmp_path)
    assert folder.info().state == "completed"
    log = (folder.path / "log.txt").read_text()
    # Torchrun may miss one that follows only when the run has ended.
    assert log.count("training on") == 2 or rank
    alone = RunFolder.create(tmp_path / "alone", folder.config())
    finish(alone)
    assert numbers(folder) == numbers(alone)
