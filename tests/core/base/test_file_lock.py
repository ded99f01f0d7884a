"""Locks between processes: held, given back by the dead, and refused with a reason."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.core.base.errors import MAKE_ROOM, RemedyKind
from workbench.core.base.file_lock import LockError, LockTaken, file_lock

HOLD = """
import errno, os, sys
from pathlib import Path
from workbench.core.base import file_lock

def no_flock(*_):
    raise OSError(int(sys.argv[2]), "no locks here")

if sys.argv[2] != "0":
    import fcntl
    fcntl.flock = no_flock
with file_lock.file_lock(Path(sys.argv[1]), wait=False):
    print("held", flush=True)
    sys.stdin.read()
"""

NO_FLOCK = [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="flock is of POSIX")


@contextlib.contextmanager
def _held_elsewhere(
    file: Path, flock_error: int = 0
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(file), str(flock_error)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def _take_away_flock(monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    def flock(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("fcntl.flock", flock)


def test_a_lock_is_taken_as_long_as_another_process_has_it(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with _held_elsewhere(file) as process:
        with pytest.raises(LockTaken), file_lock(file, wait=False):
            pass
        process.communicate("")
        with file_lock(file, wait=False):
            pass


def test_who_waits_gets_the_lock_of_a_process_that_was_killed(tmp_path: Path) -> None:
    file, got = tmp_path / "lock", threading.Event()

    def wait() -> None:
        with file_lock(file):
            got.set()

    with _held_elsewhere(file) as process:
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.is_set()
        process.kill()
        waiting.join(60)
    assert got.is_set()


def test_threads_exclude_each_other_and_any_may_give_the_lock_back(
    tmp_path: Path,
) -> None:
    file = tmp_path / "lock"
    holder = file_lock(file)
    beginning = threading.Thread(target=holder.__enter__)
    beginning.start()
    beginning.join()
    with pytest.raises(LockTaken), file_lock(file, wait=False):
        pass
    holder.__exit__(None, None, None)
    with file_lock(file, wait=False):
        pass


@posix_only
@pytest.mark.parametrize("error", NO_FLOCK)
def test_on_a_disk_without_locks_a_file_stands_for_one(
    error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lock"
    file.touch()  # as a system with locks leaves it behind
    _take_away_flock(monkeypatch, error)
    with _held_elsewhere(file, error) as process:
        with (
            pytest.raises(LockTaken, match=r"lock\.held is held .*; remove it"),
            file_lock(file, wait=False),
        ):
            pass
        process.kill()
        process.wait()
        with file_lock(file):  # what it left behind is taken away
            pass
    assert not (tmp_path / "lock.held").exists()


@posix_only
def test_a_stand_in_that_nobody_gives_back_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take_away_flock(monkeypatch, errno.ENOSYS)
    monkeypatch.setattr("workbench.core.base.file_lock._PATIENCE_SECONDS", 0.0)
    with (
        file_lock(tmp_path / "lock"),
        pytest.raises(LockError, match=r"lock\.held is held .*; remove it"),
        file_lock(tmp_path / "lock"),
    ):
        pass


def test_what_cannot_be_locked_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with (
        pytest.raises(LockError, match=r"lock: a folder is in its place") as raised,
        file_lock(tmp_path / "lock"),
    ):
        pass
    assert raised.value.remedies[0].kind is RemedyKind.MOVE_AWAY


@posix_only
def test_a_full_disk_hinders_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take_away_flock(monkeypatch, errno.ENOSPC)
    with (
        pytest.raises(LockError, match="no room for it on the disk") as raised,
        file_lock(tmp_path / "lock"),
    ):
        pass
    assert raised.value.remedies == (MAKE_ROOM,)


def test_no_folder_is_made_for_a_lock(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(LockError, match="there is no folder"), file_lock(gone / "lock"):
        pass
    assert not gone.exists()
