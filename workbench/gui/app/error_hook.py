"""Exceptions that nobody caught: logged, shown once, and the window lives on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger("workbench.gui")


class ErrorHook(QObject):
    """Takes over ``sys.excepthook`` and its like for threads.

    Signals:
        caught(str, str): one sentence and the traceback, in the thread of the window.
    """

    caught = Signal(str, str)

    def install(self) -> None:
        """Take exceptions from now on."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        where: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, where)
            return
        details = "".join(traceback.format_exception(kind, error, where))
        _log.error("%s", details)
        said = str(error).strip().splitlines()
        summary = f"{kind.__name__}: {said[0]}" if said else kind.__name__
        self.caught.emit(f"Something unexpected went wrong. {summary}", details)

    def _on_thread_exception(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            self._on_exception(what.exc_type, what.exc_value, what.exc_traceback)
