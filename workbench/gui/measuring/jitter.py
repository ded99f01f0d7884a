"""How evenly the window's thread is served while training goes on beside it."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

from workbench.core.planning.bench_workloads import WORKLOADS
from workbench.gui.measuring import stage
from workbench.gui.measuring.figure import Figure, at_most

ORDER = 20
_TICK_MS = 16
_MOST_OF_IDLE = 1.5
_WORST_MS = 100.0


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


def jitter(seconds: float) -> list[Figure]:
    """Watch the window idle, then from the click on Start on, as long each."""
    config, data = stage.endless(WORKLOADS["omniglot5-1"], validate_every=20)
    ticker = Ticker()
    with stage.stage(config) as window:
        ticker.begin()
        stage.serve(seconds)
        idle = ticker.end()
        ticker.begin()
        training = stage.start(window)
        stage.serve(seconds)
        busy = ticker.end()
        stage.stop(training)
        steps = stage.steps_of(training)
    p99_idle, p99 = (float(np.quantile(times, 0.99)) for times in (idle, busy))
    about = f"16 ms timer, {seconds:g} s of {data}, {steps} meta-steps"
    return [
        Figure("jitter idle p99", p99_idle, "ms", f"16 ms timer, {seconds:g} s"),
        Figure("jitter training p99", p99, "ms", about),
        at_most(_MOST_OF_IDLE, Figure("jitter ratio", p99 / p99_idle, "x", about)),
        at_most(_WORST_MS, Figure("jitter worst", float(busy.max()), "ms", about)),
    ]
