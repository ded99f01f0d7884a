"""The thread that reads a run's folder, whoever is writing it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.runs.events import Event
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.training.outbox import Outbox

if TYPE_CHECKING:
    from workbench.core.runs.metrics import Follower
    from workbench.core.runs.store import RunFolder, RunInfo

POLL_SECONDS = 0.3


class FollowThread(CancellableThread):
    """Reads what a run has written, and goes on reading while it is being trained.

    Signals, all with the folder's path, so that one slot serves many threads:
        restarted(Path): what was read is no longer so; everything is read anew.
        events_ready(Path, list): events in batches; answer with ``outbox.taken()``.
        info_changed(Path, RunInfo): how the run stands, when that changed.
    """

    restarted = Signal(object)
    # Not list: Qt would copy it, event by event.
    events_ready = Signal(object, object)
    info_changed = Signal(object, object)

    def __init__(self, folder: RunFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.outbox = Outbox(self._send)

    @override
    def run(self) -> None:
        from workbench.core.runs.errors import RunError

        follower = self.folder.follow()
        info: RunInfo | None = None
        while not self._cancel.is_set():
            now = info
            with contextlib.suppress(RunError):  # being replaced, or for good: look on
                now = self.folder.info()
            self._pass_on_new(follower)
            if now is not None and now != info:
                self.info_changed.emit(self.folder.path, now)
            info = now
            is_alive = now is not None and now.is_alive
            self._cancel.wait(POLL_SECONDS if is_alive else 4 * POLL_SECONDS)

    def _pass_on_new(self, follower: Follower) -> None:
        """Pass on what is new, a piece at a time: there may be millions of events."""
        while not self._cancel.is_set():
            began = time.monotonic()
            restarted, events = follower.read_new()
            spent = time.monotonic() - began
            if restarted:
                self.restarted.emit(self.folder.path)
            if not events:
                return
            self.outbox.pass_on(events, self._cancel.is_set)
            # Python runs one thread at a time: as long again is for the window.
            self._cancel.wait(spent)

    def _send(self, events: list[Event]) -> None:
        self.events_ready.emit(self.folder.path, events)
