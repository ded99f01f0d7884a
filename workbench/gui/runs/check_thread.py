"""The thread that checks what is kept, and repairs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.checking.finding import Checked, Finding, Subject, check
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import attempt


class CheckThread(CancellableThread):
    """Checks one thing after the other; ``checked`` has those that it is done with.

    Signals:
        progressed(int, int, str): how many are done, of how many, and what is next.
    """

    progressed = Signal(int, int, str)

    def __init__(
        self,
        list_subjects: Callable[[], Sequence[Subject]],
        *,
        repair: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.subjects: Sequence[Subject] = ()
        self.repairs = repair
        self.checked: list[Checked] = []
        self._list_subjects = list_subjects

    @override
    def run(self) -> None:
        self.subjects = self._list_subjects()
        for done, subject in enumerate(self.subjects):
            if self.is_cancelled:
                return
            self.progressed.emit(done, len(self.subjects), subject.name)
            work = partial(check, subject, repair=self.repairs, cancel=self._cancel)
            outcome = attempt(subject, work)
            if not outcome.error:
                self.checked.append(outcome.value)
            elif not self.is_cancelled:
                wrong = Finding(subject.place, outcome.error, "it cannot be checked")
                self.checked.append(Checked(subject, (wrong,)))
