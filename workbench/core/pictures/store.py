"""Pictures kept once: one uint8 array in a file, and an index of its classes.

A folder holds ``index.json`` and the ``.npy`` file it names. No torch here, so that
data sets can be listed at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from workbench.core.base.errors import MALFORMED, DataError
from workbench.core.base.files import open_to_read, read
from workbench.core.base.phrases import one_line
from workbench.core.base.splits import SPLITS, Split
from workbench.core.pictures.class_list import ClassList

Pictures = npt.NDArray[np.uint8]
INDEX = "index.json"
FORM = 1
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
    record = read_record(folder)
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
    record = read_record(folder)
    if record is None:
        return None
    index, array = record
    try:
        pictures = _mapped(array, (index.total, *index.shape))
    except (OSError, ValueError) as error:
        raise damaged(array, str(error)) from error
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


def read_record(folder: Path) -> tuple[PictureIndex, Path] | None:
    """Return the index kept in ``folder`` and the array it names; None if none are."""
    path = folder / INDEX
    try:
        record = json.loads(read(path, _MOST_BYTES).decode())
        if record["form"] != FORM:
            raise ValueError(f"form {record['form']!r} is not form {FORM}")
        index = PictureIndex.from_json(record)
        array = folder / Path(record["array"]).name
        if not _ARRAY.fullmatch(array.name):
            raise ValueError("it names no array of pictures")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, *MALFORMED) as error:
        raise damaged(path, str(error)) from error
    if not array.is_file():
        raise damaged(path, f"{array.name} is missing beside it")
    return index, array


def damaged(path: Path, why: str) -> DataError:
    """Return the error that says so of a file, and what helps."""
    why = one_line(why)
    return DataError(f"{path} is damaged ({why}): import or fetch the data set again")
