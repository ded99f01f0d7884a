"""An index of a folder of runs, so that ten thousand of them are there at once.

The folders are the truth. The index is a file of SQLite in the user's own folder; it
says what was read of each run and the stamp of its files then, and is brought up to
date, or made anew, from the folders. Losing it loses nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from socket import gethostname
from typing import Any, NamedTuple, get_type_hints

from workbench.core.base.errors import MALFORMED
from workbench.core.base.folders import user_folder
from workbench.core.base.measure import Measure
from workbench.core.runs.row import RunRow, Stamp, is_text, read_row, stamp_of
from workbench.core.runs.store import ALIVE, RunInfo

_VERSION = 9
_BATCH = 250
_MAKING_SECONDS = 3.0
_WATCHED = ("created", *ALIVE, "damaged")
_PROCESS = ("id", "state", "pid", "process_mark", "host", "heartbeat")
_COLUMNS = ", ".join(RunRow._fields)
_MEASURE = RunRow._fields.index("measure")
_STORED: dict[object, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (float, int),
    Measure: (str,),
    int | None: (int, type(None)),
    float | None: (float, int, type(None)),
}
_KINDS = ((int,), (str,), *(_STORED[kind] for kind in get_type_hints(RunRow).values()))
"""What SQLite gives for each column; a flipped bit can make it something else."""
_MARKS = ", ".join("?" * len(_KINDS))
_UPSERT = f"INSERT OR REPLACE INTO runs (seal, stamp, {_COLUMNS}) VALUES ({_MARKS})"


class Changes(NamedTuple):
    """What is new since the last look: rows read, and folders that are gone."""

    rows: list[RunRow]
    removed: list[str]


class RunIndex:
    """The rows of a folder of runs; use it from one thread.

    ``rows`` gives at once what the index says, and ``refresh`` then what the folders
    say differently. Several processes may share the file: each writes what it reads
    from the same folders.
    """

    def __init__(self, runs: Path, file: Path | None = None) -> None:
        self.runs = runs
        self.file = file if file is not None else index_file(runs)
        self._connection = self._open()
        self._stamps: dict[str, Stamp] = {}
        self._watched: dict[str, RunRow] = {}
        self._listed_at = -1

    def rows(self) -> list[RunRow]:
        """Return every run that the index knows, as it was when last looked at."""
        try:
            found = self._connection.execute(
                f"SELECT seal, stamp, {_COLUMNS} FROM runs"
            )
            records = found.fetchall()
        except (sqlite3.DatabaseError, *MALFORMED):
            self._start_anew()
            return []
        if not all(map(_is_sound, records)):
            self._start_anew()
            return []
        self._stamps = {record[2]: record[1] for record in records}
        rows = [*map(_row, records)]
        self._watched = {row.folder: row for row in rows if row.state in _WATCHED}
        return [_now(row) for row in rows]

    def refresh(self, *, only_alive: bool = False) -> Iterator[Changes]:
        """Look at the folders and yield what changed, batch by batch.

        With ``only_alive``, only at new folders and at those that may be training.
        """
        names = self._folder_names(only_alive)
        gone = [] if names is None else sorted(self._stamps.keys() - names)
        if gone:
            self._forget(gone)
            yield Changes([], gone)
        batch: dict[str, tuple[Stamp, RunRow]] = {}
        for name in self._candidates(names, only_alive):
            stamp = stamp_of(self.runs / name)
            if stamp is None or stamp == self._stamps.get(name):
                continue
            row = read_row(self.runs / name)
            if not row.is_run and _is_being_made(self.runs / name):
                self._listed_at = -1
                continue
            batch[name] = (stamp, row)
            if len(batch) >= _BATCH:
                yield self._took(batch)
                batch = {}
        read = self._took(batch).rows if batch else []
        # Only now: a run that came to its end since the last look was not left.
        if rows := read + self._ended():
            yield Changes(rows, [])

    def stale(self) -> str:
        """Return a run that the index knows otherwise than its folder says, if any."""
        for row in self.rows():
            folder = self.runs / row.folder
            if row.is_alive or stamp_of(folder) != self._stamps[row.folder]:
                continue  # it is read again anyway
            if _now(read_row(folder)) != row:
                return row.folder
        return ""

    def rebuild(self) -> None:
        """Forget what the index says, and read every folder."""
        self._start_anew()
        self._write("DELETE FROM runs", [()])  # where a file in use cannot be removed
        for _ in self.refresh():
            pass

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    # The folders.

    def _folder_names(self, only_alive: bool) -> set[str] | None:
        """Return the names of the folders; None if they are what they were."""
        try:
            changed_at = self.runs.stat().st_mtime_ns
            if only_alive and changed_at == self._listed_at:
                return None
            with os.scandir(self.runs) as entries:
                names = {entry.name for entry in entries if _may_be_run(entry)}
        except OSError:
            return set()
        self._listed_at = changed_at
        return names

    def _candidates(self, names: set[str] | None, only_alive: bool) -> list[str]:
        if not only_alive:
            return sorted(names or (), key=_newest_last, reverse=True)
        new = (names or set()) - self._stamps.keys()
        return sorted(new | self._watched.keys())

    def _took(self, batch: dict[str, tuple[Stamp, RunRow]]) -> Changes:
        for name, (stamp, row) in batch.items():
            self._stamps[name] = stamp
            self._watched.pop(name, None)
            if row.state in _WATCHED:
                self._watched[name] = row
        # SQLite keeps text alone: a folder of another name is read each time.
        kept = (item for name, item in batch.items() if is_text(name))
        records = [_sealed(stamp, row) for stamp, row in kept]
        self._write(_UPSERT, records)
        return Changes([_now(row) for _, row in batch.values()], [])

    def _ended(self) -> list[RunRow]:
        """Return the runs whose process went away without a word."""
        ended = [
            now
            for row in self._watched.values()
            if (now := _now(row)).state == "interrupted"
        ]
        for row in ended:
            del self._watched[row.folder]
        return ended

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self._stamps.pop(name, None)
            self._watched.pop(name, None)
        gone = [(name,) for name in names if is_text(name)]
        self._write("DELETE FROM runs WHERE folder = ?", gone)

    # The file.

    def _open(self) -> sqlite3.Connection:
        """Open the file; one that is damaged is made anew, or done without."""
        for _ in range(2):
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                return _connect(str(self.file))
            except (sqlite3.OperationalError, OSError):
                break
            except (sqlite3.DatabaseError, *MALFORMED):
                self._remove_file()
        return _connect(":memory:")

    def _start_anew(self) -> None:
        self._connection.close()
        self._remove_file()
        self._stamps.clear()
        self._watched.clear()
        self._connection = self._open()

    def _remove_file(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(OSError):
                self.file.with_name(self.file.name + ending).unlink()

    def _write(self, statement: str, records: Iterable[tuple[Any, ...]]) -> None:
        """Write in one transaction; what cannot be written is read again next time."""
        try:
            with _transaction(self._connection):
                self._connection.executemany(statement, records)
        except sqlite3.OperationalError:
            return
        except sqlite3.DatabaseError:
            self._connection.close()
            self._remove_file()
            self._connection = self._open()


def all_rows(runs: Path, file: Path | None = None) -> list[RunRow]:
    """Return every run of a folder as it stands now, newest first."""
    index = RunIndex(runs, file)
    rows = {row.folder: row for row in index.rows()}
    for changes in index.refresh():
        rows |= {row.folder: row for row in changes.rows}
        for name in changes.removed:
            rows.pop(name, None)
    index.close()
    return sorted(rows.values(), key=lambda row: (row.created, row.folder))[::-1]


def why_wrong(runs: Path) -> str:
    """Return what is wrong with the index of a folder of runs; empty if nothing is."""
    file = index_file(runs)
    if not file.exists():
        return ""
    try:
        reading = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
        with contextlib.closing(reading):
            (said,) = reading.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.OperationalError:  # it is in use, or the disk is read-only
        return ""
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        return f"it is damaged ({said})"
    with contextlib.closing(RunIndex(runs)) as index:
        stale = index.stale()
    return f"what it says of {stale} is not what the folder says" if stale else ""


def rebuild_index(runs: Path) -> None:
    """Make the index of a folder of runs anew from the folders."""
    with contextlib.closing(RunIndex(runs)) as index:
        index.rebuild()


def index_file(runs: Path) -> Path:
    """Return where the index of a folder of runs is kept.

    Machines that share a home have one each: SQLite's log is for processes of one.
    """
    name = os.fsencode(runs.absolute()) + b"\0" + os.fsencode(gethostname())
    place = hashlib.sha1(name, usedforsecurity=False).hexdigest()
    return user_folder() / "index" / f"{place[:16]}.sqlite3"


def _sealed(stamp: Stamp, row: RunRow) -> tuple[Any, ...]:
    values = (stamp, *row)
    return (_seal(values), *values)


def _seal(values: tuple[Any, ...]) -> int:
    """Return what changes when a bit of the values does, which SQLite does not see."""
    return zlib.crc32("\n".join(map(str, values)).encode())


def _is_sound(record: tuple[Any, ...]) -> bool:
    """Return whether a record is what was written."""
    is_of_kinds = all(map(isinstance, record, _KINDS))
    return is_of_kinds and record[0] == _seal(record[1:])


def _row(record: tuple[Any, ...]) -> RunRow:
    values = list(record[2:])
    values[_MEASURE] = Measure(values[_MEASURE])
    return RunRow._make(values)


def _connect(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=5.0, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if _version(connection) != _VERSION:
            with _transaction(connection):
                if _version(connection) != _VERSION:
                    _make_table(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _make_table(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS runs")
    connection.execute(
        f"CREATE TABLE runs (seal, stamp TEXT, {_COLUMNS}, PRIMARY KEY (folder))"
    )
    connection.execute(f"PRAGMA user_version = {_VERSION}")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _now(row: RunRow) -> RunRow:
    """Return the row as things stand: interrupted, where its process is gone."""
    if not row.is_alive:
        return row
    info = RunInfo.model_construct(**{name: getattr(row, name) for name in _PROCESS})
    return row._replace(state=info.state_now)


def _may_be_run(entry: os.DirEntry[str]) -> bool:
    try:
        return not entry.name.startswith(".") and entry.is_dir()
    except OSError:  # a link to itself, say
        return False


def _is_being_made(folder: Path) -> bool:
    """Return whether what is missing may still come: something was just written."""
    try:
        # A clock that was set back leaves behind times that are to come.
        return abs(time.time() - folder.stat().st_mtime) < _MAKING_SECONDS
    except OSError:
        return False


def _newest_last(name: str) -> str:
    return name[-22:]
