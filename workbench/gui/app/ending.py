"""Lets the system end the window as a person would: with a checkpoint, and no question.

Signals reach Python only between two of its operations, of which a window that waits
does none: each writes a byte into a socket that Qt waits for.
"""

from __future__ import annotations

import contextlib
import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class Ending(QObject):
    """Notices Ctrl-C in the terminal, and being told to end; a second one acts at once.

    Signals:
        asked(): the application is to end.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        self._notifier = QSocketNotifier(
            self._here.fileno(), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._on_notifier_activated)
        self._before = signal.set_wakeup_fd(
            self._there.fileno(), warn_on_full_buffer=False
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave_it_to_the_socket)

    def stop(self) -> None:
        """Let signals end the process as usual."""
        signal.set_wakeup_fd(self._before)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self._notifier.setEnabled(False)
        self._here.close()
        self._there.close()

    def _on_notifier_activated(self) -> None:
        with contextlib.suppress(OSError):
            self._here.recv(64)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self.asked.emit()


def _leave_it_to_the_socket(number: int, frame: object) -> None:
    pass
