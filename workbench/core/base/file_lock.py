"""A lock between processes, which a process that dies gives back."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import WorkbenchError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_NO_LOCKS_HERE = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
_STAND_IN = ".held"
_PATIENCE_SECONDS = 60.0


class LockTaken(Exception):
    """Another process, or thread, holds the lock; the message says of which file."""


class LockError(WorkbenchError):
    """The lock cannot be had; the message names its file."""


@contextlib.contextmanager
def file_lock(file: Path, *, wait: bool | float = True) -> Iterator[None]:
    """Hold the lock of a file made for it; LockTaken if it is, and not to wait.

    A number is how many seconds to wait at most.

    A disk that knows no locks has a second file in its place, which is there as long as
    the lock is held.
    """
    lock = _taken(file, wait=wait)
    try:
        yield
    finally:
        lock.release()


def stand_in_of(file: Path) -> Path:
    """Return the file that is there, where a disk knows no locks, while it is held."""
    return file.with_name(file.name + _STAND_IN)


def _taken(file: Path, *, wait: bool | float) -> BaseFileLock:
    from filelock import FileLock, SoftFileLock, Timeout

    try:
        if not file.parent.is_dir():  # the library would make it
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        try:
            return _acquired(FileLock, file, -1 if wait is True else float(wait))
        except OSError as error:
            if error.errno not in _NO_LOCKS_HERE:
                raise
        # Of another name: a lock file that systems' locks left behind is there as well.
        stand_in = stand_in_of(file)
        patience = _PATIENCE_SECONDS if wait is True else float(wait)
        return _acquired(SoftFileLock, stand_in, patience)
    except Timeout as error:
        message = f"{error.lock_file} is held by another process"
        if error.lock_file.endswith(_STAND_IN):
            message += "; remove it if there is none"
        raise (LockError if wait is True else LockTaken)(message) from None
    except OSError as error:
        text, remedies = disk_problem(error, file)
        raise LockError(f"cannot lock {file}: {text}", *remedies) from error


def _acquired(kind: type[BaseFileLock], file: Path, seconds: float) -> BaseFileLock:
    lock = kind(
        file,
        timeout=seconds,
        thread_local=False,  # a generator may be closed by another thread
        fallback_to_soft=False,
    )
    lock.acquire(poll_interval=0.01)
    return lock
