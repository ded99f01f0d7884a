"""The thread that trains: a for-loop over the core's generator of events."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal
from typing_extensions import override

from workbench.core.base.errors import Problem, problem_of
from workbench.core.runs.events import EndEvent, Event, Outcome
from workbench.gui.training.outbox import Outbox

if TYPE_CHECKING:
    from workbench.core.runs.store import RunFolder
    from workbench.core.training.training import Training

_log = logging.getLogger("workbench.run")

SIGN_SECONDS = 60
"""How often a paused run says in its folder that it is still there."""

_NICENESS, _NICEST = 10, 19


class RunThread(QThread):
    """Trains a run from where it stands.

    ``pause``, ``resume``, ``stop``, ``leave`` and ``ask_for_snapshot`` are called
    directly, from the window's thread; the request is honoured between two
    meta-steps. Pausing is not advancing the generator, stopping is closing it.
    The first ``past`` events are those of the run before.

    Signals:
        began(): the past was read, and training goes on from there.
        events_ready(list): events in batches; answer each with ``outbox.taken()``.
        paused(): training waits from now on.
        snapshot_ready(Trained): a detached copy of the meta-parameters.
        ended(Outcome, Problem, str): exactly once, after the last events: how, why,
            and details.
    """

    began = Signal()
    # Not list: Qt would copy it, event by event.
    events_ready = Signal(object)
    paused = Signal()
    snapshot_ready = Signal(object)
    ended = Signal(object, object, str)

    def __init__(
        self,
        folder: RunFolder,
        data: Path,
        device: str = "auto",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self._data = data
        self._device = device
        self.result: tuple[Outcome, Problem, str] | None = None
        self.past = 0
        self.outbox = Outbox(self.events_ready.emit)
        self._may_go = threading.Event()
        self._may_go.set()
        self._stopping = threading.Event()
        self._is_left = threading.Event()
        self._wants_snapshot = threading.Event()
        self._wake = threading.Condition()

    def pause(self) -> None:
        """Wait after the present meta-step."""
        self._may_go.clear()

    def resume(self) -> None:
        """Go on."""
        with self._wake:
            self._may_go.set()
            self._wake.notify_all()

    def stop(self) -> None:
        """End with a checkpoint after the present meta-step."""
        with self._wake:
            self._stopping.set()
            self._wake.notify_all()

    def leave(self) -> None:
        """Stop, and have nothing more sent: nobody will take it."""
        self._is_left.set()
        self.stop()

    def ask_for_snapshot(self) -> None:
        """Answer with ``snapshot_ready`` after the present meta-step."""
        with self._wake:
            self._wants_snapshot.set()
            self._wake.notify_all()

    @override
    def run(self) -> None:
        let_others_go_first()
        details = ""
        try:
            outcome, problem = self._train(), Problem("")
        except Exception as error:
            _log.exception("the run failed")
            text, remedies = problem_of(error)
            outcome = Outcome.FAILED
            problem = Problem(text.splitlines()[0], remedies)
            details = traceback.format_exc()
        self.outbox.flush()
        self.result = (outcome, problem, details)
        self.ended.emit(*self.result)

    def _events_before(self) -> Iterator[Event]:
        for event in self.folder.events():
            self.past += 1
            yield event

    def _train(self) -> Outcome:
        from workbench.core.base.threads import use_all_threads
        from workbench.core.training.training import train

        # Play and Sketch compute with one, which torch takes for all threads to come.
        use_all_threads()
        self.outbox.pass_on(self._events_before(), self._is_left.is_set)
        outcome = Outcome.STOPPED
        training = train(
            self.folder,
            data=self._data,
            device=self._device,
            is_stopping=self._stopping.is_set,
        )
        with contextlib.closing(training):
            for number, event in enumerate(training):
                if number == 0:
                    self.began.emit()
                self.outbox.add(event)
                if isinstance(event, EndEvent):
                    outcome = event.outcome
                    continue
                self._serve(training)
        return outcome

    def _serve(self, training: Training) -> None:
        """Honour what was asked for, and wait while paused."""
        self._send_snapshot(training)
        if self._may_go.is_set() or self._stopping.is_set():
            return
        self.outbox.flush()
        training.note("paused")
        self.paused.emit()
        while not (self._may_go.is_set() or self._stopping.is_set()):
            with self._wake:
                is_asked = self._wake.wait_for(self._has_request, SIGN_SECONDS)
            if not is_asked:
                training.note("paused")
            self._send_snapshot(training)
        if not self._stopping.is_set():
            training.note("running")

    def _has_request(self) -> bool:
        return (
            self._may_go.is_set()
            or self._stopping.is_set()
            or self._wants_snapshot.is_set()
        )

    def _send_snapshot(self, training: Training) -> None:
        if self._wants_snapshot.is_set():
            self._wants_snapshot.clear()
            copy = training.snapshot()
            if copy is not None:
                self.snapshot_ready.emit(copy)


def let_others_go_first() -> None:
    """Have the window served before this thread, and before those that it begins.

    On Linux a thread has a niceness of its own, which Qt's priorities do not touch.
    """
    if sys.platform.startswith("linux"):
        thread = threading.get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS
        os.setpriority(os.PRIO_PROCESS, thread, min(niceness, _NICEST))
