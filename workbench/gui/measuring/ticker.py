"""A timer that tells how evenly the window's thread is served."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

_TICK_MS = 16


class Ticker(QObject):
    """A timer of 16 ms in the window's thread that writes down when it fired."""

    def __init__(self) -> None:
        super().__init__()
        self._moments: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def begin(self) -> None:
        """Watch from now on."""
        self._moments = [time.perf_counter()]
        self._timer.start()

    def end(self) -> np.ndarray:
        """Return the milliseconds between one firing and the next."""
        self._timer.stop()
        return 1000 * np.diff(self._moments)

    def _on_timer_timeout(self) -> None:
        self._moments.append(time.perf_counter())
