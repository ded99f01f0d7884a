"""What is being written has a temporary name; what the killed leave behind is swept.

.NAME.HOST-PID.part

HOST stands for the machine, on which alone it can be told whether the process still
runs. Version 0.1.0 left it out.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from workbench.core.base.processes import has_run_since

_NAME = re.compile(r"\.(.+)\.(?:([0-9a-f]{6})-)?(\d{1,9})\.part", re.DOTALL)
_OLD_SECONDS = 24 * 3600.0
"""What another machine began so long ago is not being written any more."""


def temporary_of(path: Path) -> Path:
    """Return under what name this process writes what is to be ``path``."""
    return path.with_name(f".{path.name}.{_here()}-{os.getpid()}.part")


def left_behind(folder: Path, name: str = "") -> list[Path]:
    """Return what processes that are gone began to write in a folder.

    Given a ``name``, only what was to be called so.
    """
    with contextlib.suppress(OSError):
        return sorted(_left(folder, name))
    return []


def sweep(folder: Path, name: str = "") -> list[Path]:
    """Remove what ``left_behind`` finds, as far as it can be; return what it found."""
    found = left_behind(folder, name)
    for each in found:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                each.unlink()
    return found


@functools.lru_cache
def sweep_once(folder: Path, name: str) -> None:
    """Remove what was to be called so, when this process first writes it.

    Looking through a folder of ten thousand takes milliseconds.
    """
    sweep(folder, name)


def _left(folder: Path, name: str) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and name in ("", match[1]) and _is_left(entry, match):
                yield Path(entry.path)


def _is_left(entry: os.DirEntry[str], match: re.Match[str]) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # it has just become what it was to be
        return False
    if match[2] != _here():
        return time.time() - status.st_mtime > _OLD_SECONDS
    # A second name of a file has the file's own age, and changes it now.
    return not has_run_since(int(match[3]), max(status.st_mtime, status.st_ctime))


@functools.cache
def _here() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
