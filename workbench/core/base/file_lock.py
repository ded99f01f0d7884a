"""A lock between processes, which a process that dies gives back."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path


class LockTaken(Exception):
    """Another process holds the lock."""


@contextlib.contextmanager
def file_lock(file: Path, *, wait: bool = True) -> Iterator[int | None]:
    """Hold the lock of a file made for it; LockTaken if it is, and not to wait.

    Where it cannot be opened, or its disk knows no locks, there is none. What is given
    is the open file's descriptor. A folder would do on some systems, but neither on
    Windows nor on a network's disk.
    """
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        yield None
        return
    try:
        _lock(handle, wait=wait)
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> None:
    if sys.platform == "win32":
        _lock_on_windows(handle, wait=wait)
        return
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockTaken from None
    except OSError:
        return


def _lock_on_windows(handle: int, *, wait: bool) -> None:
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError as error:
                if not wait:
                    raise LockTaken from None
                if error.errno == errno.EDEADLOCK:  # it gives up after ten seconds
                    continue
            return
