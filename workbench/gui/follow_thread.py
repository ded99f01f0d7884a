"""The thread that reads a run's folder, whoever is writing it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal
from typing_extensions import override

from workbench.gui.run_thread import Outbox

if TYPE_CHECKING:
    from workbench.core.run_store import RunFolder, RunInfo

POLL_SECONDS = 0.3


class FollowThread(QThread):
    """Reads what a run has written, and goes on reading while it is being trained.

    Signals:
        restarted(): what was read is no longer so; everything is read anew.
        events_ready(list): events in batches; answer each with ``outbox.taken()``.
        info_changed(RunInfo): how the run stands, when that changed.
        caught_up(): all there was has been read.
    """

    restarted = Signal()
    events_ready = Signal(list)
    info_changed = Signal(object)
    caught_up = Signal()

    def __init__(self, folder: RunFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.outbox = Outbox(self.events_ready.emit)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Stop reading soon; called from the window's thread."""
        self._stopping.set()

    @override
    def run(self) -> None:
        from workbench.core.run_store import RunError

        follower = self.folder.follow()
        info: RunInfo | None = None
        while not self._stopping.is_set():
            try:
                now = self.folder.info()
            except RunError:
                return
            restarted, events = follower.read_new()
            if restarted:
                self.restarted.emit()
            for event in events:
                self.outbox.add(event)
            self.outbox.flush()
            if now != info:
                self.info_changed.emit(now)
            if info is None:
                self.caught_up.emit()
            info = now
            self._stopping.wait(POLL_SECONDS if now.is_alive else 4 * POLL_SECONDS)
