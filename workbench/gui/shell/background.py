"""One thread for what the window must not wait for: torch, forecasts."""

from __future__ import annotations

import linecache
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal
from typing_extensions import override

from workbench.core.base.threads import all_threads

Job = Callable[[], Any]


class Background(QThread):
    """Runs jobs one after the other; of jobs with one key only the newest is run.

    Signals:
        done(str, object): a job's key and its result, in the thread of the window.
    """

    done = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[tuple[str, int, Job] | None] = queue.SimpleQueue()
        self._newest: dict[str, int] = {}
        self.is_over = threading.Event()

    def submit(self, key: str, job: Job) -> None:
        """Run a job; it must not raise, and it makes older ones of its key needless.

        After ``shut_down`` it is not run: other panels still end, and may ask for it.
        """
        if self.is_over.is_set():
            return
        number = self._newest.get(key, 0) + 1
        self._newest[key] = number
        self._jobs.put((key, number, job))
        if not self.isRunning():
            self.start()

    def is_newest(self, key: str, number: int) -> bool:
        """Return whether no newer job of the key has been submitted."""
        return self._newest.get(key) == number

    def forget(self, key: str) -> None:
        """Make the waiting jobs of a key needless."""
        self._newest[key] = self._newest.get(key, 0) + 1

    def shut_down(self) -> None:
        """Let the job being run end, drop the others, and wait.

        A job that takes long may look at ``is_over`` and end early.
        """
        self.is_over.set()
        self._newest.clear()
        self._jobs.put(None)
        self.wait()

    @override
    def run(self) -> None:
        while (item := self._jobs.get()) is not None:
            key, number, job = item
            if self.is_newest(key, number):
                result = job()
                if self.is_newest(key, number):
                    self.done.emit(key, result)


def import_torch() -> None:
    """Import torch, so that the first use in the window finds it there."""
    # While no thread computes with fewer.
    all_threads()
    # WORKAROUND: Shiboken looks into the source of every module that is imported
    # (shibokensupport.feature), and linecache keeps it all: 80 MB.
    linecache.clearcache()
