"""Processes see whether they fit before they begin, and say who does not."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.distributed import HashStore

from tests.made_runs import finish, made, small_config
from workbench.cli import entry_point
from workbench.core.base.errors import WorkbenchError
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder, versions
from workbench.core.spreading import meeting, starting
from workbench.core.spreading.launched import is_launched_again, launch, launched
from workbench.core.spreading.meeting import Presence, Terms, come, gather
from workbench.core.spreading.place import Place
from workbench.core.spreading.stores import launched_store, local_store

HERE = socket.gethostname()


@pytest.fixture
def store() -> HashStore:
    made = HashStore()
    made.set_timeout(timedelta(seconds=30))
    return made


def at(number: int, processes: int = 2) -> Place:
    return Place(number, processes, number, processes, is_local=True)


def gathered(store: HashStore, folder: Path, processes: int = 2, **how: Any) -> Any:
    how = {"ended": dict, "seconds": 30.0, **how}
    return gather(store, at(0, processes), Terms(folder=folder), **how)


def beside(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(work()))
    thread.start()
    return thread, done


def present(store: HashStore, number: int = 1, **said: Any) -> None:
    of = {"host": "far", "pid": 7, "versions": versions(), **said}
    store.set(f"present/{number}", Presence(**of).model_dump_json())


def test_who_comes_is_known_and_can_be_written_to(store: HashStore, tmp_path: Path):
    thread, came = beside(lambda: come(store, at(1)))
    wire, (follower,) = gathered(store, tmp_path)
    thread.join()
    assert (follower.number, follower.pid, follower.host) == (1, os.getpid(), HERE)
    other, terms = came[0]
    assert terms.folder == tmp_path
    reading, read = beside(lambda: other.receive(0, torch.device("cpu")))
    wire.send(1, "word", {"a": torch.arange(3), "b": None}).wait()
    reading.join()
    word, tree = read[0]
    assert word == "word"
    assert tree["a"].tolist() == [0, 1, 2]
    assert tree["b"] is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_another_machine_does_not_see_is_named(
    store: HashStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(meeting, "_SEEN_WITHIN", 0.1)
    thread, came = beside(lambda: come(_Elsewhere(store, tmp_path / "other"), at(1)))
    with pytest.raises(WorkbenchError) as caught:
        gathered(store, tmp_path)
    thread.join()
    assert came == [None]
    assert str(caught.value) == (
        f"rank 1, process {os.getpid()} on {HERE}, does not see the run's folder, "
        f"{tmp_path / 'other'}: keep runs in a folder that all machines share"
    )


class _Elsewhere:
    """The store, for a machine on which the folder's name means another folder."""

    def __init__(self, store: HashStore, folder: Path) -> None:
        self._store, self._folder = store, folder
        self.set, self.check = store.set, store.check

    def get(self, key: str) -> bytes:
        said: bytes = self._store.get(key)
        if key != "terms":
            return said
        terms = Terms.model_validate_json(said)
        return (
            terms.model_copy(update={"folder": self._folder}).model_dump_json().encode()
        )


def test_who_has_no_gpu_where_the_run_is_on_one_is_named(
    store: HashStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    thread, came = beside(lambda: come(store, at(1)))
    with pytest.raises(WorkbenchError) as caught:
        gather(store, at(0), Terms(folder=tmp_path, device="cuda"), dict, 30.0)
    thread.join()
    assert came == [None]
    who = f"rank 1, process {os.getpid()} on {HERE}, cannot begin: device 'cuda': "
    assert str(caught.value).startswith(f"{who}PyTorch sees no GPU here")


def test_other_versions_are_said_with_both(store: HashStore, tmp_path: Path):
    present(store, versions=versions() | {"torch": "1.0"})
    with pytest.raises(WorkbenchError) as caught:
        gathered(store, tmp_path)
    assert str(caught.value) == (
        f"rank 1, process 7 on far, has torch 1.0, and rank 0 on {HERE} has "
        f"{torch.__version__}: install the same everywhere"
    )


def test_who_never_comes_is_named_with_those_who_did(store: HashStore, tmp_path: Path):
    present(store, 2)
    with pytest.raises(WorkbenchError) as caught:
        gathered(store, tmp_path, 4, seconds=0.0)
    assert str(caught.value) == (
        "ranks 1, 3 of 4 processes: not there after 0 seconds; there are "
        f"0 on {HERE}, 2 on far"
    )


def test_waiting_ends_where_one_has_ended_and_names_no_other(
    store: HashStore, tmp_path: Path
):
    with pytest.raises(WorkbenchError) as caught:
        gathered(store, tmp_path, 4, ended=lambda: {2: "it is broken"})
    assert str(caught.value) == "rank 2 of 4 processes: it is broken"


TORCHRUN = {
    "RANK": "1",
    "WORLD_SIZE": "3",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "TORCHELASTIC_RUN_ID": "a-launch",
    "TORCHELASTIC_RESTART_COUNT": "0",
}


@pytest.fixture
def torchrun(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in TORCHRUN.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_place_is_read_of_what_torchrun_says(torchrun: pytest.MonkeyPatch):
    assert launched() == Place(1, 3, 1, 2)
    assert launch() == "a-launch"
    assert not is_launched_again()
    torchrun.setenv("TORCHELASTIC_RESTART_COUNT", "2")
    assert is_launched_again()
    torchrun.setenv("TORCHELASTIC_RUN_ID", "none")
    assert launch() == ""
    torchrun.setenv("WORLD_SIZE", "1")
    assert launched() is None
    assert not is_launched_again()


def test_a_run_that_is_done_is_not_begun_again(
    run: RunFolder, torchrun: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    # One that follows was killed after the last meta-step: torchrun starts all again.
    run.update(launch="a-launch")
    store = local_store()
    again = {"RANK": "0", "TORCHELASTIC_RESTART_COUNT": "1"}
    again |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port)}
    for name, value in (again | {"TORCHELASTIC_USE_AGENT_STORE": "True"}).items():
        torchrun.setenv(name, value)
    thread, came = beside(lambda: come(launched_store(30.0), Place(1, 3, 1, 2)))
    assert entry_point(["train", "sinusoid-quick", "--runs", str(run.path.parent)]) == 0
    thread.join()
    assert came == [None]
    assert "completed after 20 of 20" in capsys.readouterr().out
    assert [each.path for each in list_runs(run.path.parent)] == [run.path]


def test_what_is_not_shared_out_is_refused(
    torchrun: pytest.MonkeyPatch, tmp_path: Path
):
    folder = made(tmp_path)
    with pytest.raises(WorkbenchError, match="rank 1: of what torchrun starts only"):
        finish(folder)


def test_those_started_here_share_the_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(starting, "all_threads", lambda: 8)
    config = small_config(training__engine="threads")
    cpu = torch.device("cpu")
    threads = [
        starting.parted_engine(config, cpu, Place(0, 3, 0, 3, is_local=here)).at_once(
            99
        )
        for here in (True, False)
    ]
    assert threads == [2, 8]


def test_a_place_that_is_no_number_is_named(torchrun: pytest.MonkeyPatch):
    torchrun.setenv("RANK", "first")
    with pytest.raises(
        WorkbenchError, match="RANK=first: torchrun sets it to a number"
    ):
        launched()


def test_a_port_that_is_taken_is_named(torchrun: pytest.MonkeyPatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        torchrun.setenv("RANK", "0")
        torchrun.setenv("MASTER_ADDR", "127.0.0.1")
        torchrun.setenv("MASTER_PORT", str(port))
        with pytest.raises(WorkbenchError) as caught:
            launched_store(1.0)
    assert f"cannot meet the other processes at 127.0.0.1:{port}: " in str(caught.value)
