"""Reads a run's file of events a piece at a time, however long it is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from workbench.core.base.files import open_to_read
from workbench.core.runs.events import Event, from_json

PIECE_BYTES = 2**18
"""What is read at once, to the end of a line."""

_LONGEST_LINE = 2**24
"""No event is longer: a line that is comes in parts, none of which is an event."""


class Follower:
    """Reads a growing file of events, and notices when it was cut back.

    A file cut back and grown again in between is known by its last line read, which
    is no longer there. Where events of ``only`` one name are wanted, all other lines
    are passed over, of which there may be thousands to one.
    """

    def __init__(self, file: Path, only: str = "") -> None:
        self._file, self._mark = file, f'"{only}"'.encode() if only else b""
        self._offset = 0
        self._last_line = b""

    def read_new(self) -> tuple[bool, list[Event]]:
        """Return whether the file began anew, and the next events: none at its end.

        There may be more of them: ask again.
        """
        restarted = False
        while True:
            try:
                with open_to_read(self._file) as file:
                    restarted |= self._find_place(file)
                    lines = list(_whole_lines(file))
            except OSError:
                return restarted, []
            self._offset += sum(map(len, lines))
            self._last_line = lines[-1] if lines else self._last_line
            events = list(_parsed(line for line in lines if self._mark in line))
            if events or not lines:
                return restarted, events

    def _find_place(self, file: BinaryIO) -> bool:
        """Go to where reading goes on; return whether that is the beginning again."""
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, self._offset - len(self._last_line)))
        is_same = file.read(len(self._last_line)) == self._last_line
        if self._offset <= size and is_same:
            return False
        self._offset, self._last_line = file.seek(0), b""
        return True


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    size = 0
    while size < PIECE_BYTES:
        line = file.readline(_LONGEST_LINE)
        if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
            return  # the end, or a line that is still being written
        size += len(line)
        yield line


def _parsed(lines: Iterable[bytes]) -> Iterator[Event]:
    for line in lines:
        try:
            yield from_json(line)
        except ValueError:
            continue
