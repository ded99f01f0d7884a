"""Where sketch sessions are kept as they are drawn: a file each, called as they are.

FOLDER/NAME.json            a session; the newest is the one worked on last
FOLDER/deleted/NAME.json    one that was deleted, and can be brought back
FOLDER/aside/NAME.json      one that could not be read: it is never written to
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import time
from pathlib import Path

from workbench.core.base.errors import DataError
from workbench.core.base.files import read
from workbench.core.sketch.session import Sketch, file_name, load, save

_FIRST = "Sketch 1"
_MOST_DELETED = 50


class Shelf:
    """Keeps sessions. What another window wrote meanwhile is never written over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    def names(self) -> list[str]:
        """Return what the sessions are called, in alphabetical order."""
        names = (path.stem for path in self._folder.glob("*.json") if _is_shown(path))
        return sorted(names, key=str.casefold)

    def by_age(self) -> list[str]:
        """Return what the sessions are called, the one worked on last before others."""
        return sorted(
            self.names(), key=lambda name: _age(self._path(name)), reverse=True
        )

    def free_name(self, wanted: str = _FIRST) -> str:
        """Return a name that no session has: the one that is wanted, or one like it."""
        wanted = file_name(wanted)
        stem, _, end = wanted.rpartition(" ")
        stem = stem if stem and end.isdecimal() else wanted
        taken = {name.casefold() for name in self.names()}
        numbered = (f"{stem} {number}" for number in itertools.count(2))
        names = itertools.chain([wanted], numbered)
        return next(name for name in names if name.casefold() not in taken)

    def open(self, name: str) -> Sketch:
        """Read a session; one that cannot be read is put aside, and DataError says so.

        From now on it is the one worked on last.
        """
        path = self._path(name)
        try:
            sketch = load(path)
            _make_newest(path)
        except DataError as error:
            raise DataError(f"{error} {self._put_aside(path)}") from error
        self._known[name] = _digest(path)
        return sketch

    def keep(self, name: str, sketch: Sketch) -> str:
        """Write a session; return its name, another where that one is not ours."""
        path = self._path(name)
        if path.exists() and _digest(path) != self._known.get(name):
            name = self.free_name(name)
            path = self._path(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"Cannot write {path.name}: {error.strerror}.") from error
        save(sketch, path)
        _make_newest(path)
        self._known[name] = _digest(path)
        return name

    def rename(self, name: str, wanted: str) -> str:
        """Call a session otherwise, if it was kept yet; return the name it has got."""
        if wanted == name or not wanted.strip():
            return name
        is_only_case = file_name(wanted).casefold() == name.casefold()
        new = file_name(wanted) if is_only_case else self.free_name(wanted)
        if self._path(name).exists():
            self._move(self._path(name), self._path(new))
            self._known[new] = self._known.pop(name, b"")
        return new

    def delete(self, name: str) -> Path | None:
        """Put a session where it can be brought back from; None if it is not kept."""
        if not self._path(name).exists():
            return None
        thrown = self._free_path("deleted", name)
        self._move(self._path(name), thrown)
        _make_newest(thrown)
        for path in self.deleted()[_MOST_DELETED:]:
            path.unlink(missing_ok=True)
        return thrown

    def deleted(self) -> list[Path]:
        """Return the sessions that were deleted, the last one first."""
        found = (self._folder / "deleted").glob("*.json")
        return sorted(found, key=_age, reverse=True)

    def bring_back(self, thrown: Path) -> str:
        """Put a deleted session where it was; return its name."""
        name = self.free_name(thrown.stem)
        self._move(thrown, self._path(name))
        return name

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _free_path(self, place: str, name: str) -> Path:
        numbered = (f"{name} {number}" for number in itertools.count(2))
        paths = (
            self._folder / place / f"{each}.json"
            for each in itertools.chain([name], numbered)
        )
        return next(path for path in paths if not path.exists())

    def _put_aside(self, path: Path) -> str:
        aside = self._free_path("aside", path.stem)
        try:
            self._move(path, aside)
        except DataError:
            return "It was left where it is."
        return f"It is kept aside as {aside}."

    def _move(self, path: Path, to: Path) -> None:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            path.rename(to)
        except OSError as error:
            raise DataError(f"Cannot move {path.name}: {error.strerror}.") from error


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".")


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # another window took it away
        return 0


def _make_newest(path: Path) -> None:
    """Date a file by the exact clock: by the system's, two may be equally old."""
    now = time.time_ns()
    with contextlib.suppress(OSError):  # it was taken away, or is not ours to date
        os.utime(path, ns=(now, now))


def _digest(path: Path) -> bytes:
    """Return what tells whether another has written the file."""
    try:
        return hashlib.sha256(read(path)).digest()
    except OSError:
        return b""
