"""A thread that does one piece of work, told how far it is, until it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.base.cancelling import Cancelled, stop_if
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import EXPECTED
from workbench.gui.shell.wording import sentence

Work: TypeAlias = Callable[[Callable[[int, int], None]], object]
"""Does the work and returns its result; it tells how much is done, of how much."""


class WorkThread(CancellableThread):
    """Works once; what was kept by then stays, even if it is cancelled.

    Signals:
        progressed(int, int): how much is done, of how much.
        done(object): what came of it.
        failed(str): why nothing did.
    """

    progressed = Signal(int, int)
    done = Signal(object)
    failed = Signal(str)

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work

    @override
    def run(self) -> None:
        try:
            self.done.emit(self._work(self._on_progress))
        except Cancelled:
            return
        except EXPECTED as error:
            self.failed.emit(sentence(error))

    def _on_progress(self, done: int, total: int) -> None:
        stop_if(self._cancel)
        self.progressed.emit(done, total)
