"""Completes the panels after the first paint, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class Filling(QObject):
    """What panels did not show at first, made while nothing else is to be done.

    Signals:
        ended(): every panel is complete.
    """

    ended = Signal()

    def __init__(
        self, pieces: Mapping[QWidget, Iterator[None]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._left = dict(pieces)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)

    def begin(self) -> None:
        """Make a piece whenever there is time."""
        self._timer.start()

    def stop(self) -> None:
        """Leave what is left as it is: the window closes."""
        self._timer.stop()
        self._left.clear()

    def complete(self, panel: QWidget) -> None:
        """Complete a panel now."""
        for _ in self._left.pop(panel, ()):
            pass

    def _on_timer_timeout(self) -> None:
        if not self._left:
            self._timer.stop()
            self.ended.emit()
            return
        panel, pieces = next(iter(self._left.items()))
        try:
            next(pieces)
        except StopIteration:
            del self._left[panel]
