"""The thread that makes what an experiment's page lacks, and draws it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.base.cancelling import Cancelled, stop_if
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import EXPECTED
from workbench.gui.shell.wording import sentence

Draw: TypeAlias = Callable[[Callable[[int, int], None]], Path]
"""Draws a page and returns where it is; it tells how much is done, of how much."""


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

    def __init__(self, draw: Draw, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draw = draw

    @override
    def run(self) -> None:
        try:
            self.drawn.emit(self._draw(self._on_progress))
        except Cancelled:
            return
        except EXPECTED as error:
            self.failed.emit(sentence(error))

    def _on_progress(self, done: int, total: int) -> None:
        stop_if(self._cancel)
        self.progressed.emit(done, total)
