"""Writes pictures to where they are kept, all or none.

A new array is written under a temporary name and the index is replaced last, in one
step: whoever reads sees the whole old data set or the whole new one, whatever happens
to the writer.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

import numpy as np

from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import OTHER_DATA, DataError
from workbench.core.base.file_lock import LockError, file_lock
from workbench.core.base.files import remove_if_empty, write_atomically
from workbench.core.pictures.store import (
    FORM,
    INDEX,
    PictureIndex,
    Pictures,
    StoredPictures,
    damaged,
    open_pictures,
    read_record,
)

LOCK = "lock"


def is_writable(folder: Path) -> bool:
    """Return whether files may be made in ``folder``, which need not exist yet."""
    try:
        mode = folder.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return is_writable(folder.parent)
    # Root may write anywhere; a folder that forbids it to all is meant to stay.
    if mode & 0o222 and os.access(folder, os.W_OK):
        return True
    # Another writer may have removed it meanwhile.
    return not folder.exists() and is_writable(folder.parent)


class PictureWriter:
    """Writes a new data set into ``folder``, or into memory if there is none.

    Used as a context: pictures are appended as they come, so that memory stays bounded,
    and ``finish`` puts them in the place of what was there. Leaving the context without
    it, by an error or on purpose, removes what was written, and a folder made for it.
    One writer at a time.
    """

    def __init__(self, folder: Path | None, shape: tuple[int, int, int]) -> None:
        self._folder = folder
        self._shape = shape
        self._total = 0
        self._digest = hashlib.sha256()
        self._temporary: Path | None = None
        self._file: IO[bytes] = io.BytesIO()
        self._open = contextlib.ExitStack()
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        """Wait for other writers, sweep up after killed ones, and begin."""
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        """Remove what is unfinished."""
        with contextlib.suppress(OSError):  # a full disk fails the last flush again
            self._file.close()
        if self._temporary is not None:  # the lock is ours
            _sweep(self._temporary.parent)
        is_windows = sys.platform == "win32"  # where no open file can be removed
        if not is_windows:
            self._remove_unused()  # who waits makes it anew
        self._open.close()
        if is_windows:
            self._remove_unused()

    def append(self, pictures: Pictures) -> None:
        """Add pictures [n, channels, height, width] behind those before."""
        if pictures.shape[1:] != self._shape or pictures.dtype != np.uint8:
            raise ValueError(f"{pictures.dtype} {pictures.shape} is not {self._shape}")
        content = np.ascontiguousarray(pictures).tobytes()
        self._digest.update(content)
        with _disk_errors(self._folder):
            self._file.write(content)
        self._total += len(pictures)

    def finish(self, index: PictureIndex) -> StoredPictures:
        """Put the pictures, with their index, in the place of what was there."""
        if index.total != self._total or index.shape != self._shape:
            raise ValueError(f"the index has {index.total} pictures, not {self._total}")
        with _disk_errors(self._folder):
            self._write_header()
            if self._folder is None or self._temporary is None:
                self._file.seek(0)
                return StoredPictures(index, np.load(self._file, allow_pickle=False))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            array = f"pictures-{self._digest.hexdigest()[:16]}.npy"
            self._temporary.replace(self._folder / array)
            record = {"form": FORM, "array": array, **index.to_json()}
            text = json.dumps(record, ensure_ascii=False)
            write_atomically(self._folder / INDEX, text.encode())
            _sweep(self._folder)
        stored = open_pictures(self._folder)
        if stored is None:
            raise damaged(self._folder / INDEX, "it went away while it was written")
        return stored

    def _begin(self) -> None:
        if self._folder is not None:
            if not is_writable(self._folder):
                raise DataError(f"{self._folder} may not be written to", OTHER_DATA)
            with _disk_errors(self._folder):
                above = (self._folder, self._folder.parent)
                self._made = [each for each in above if not each.exists()]
                self._open.enter_context(_lock(self._folder))
                self._temporary = self._folder / f"{os.getpid()}.partial"
                _sweep(self._folder)
                self._file = self._open.enter_context(self._temporary.open("w+b"))
        self._write_header()

    def _remove_unused(self) -> None:
        """Remove the lock where there are no pictures, and folders made for them."""
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                if not self._temporary.with_name(INDEX).exists():
                    self._temporary.with_name(LOCK).unlink(missing_ok=True)
        remove_if_empty(*self._made)

    def _write_header(self) -> None:
        # numpy leaves room for a longer first axis: the header keeps its length.
        self._file.seek(0)
        header = {
            "descr": "|u1",
            "fortran_order": False,
            "shape": (self._total, *self._shape),
        }
        np.lib.format.write_array_header_1_0(self._file, header)


def unfinished(folder: Path) -> list[Path]:
    """Return what was begun to be written into a folder of pictures."""
    return sorted(folder.glob("*.partial"))


def _sweep(folder: Path) -> None:
    """Remove what is unfinished, and arrays that the index does not name.

    What cannot be removed, as an open file, the next writer will.
    """
    with contextlib.suppress(DataError, OSError):
        for file in unfinished(folder):
            _remove(file)
        record = read_record(folder)
        kept = "" if record is None else record[1].name
        for file in folder.glob("pictures-*.npy"):
            if file.name != kept:
                _remove(file)


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk_errors(folder: Path | None) -> Iterator[None]:
    try:
        yield
    except LockError as error:
        raise DataError(str(error), *error.remedies) from error
    except OSError as error:
        text, remedies = disk_problem(error, folder or Path(), OTHER_DATA)
        raise DataError(
            f"cannot write to {folder}: {text}; what was there before is unchanged",
            *remedies,
        ) from error


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system frees if this process is killed."""
    with contextlib.ExitStack() as stack:
        while True:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(file_lock(folder / LOCK))
                break
            except FileExistsError:
                if folder.exists():
                    raise
            except LockError as error:
                if not isinstance(error.__cause__, FileNotFoundError):
                    raise
            # Who had the lock took the folder away just then.
        yield
