"""What is left of a session that died: its mark, and faulthandler's log of a crash."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from workbench.core.base.processes import is_running, process_mark
from workbench.core.runs.errors import RunError
from workbench.core.runs.index import RunIndex
from workbench.core.runs.store import RunFolder


class Left(NamedTuple):
    """A session that ended without closing: its process, and where it crashed."""

    pid: int
    crash: str
    """Where every thread was; empty if the process was ended from outside."""


class CrashLog:
    """Marks this session, and has Python write where it was, should it crash.

    Every session has a mark of its own: two windows leave each other's alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sessions"
        self._file: TextIO | None = None

    def take_last(self) -> Left | None:
        """Return the last session that ended without closing, and forget all such."""
        left = [self._taken(mark) for mark in self._marks() if _is_left(mark)]
        return left[-1] if left else None

    def start(self) -> None:
        """Mark the session, and write to its log from now on if the process crashes."""
        mark, log = self._own()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            mark.write_text(process_mark(os.getpid()), encoding="utf-8")
            self._file = log.open("w", encoding="utf-8")
        except OSError:
            return
        faulthandler.enable(self._file, all_threads=True)

    def stop(self) -> None:
        """End without a crash: nothing is left to show."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            for file in self._own():
                file.unlink(missing_ok=True)

    def _own(self) -> tuple[Path, Path]:
        mark = self._folder / f"{os.getpid()}.mark"
        return mark, mark.with_suffix(".log")

    def _marks(self) -> list[Path]:
        """Return the marks of all sessions, the newest last."""
        return sorted(self._folder.glob("*.mark"), key=_made)

    def _taken(self, mark: Path) -> Left:
        log = mark.with_suffix(".log")
        try:
            crash = log.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            crash = ""
        for file in (mark, log):
            file.unlink(missing_ok=True)
        return Left(int(mark.stem), crash)


def runs_left(runs: Path, pid: int) -> Iterator[RunFolder]:
    """Yield the runs that a process was training when it ended."""
    index = RunIndex(runs)
    folders = [row.folder for row in index.rows() if row.pid == pid]
    index.close()
    for folder in map(RunFolder, (runs / name for name in folders)):
        try:
            is_left = folder.info().state == "interrupted"
        except RunError:
            continue
        if is_left:
            yield folder


def _is_left(mark: Path) -> bool:
    try:
        text = mark.read_text(encoding="utf-8", errors="replace")
        return not is_running(int(mark.stem), text)
    except (OSError, ValueError):
        return False


def _made(mark: Path) -> float:
    try:
        return mark.stat().st_mtime
    except OSError:
        return 0.0
