"""Decides when the queue is worked off: at once, or when nothing else trains here."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from workbench.core.base.phrases import one_line
from workbench.core.queue.queue import RunQueue
from workbench.gui.queue.queue_watch import QueueWatch
from workbench.gui.queue.queue_worker import QueueWorker
from workbench.gui.shell.session import Session

_LATER = "It begins when what trains now has ended"
_BESIDE = "It begins at once, beside what trains now"


class QueueTurn(QObject):
    """Starts the process that works the queue off.

    ``is_next`` says that it does so as soon as nothing else trains on this machine.

    Signals:
        changed(): ``is_next`` is another.
    """

    changed = Signal()

    def __init__(
        self, session: Session, queue: RunQueue, watch: QueueWatch, worker: QueueWorker
    ) -> None:
        super().__init__(worker)
        self.is_next = False
        self._session, self._queue = session, queue
        self._watch, self._worker = watch, worker
        self._is_asked_again = False
        session.run_state_changed.connect(self._begin_if_free)
        session.beside.elsewhere_changed.connect(self._begin_if_free)

    @property
    def may_wait(self) -> bool:
        """Whether what is queued could begin at once, but beside something else."""
        will_begin = not (self._watch.state.paused or self._watch.is_busy_here)
        return will_begin and self._is_taken

    def outlook(self, *, waits: bool) -> str:
        """Return when what is added now begins, if what can wait also ``waits``."""
        if self._watch.state.paused:
            return "The queue is paused: nothing begins until you train it"
        if self._watch.is_busy_here:
            return "It is trained after what is queued before"
        if self._is_taken:
            return _LATER if waits else self._beside()
        nothing = f"Nothing trains {'here' if self._watch.is_busy else 'now'}"
        if self._watch.left:
            return f"{nothing}: the queue begins at once, with what waits before"
        return f"{nothing}: training begins at once"

    def wait(self) -> None:
        """Begin when nothing else trains."""
        self._set_next(True)

    def begin(self) -> None:
        """Have what waits trained: now, or when the process that ends has ended."""
        self._set_next(False)
        if self._worker.is_running:
            # It may have had its last look at the queue already.
            self._is_asked_again = True
        elif self._watch.left:
            self._worker.start()
        self._watch.look()

    def begin_alone(self) -> None:
        """Likewise, but leave it to other processes of this machine that do it."""
        if self._watch.is_mine or not self._watch.is_busy_here:
            self.begin()
        else:
            self._set_next(False)

    def give_up(self) -> None:
        """Begin only when asked to."""
        self._set_next(False)

    def go_on(self) -> None:
        """Begin anew, if that was asked for while the process came to its end."""
        again, self._is_asked_again = self._is_asked_again, False
        state = self._watch.state
        if again and self._watch.left and (state.is_held or not state.paused):
            self.begin()

    @property
    def _is_taken(self) -> bool:
        """Whether something trains on this machine that is not of the queue."""
        queued = {item.run for item in self._watch.state.items}
        others = (
            run
            for run in self._session.beside.elsewhere
            if not run.host and run.folder.name not in queued
        )
        return bool(self._session.run_state) or any(others)

    def _beside(self) -> str:
        """Return what begins beside what trains now: the first that waits already."""
        if not (left := self._watch.left):
            return _BESIDE
        first = one_line(left[0].name)
        return f"The queue begins at once, beside what trains now, with {first}"

    def _begin_if_free(self, *_news: object) -> None:
        if not self.is_next or self._is_taken:
            return
        if self._watch.state.paused:
            self.give_up()
        else:
            self.begin_alone()

    def _set_next(self, is_next: bool) -> None:
        if is_next != self.is_next:
            self.is_next = is_next
            self.changed.emit()
