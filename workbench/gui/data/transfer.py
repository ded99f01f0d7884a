"""The thread that fetches or imports a data set."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.base.cancelling import Cancelled
from workbench.core.base.settings import Settings
from workbench.core.pictures.datasets import DataSet
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import EXPECTED, JobOutcome
from workbench.gui.shell.wording import sentence

_SPEED_SECONDS = 3.0


class Stage(NamedTuple):
    """How far a transfer is: ``total`` is 0 where that is not known."""

    what: str = ""
    done: int = 0
    total: int = 0
    per_second: float = 0.0

    @property
    def in_bytes(self) -> bool:
        """Whether it counts bytes: a file is being downloaded."""
        return "." in self.what

    def text(self) -> str:
        """Return it as a line."""
        if not self.what:
            return "Starting"
        if not self.in_bytes:
            of = f" of {self.total:,}" if self.total else ""
            return f"{self.what}: {self.done:,}{of}"
        of = f" of {self.total / 1e6:.1f}" if self.total else ""
        speed = f", {self.per_second / 1e6:.1f} MB/s" if self.per_second else ""
        return f"{self.what}: {self.done / 1e6:.1f}{of} MB{speed}"


class Transfer(CancellableThread):
    """Fetches a data set, or imports it from ``path``.

    Signals:
        ended(JobOutcome): the data set's name, its report, or what went wrong; an error
            is empty where the person cancelled.
    """

    ended = Signal(object)

    def __init__(
        self,
        data_set: DataSet,
        data: Path,
        path: Path | None = None,
        options: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.data_set = data_set
        self.path = path
        self.stage = Stage()
        self._data, self._options = data, options
        self._since = ("", 0.0, 0)

    @override
    def run(self) -> None:
        try:
            outcome = JobOutcome(self.data_set, self._work()())
        except Cancelled:
            outcome = JobOutcome(self.data_set)
        except EXPECTED as error:
            outcome = JobOutcome(self.data_set, error=sentence(error))
        self.ended.emit(outcome)

    def _work(self) -> Callable[[], object]:
        data_set, path = self.data_set, self.path

        def fetch() -> object:
            data_set.fetch(self._data, self._note, self._cancel)
            return data_set.report(self._data)

        def bring_in() -> object:
            return data_set.import_from(
                self._data, path or Path(), self._options, self._note, self._cancel
            )

        return fetch if path is None else bring_in

    def _note(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        name, since, before = self._since
        if name != what:
            self._since = (what, now, done)
            speed = 0.0
        else:
            speed = (done - before) / (now - since) if now > since else 0.0
            if now - since > _SPEED_SECONDS:
                self._since = (what, now, done)
        self.stage = Stage(what, done, total, speed)
