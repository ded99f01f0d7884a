"""A thread that can be told to stop before its work is done."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QThread


class CancellableThread(QThread):
    """Looks at ``_cancel``, a flag for all that it calls, as often as it can stop."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cancel = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """Stop as soon as what is at hand can be left."""
        self._cancel.set()

    def shut_down(self) -> None:
        """Cancel and wait."""
        self.cancel()
        self.wait()


def shut_down_threads(owner: QObject) -> None:
    """Cancel and wait for what works for a widget, or for any part of it."""
    for thread in owner.findChildren(CancellableThread):
        thread.shut_down()
