"""Pictures kept once: one uint8 array in a file, and an index of its classes.

A folder holds ``index.json`` and the ``.npy`` file it names. A new array is written
under a temporary name and the index is replaced last, in one step: whoever reads sees
the whole old data set or the whole new one, whatever happens to the writer. No torch
here, so that data sets can be listed at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import io
import itertools
import json
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import MALFORMED, OTHER_DATA, DataError
from workbench.core.base.file_lock import LockError, file_lock
from workbench.core.base.files import (
    open_to_read,
    read,
    remove_if_empty,
    write_atomically,
)
from workbench.core.base.phrases import one_line
from workbench.core.learning.episode import SPLITS, Split
from workbench.core.pictures.class_list import ClassList

Pictures = npt.NDArray[np.uint8]
INDEX = "index.json"
LOCK = "lock"
_FORM = 1
_MOST_PICTURES = 2**40
_MOST_BYTES = 2**30
_ARRAY = re.compile(r"pictures-\w+\.npy")
_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '\|u1', 'fortran_order': False, "
    rb"'shape': \((\d+, \d+, \d+, \d+)\), \} *\n",
    re.DOTALL,
)
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class PictureIndex:
    """Which rows of the array are which class; classes lie one after the other.

    ``counts`` has the pictures of each class and ``groups`` the row of its group (its
    alphabet) in ``group_names``. ``splits`` are the class names of each split where the
    data set comes with one, ``picture_names`` what to call the rows (numbers within the
    class if empty), and ``left_out`` says which files could not be used, and why.
    ``split_choice`` are the task's settings on splits that were chosen at the import.
    """

    shape: tuple[int, int, int]
    names: tuple[str, ...]
    counts: tuple[int, ...]
    groups: tuple[int, ...]
    group_names: tuple[str, ...]
    splits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    picture_names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    split_choice: dict[str, Any] = field(default_factory=dict)

    @property
    def given_splits(self) -> dict[Split, list[int]]:
        """The rows of each split's classes; empty where there are no splits."""
        if not self.splits:
            return {}
        rows = {name: row for row, name in enumerate(self.names)}
        return {s: [rows[name] for name in self.splits.get(s, ())] for s in SPLITS}

    @functools.cached_property
    def listed(self) -> ClassList:
        """The classes, without where their pictures are."""
        return ClassList(self.names, self.counts, self.groups, self.given_splits)

    @property
    def firsts(self) -> tuple[int, ...]:
        """The first row of each class."""
        return tuple(itertools.accumulate(self.counts, initial=0))[:-1]

    @property
    def total(self) -> int:
        """How many pictures there are."""
        return sum(self.counts)

    def to_json(self) -> dict[str, Any]:
        """Return the index as plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> PictureIndex:
        """Return the index that ``to_json`` gave; ValueError if it is none."""
        if missing := {"splits", "picture_names", "left_out"} - record.keys():
            raise ValueError(f"it has no {min(missing)}")
        try:
            index = _reader().validate_python(record)
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            place = ".".join(map(str, wrong["loc"]))
            raise ValueError(f"{place}: {wrong['msg']}") from None
        index.check()
        return index

    def check(self) -> None:
        """Raise ValueError where the parts do not fit each other."""
        if len({*self.names}) != len(self.names):
            raise ValueError("it has a class twice")
        if not len(self.names) == len(self.counts) == len(self.groups):
            raise ValueError("its lists differ in length")
        if min(*self.shape, *self.counts) < 0 or self.total > _MOST_PICTURES:
            raise ValueError("its sizes make no sense")
        if not {*self.groups} <= {*range(len(self.group_names))}:
            raise ValueError("it has classes in a group that is not there")
        if self.picture_names and len(self.picture_names) != self.total:
            raise ValueError("its pictures have too few names, or too many")
        in_splits = [*itertools.chain(*self.splits.values())]
        if not ({*self.splits} <= {*SPLITS} and {*in_splits} <= {*self.names}):
            raise ValueError("it has splits, or classes in them, that are not there")
        if len({*in_splits}) != len(in_splits):
            raise ValueError("it has a class in two splits")


@functools.cache
def _reader() -> TypeAdapter[PictureIndex]:
    return TypeAdapter(PictureIndex)


@dataclass(frozen=True)
class StoredPictures:
    """The index with its pictures, [pictures, channels, height, width]."""

    index: PictureIndex
    pictures: Pictures
    folder: Path | None = None
    """Where they are kept; None if only in memory."""
    digest: str = ""
    """Of the pictures themselves; empty if they are only in memory."""

    def of_class(self, row: int) -> Pictures:
        """Return the pictures of one class."""
        first = self.index.firsts[row]
        return self.pictures[first : first + self.index.counts[row]]


def read_index(folder: Path) -> PictureIndex | None:
    """Return the index of the pictures kept in ``folder``; None if none are."""
    record = _read(folder)
    return None if record is None else record[0]


def known_index(folder: Path) -> PictureIndex | None:
    """Return what ``read_index`` does, reading the file only where it is another."""
    try:
        about = (folder / INDEX).stat()
    except OSError:
        return read_index(folder)
    return _index_at(folder, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=8)
def _index_at(folder: Path, _changed: int, _size: int) -> PictureIndex | None:
    return read_index(folder)


def open_pictures(folder: Path) -> StoredPictures | None:
    """Return the pictures kept in ``folder``, mapped into memory; None if none are."""
    record = _read(folder)
    if record is None:
        return None
    index, array = record
    try:
        pictures = _mapped(array, (index.total, *index.shape))
    except (OSError, ValueError) as error:
        raise _damaged(array, str(error)) from error
    return StoredPictures(index, pictures, folder, array.stem.partition("-")[2])


def _mapped(file: Path, shape: tuple[int, ...]) -> Pictures:
    """Map an array of that shape into memory; what numpy's head may be is not asked."""
    with open_to_read(file) as opened:
        head = _HEAD.match(opened.read(_HEAD_BYTES))
        size = os.fstat(opened.fileno()).st_size
    if head is None:
        raise ValueError("it does not begin as an array of pictures does")
    if tuple(map(int, head[1].split(b","))) != shape:
        raise ValueError(f"it holds {head[1].decode()}")
    if size != head.end() + math.prod(shape):
        raise ValueError(f"it has {size:,} bytes")
    return np.memmap(file, np.uint8, "c", head.end(), shape)


def kept_bytes(folder: Path) -> int:
    """Return how much room a folder's files take."""
    with contextlib.suppress(OSError):
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return 0


def _read(folder: Path) -> tuple[PictureIndex, Path] | None:
    path = folder / INDEX
    try:
        record = json.loads(read(path, _MOST_BYTES).decode())
        if record["form"] != _FORM:
            raise ValueError(f"form {record['form']!r} is not form {_FORM}")
        index = PictureIndex.from_json(record)
        array = folder / Path(record["array"]).name
        if not _ARRAY.fullmatch(array.name):
            raise ValueError("it names no array of pictures")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, *MALFORMED) as error:
        raise _damaged(path, str(error)) from error
    if not array.is_file():
        raise _damaged(path, f"{array.name} is missing beside it")
    return index, array


def _damaged(path: Path, why: str) -> DataError:
    why = one_line(why)
    return DataError(f"{path} is damaged ({why}): import or fetch the data set again")


def is_writable(folder: Path) -> bool:
    """Return whether files may be made in ``folder``, which need not exist yet."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        # Root may write anywhere; a folder that forbids it to all is meant to stay.
        if folder.stat().st_mode & 0o222 and os.access(folder, os.W_OK):
            return True
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
            record = {"form": _FORM, "array": array, **index.to_json()}
            text = json.dumps(record, ensure_ascii=False)
            write_atomically(self._folder / INDEX, text.encode())
            _sweep(self._folder)
        stored = open_pictures(self._folder)
        if stored is None:
            raise _damaged(self._folder / INDEX, "it went away while it was written")
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
        record = _read(folder)
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
