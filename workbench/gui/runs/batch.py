"""What is done with one run after the other, in the background, below one bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget
from typing_extensions import override

from workbench.core.base.cancelling import stop_if
from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import JobOutcome, attempt

_PARTS = 1000
"""The bar's parts for each run, so that a long one is seen to go on."""
_TELL_SECONDS = 0.05

Report: TypeAlias = Callable[[int, int], None]
"""Told how much of one run's work is done, and of how much; may raise Cancelled."""


class Step(NamedTuple):
    """What is done with one run: what it is called, and the work."""

    name: str
    work: Callable[[Report], Any]


class BatchThread(CancellableThread):
    """Does steps one after the other; what goes wrong with one stops no other.

    Signals:
        progressed(int, int): the step being done, and how many parts of it are.
    """

    progressed = Signal(int, int)

    def __init__(self, steps: Sequence[Step], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.outcomes: list[JobOutcome] = []
        self._steps = steps
        self._told = 0.0

    @override
    def run(self) -> None:
        for at, step in enumerate(self._steps):
            if self.is_cancelled:
                return
            self._tell(at, 0)
            outcome = attempt(step, partial(step.work, partial(self._on_report, at)))
            if not (outcome.error and self.is_cancelled):
                self.outcomes.append(outcome)

    def _on_report(self, at: int, done: int, total: int) -> None:
        stop_if(self._cancel)
        self._tell(at, _PARTS * done // max(1, total))

    def _tell(self, at: int, parts: int) -> None:
        now = time.monotonic()
        if now - self._told > _TELL_SECONDS:
            self._told = now
            self.progressed.emit(at, parts)


class BatchBar(QWidget):
    """Does steps in the background and shows how far they are; hidden while idle.

    Signals:
        ended(list): the ``JobOutcome`` of each step that was done; their requests are
            the steps.
    """

    ended = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("batch")
        self._thread: BatchThread | None = None
        self._steps: Sequence[Step] = ()
        self._doing = ""
        self.label = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setObjectName("batch.progress")
        self.bar.setAccessibleName("Progress over all runs")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("batch.cancel")
        self.cancel.setToolTip("Stop here: what is done stays done")
        self.cancel.clicked.connect(self._on_cancel_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.label, 1)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    @property
    def doing(self) -> str:
        """What is being done, like ``Evaluating``; empty while idle."""
        return self._doing

    def begin(self, doing: str, steps: Sequence[Step]) -> None:
        """Do these steps; nothing else may be going on."""
        self._doing, self._steps = doing, steps
        self._thread = BatchThread(steps, self)
        self._thread.progressed.connect(self._on_thread_progressed)
        self._thread.finished.connect(self._on_thread_finished)
        self.bar.setRange(0, _PARTS * len(steps))
        self.cancel.setEnabled(True)
        self._on_thread_progressed(0, 0)
        self.show()
        self._thread.start()

    def _on_cancel_clicked(self) -> None:
        if self._thread is not None:
            self._thread.cancel()
            self.cancel.setEnabled(False)

    def _on_thread_progressed(self, at: int, parts: int) -> None:
        number = f"{at + 1:,} of {len(self._steps):,}"
        self.label.show_text(f"{self._doing} {number}: {self._steps[at].name}")
        self.bar.setValue(_PARTS * at + parts)

    def _on_thread_finished(self) -> None:
        thread, self._thread = self._thread, None
        self._doing = ""
        self.hide()
        if thread is not None:
            thread.deleteLater()
            self.ended.emit(thread.outcomes)
