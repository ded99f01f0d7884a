"""A disk whose n-th operation fails, laid under those that the product uses.

What is replaced are the lowest operations that Python code has: ``os.open`` and its
likes, and the raw file under every ``open``. What SQLite, torch and the kernel do by
themselves is not seen.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
import threading
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any
from unittest import mock


class Killed(BaseException):
    """The process is gone, with all that it would still have done."""


class Fault(Enum):
    """What becomes of the n-th operation, and of those after it."""

    ERROR = "one error"
    """EIO, once."""
    FULL = "a full disk"
    """ENOSPC, for all that needs room, until there is some."""
    SHORT = "half a write"
    """The first half of what is written, and then a full disk."""
    KILL = "a kill"
    """Nothing, and nothing after it either."""


_TAKES_ROOM = {"create", "write", "mkdir", "link", "fsync"}


class Disk:
    """Counts the operations on what is in a folder, and fails one of them."""

    def __init__(self, folder: Path, fault: Fault = Fault.ERROR, at: int = -1) -> None:
        self._root = os.path.join(os.path.realpath(folder), "")
        self._fault, self._at = fault, at
        self._lock = threading.Lock()
        self._ours: set[int] = set()
        self.done: list[str] = []
        """What was asked for, in order."""
        self.has_failed = False

    def holds(self, file: Any) -> bool:
        """Return whether a path, or an open file, is of this disk."""
        if isinstance(file, int):
            return file in self._ours
        path = os.fsdecode(os.path.abspath(file))
        return path.startswith(self._root)

    def took(self, descriptor: int) -> None:
        """Note an open file."""
        self._ours.add(descriptor)

    def gave_back(self, descriptor: int) -> None:
        """Forget an open file."""
        self._ours.discard(descriptor)

    def ask(self, what: str, file: Any) -> bool:
        """Let an operation be done, or fail it; return whether to do half of it."""
        with self._lock:
            number = len(self.done)
            self.done.append(what)
        is_it, is_after = number == self._at, number > self._at >= 0
        match self._fault:
            case Fault.ERROR if is_it:
                self._fail(errno.EIO, file)
            case Fault.FULL if (is_it or is_after) and what in _TAKES_ROOM:
                self._fail(errno.ENOSPC, file)
            case Fault.SHORT if is_it and what == "write":
                return True
            case Fault.SHORT if (is_it or is_after) and what in _TAKES_ROOM:
                self._fail(errno.ENOSPC, file)
            case Fault.KILL if is_it or is_after:
                self.has_failed = True
                raise Killed
        return False

    def _fail(self, number: int, file: Any) -> None:
        self.has_failed = True
        name = () if isinstance(file, int) else (os.fspath(file),)
        raise OSError(number, os.strerror(number), *name)


class _RawFile(io.FileIO):
    """A file of the disk, as it is below all buffers."""

    def __init__(self, disk: Disk, file: Any, mode: str, opener: Any) -> None:
        super().__init__(file, mode, opener=opener)
        self._disk = disk
        disk.took(self.fileno())

    def write(self, content: Any) -> int:
        view = memoryview(content).cast("B")
        is_half = self._disk.ask("write", self.name)
        return super().write(view[: len(view) // 2] if is_half else view) or 0

    def readinto(self, buffer: Any) -> int:
        self._disk.ask("read", self.name)
        return super().readinto(buffer) or 0

    def read(self, size: int | None = -1) -> bytes:
        self._disk.ask("read", self.name)
        return super().read(size) or b""

    def readall(self) -> bytes:
        self._disk.ask("read", self.name)
        return super().readall() or b""

    def truncate(self, size: int | None = None) -> int:
        self._disk.ask("truncate", self.name)
        return super().truncate(size)

    def close(self) -> None:
        if not self.closed:
            self._disk.gave_back(self.fileno())
        super().close()


@contextlib.contextmanager
def laid_under(disk: Disk) -> Iterator[Disk]:
    """Let everything in this process use the disk."""
    opened = _opening(disk)
    with contextlib.ExitStack() as stack:
        for module in (builtins, io):
            stack.enter_context(mock.patch.object(module, "open", opened))
        for name, what in _NAMED.items():
            if hasattr(os, name):
                asking = _asking(disk, getattr(os, name), what)
                stack.enter_context(mock.patch.object(os, name, asking))
        stack.enter_context(mock.patch.object(os, "open", _os_open(disk)))
        stack.enter_context(mock.patch.object(os, "close", _os_close(disk)))
        yield disk


_NAMED = {
    "write": "write",
    "sendfile": "write",
    "copy_file_range": "write",
    "fsync": "fsync",
    "replace": "rename",
    "rename": "rename",
    "link": "link",
    "unlink": "unlink",
    "remove": "unlink",
    "mkdir": "mkdir",
    "rmdir": "rmdir",
    "scandir": "list",
    "listdir": "list",
}


def _asking(disk: Disk, real: Callable[..., Any], what: str) -> Callable[..., Any]:
    def operation(file: Any = ".", *rest: Any, **named: Any) -> Any:
        if "dir_fd" not in named and disk.holds(file):
            disk.ask(what, file)
        return real(file, *rest, **named)

    return operation


def _os_open(disk: Disk) -> Callable[..., int]:
    real = os.open

    def opened(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if not disk.holds(path):
            return real(path, flags, *rest, **named)
        creates = flags & os.O_CREAT and not os.path.exists(path)
        disk.ask("create" if creates else "open", path)
        descriptor = real(path, flags, *rest, **named)
        disk.took(descriptor)
        return descriptor

    return opened


def _os_close(disk: Disk) -> Callable[[int], None]:
    real = os.close

    def close(descriptor: int) -> None:
        disk.gave_back(descriptor)
        real(descriptor)

    return close


def _opening(disk: Disk) -> Callable[..., Any]:
    real = io.open

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if isinstance(file, int) or not disk.holds(file):
            return real(
                file, mode, buffering, encoding, errors, newline, closefd, opener
            )
        if opener is None:  # else it uses os.open
            creates = set(mode) & {*"wxa"} and not os.path.exists(file)
            disk.ask("create" if creates else "open", file)
        raw = _RawFile(disk, file, mode.replace("b", "").replace("t", ""), opener)
        if buffering == 0:
            return raw
        if "+" in mode:
            buffered: Any = io.BufferedRandom(raw)
        else:
            is_read = "r" in mode
            buffered = io.BufferedReader(raw) if is_read else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding, errors, newline)

    return opened
