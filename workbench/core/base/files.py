"""Files: written whole or not at all, and read if they are files at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from workbench.core.base.temporaries import sweep_once, temporary_of

DAMAGED = ".damaged-"
"""What is in the names of files that are kept though they could not be read."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write under a temporary name, make it durable, and rename."""
    with written_atomically(path) as file:
        file.write(content)


@contextlib.contextmanager
def written_atomically(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which is ``path`` once all of it is on the disk.

    If anything goes wrong, what was there stays.
    """
    sweep_once(path.parent, path.name)
    temporary = temporary_of(path)
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _make_rename_durable(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None
        raise


def copy_atomically(source: Path, path: Path, *, may_link: bool = False) -> None:
    """Let ``path`` be a copy of a file; or, at once, another name for the same."""
    sweep_once(path.parent, path.name)
    temporary = temporary_of(path)
    try:
        temporary.unlink(missing_ok=True)
        if not (may_link and _linked(source, temporary)):
            shutil.copyfile(source, temporary)
        temporary.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        with contextlib.suppress(OSError):  # of one file, neither name is replaced
            temporary.unlink()


@contextlib.contextmanager
def made_atomically(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which is ``folder`` once all is in it.

    If anything goes wrong, nothing comes of it.
    """
    part = temporary_of(folder)
    try:
        part.mkdir(parents=True)
        yield part
        if folder.is_dir():  # an empty one, which not every system replaces
            folder.rmdir()
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _linked(source: Path, path: Path) -> bool:
    try:
        os.link(source, path)
    except OSError:  # a disk without hard links
        return False
    return True


def read(path: Path, most: int = 64 * 2**20) -> bytes:
    """Return what a file holds; OSError also if it is a pipe, a device or too large.

    Whoever opens a pipe that nobody writes to waits for ever.
    """
    with open_to_read(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            reason = f"its {size:,} bytes are more than the {most:,} that are read"
            raise OSError(errno.EFBIG, reason, str(path))
        return file.read(size)


def open_to_read(path: Path) -> BinaryIO:
    """Open a file of bytes; OSError also if it is a pipe or a device."""
    return open(path, "rb", opener=_open_regular)


def _open_regular(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a regular file", path)


def stamp_of(file: Path) -> tuple[int, int]:
    """Return what is another whenever a file was written, which need not be there."""
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


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


def aside_of(path: Path) -> Path:
    """Return a name for what is damaged, beside it, that nothing else has."""
    names = (f"{path.stem}{DAMAGED}{n}{path.suffix}" for n in itertools.count(1))
    asides = map(path.with_name, names)
    return next(each for each in asides if not os.path.lexists(each))


def put_aside(path: Path) -> Path:
    """Let something damaged have another name; return that."""
    return path.rename(aside_of(path))
