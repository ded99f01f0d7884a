"""The thread that makes what an experiment's page lacks, and draws it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.base.cancelling import Cancelled, stop_if
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import EXPECTED
from workbench.gui.shell.wording import sentence

if TYPE_CHECKING:
    from workbench.core.experiments.outcome import Outcome


class PageThread(CancellableThread):
    """Draws one page; what was evaluated or measured is kept, even if cancelled.

    Signals:
        progressed(int, int): tasks and measurements done, of how many.
        drawn(Path): the page.
        failed(str): why there is none.
    """

    progressed = Signal(int, int)
    drawn = Signal(object)
    failed = Signal(str)

    def __init__(
        self, outcome: Outcome, data: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._outcome, self._data = outcome, data

    @override
    def run(self) -> None:
        from workbench.core.experiments.finishing import finish
        from workbench.core.experiments.page import page_file, write_page

        outcome = self._outcome
        try:
            finish(outcome, self._data, tell=self._on_progress)
            file = page_file(outcome.experiment, quick=outcome.quick)
            self.drawn.emit(write_page(outcome, file))
        except Cancelled:
            return
        except EXPECTED as error:
            self.failed.emit(sentence(error))

    def _on_progress(self, done: int, total: int) -> None:
        stop_if(self._cancel)
        self.progressed.emit(done, total)
