"""A lock between processes, which a process that dies gives back."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


class LockTaken(Exception):
    """Another process holds the lock."""


@contextlib.contextmanager
def file_lock(file: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a file made for it; LockTaken if it is, and not to wait.

    Where it cannot be opened, or its disk knows no locks, there is none. A folder
    would do on some systems, but neither on Windows nor on a network's disk.
    """
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        yield
        return
    try:
        _lock(handle, wait=wait)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            if not wait:
                raise LockTaken from None
        return
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockTaken from None
    except OSError:
        return
