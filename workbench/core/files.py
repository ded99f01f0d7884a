"""Files that are written whole or not at all, and folders held by one process."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write under a temporary name, make it durable, and rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _make_rename_durable(path.parent)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a lock file; yield whether it was free.

    The system frees it if this process is killed. Some network disks know no locks:
    there it is always free.
    """
    with path.open("a+b") as file:
        yield _lock(file.fileno())


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _make_rename_durable(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_if_empty(*folders: Path) -> None:
    """Remove the folders that hold nothing; give them from the innermost out."""
    for folder in folders:
        with contextlib.suppress(OSError):  # something is in it, or it is not there
            folder.rmdir()
