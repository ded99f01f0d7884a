"""The thread that looks at the folders of runs, so that the window need not wait."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.core.runs.index import RunIndex

_PAUSE = 1.0
_PATIENCE = 3.0
_LEAST_SHARE = 20
"""A look at all folders may take this part of the time, whatever their number."""


class RunScanner(QObject):
    """Gives the rows of all runs at once, and then what changes in them.

    Its thread is a daemon, not a ``QThread``: one that waits for a disk which does not
    answer can be left behind, and the program ends all the same.

    Signals:
        listed(list): the rows that the index knew, before any folder was looked at.
        changed(list, list): rows that are new or different, and folders that are gone.
        settled(): every folder has been looked at once.
    """

    # Not list: Qt would copy it, row by row.
    listed = Signal(object)
    changed = Signal(object, object)
    settled = Signal()

    def __init__(self, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._awake = threading.Event()
        self._stopping = False
        self._wants_all = True

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def look_now(self) -> None:
        """Look at every folder without waiting for the next second."""
        self._wants_all = True
        self._awake.set()

    def shut_down(self) -> None:
        """Stop looking, and wait, but not for a disk that does not answer."""
        self._stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        index = RunIndex(self._runs)
        rows = index.rows()
        if not self._stopping:
            self.listed.emit(rows)
        is_first, cost, looked_at = True, 0.0, 0.0
        while not self._stopping:
            started = time.monotonic()
            is_due = started - looked_at > max(2.0, _LEAST_SHARE * cost)
            everything, self._wants_all = self._wants_all or is_due, False
            self._look(index, only_alive=not everything)
            if everything:
                looked_at = time.monotonic()
                cost = looked_at - started
            if is_first and not self._stopping:
                is_first = False
                self.settled.emit()
            self._awake.wait(_PAUSE)
            self._awake.clear()
        index.close()

    def _look(self, index: RunIndex, *, only_alive: bool) -> None:
        for changes in index.refresh(only_alive=only_alive):
            if self._stopping:
                return
            self.changed.emit(changes.rows, changes.removed)
