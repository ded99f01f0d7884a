"""What a run will take: parameters, memory at peak, seconds a step and in all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLabel

from workbench.core.footprint import footprint
from workbench.core.run_config import RunConfig
from workbench.gui import theme
from workbench.gui.background import Background

_PAUSE = 500


class Measured(NamedTuple):
    """What a trial of a few steps found on this machine."""

    seconds_per_step: float
    device: str
    memory_mb: float | None = None


class Forecast(NamedTuple):
    """What is known so far about what a run will take; None where nothing is."""

    parameters: int | None = None
    memory_mb: float | None = None
    measured: Measured | None = None
    iterations: int = 0
    note: str = ""

    def text(self) -> str:
        """Return the forecast as one line."""
        parts = []
        if self.parameters is not None:
            parts.append(f"{_counted(self.parameters)} parameters")
        if self.memory_mb is not None:
            parts.append(f"about {_memory(self.memory_mb)}")
        if self.measured is not None:
            step = self.measured.seconds_per_step
            parts.append(f"{_seconds(step)} a step")
            parts.append(
                f"{duration(step * self.iterations)} in all on {self.measured.device}"
            )
        return ", ".join([*parts, self.note] if self.note else parts)


Trial = Callable[[RunConfig, Path], Measured]
"""Trains two steps and measures them; raises RuntimeError or OSError if it cannot."""


class Forecaster(QObject):
    """Makes forecasts in a background thread, a moment after the last edit.

    Signals:
        changed(Forecast): more is known, or something else is asked.
    """

    changed = Signal(object)

    def __init__(
        self, parent: QObject | None = None, trial: Trial | None = None
    ) -> None:
        super().__init__(parent)
        self._trial = trial
        self._config: RunConfig | None = None
        self._data = Path()
        self._idle = True
        self._forecast = Forecast()
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._on_timer_timeout)

    def set_config(self, config: RunConfig | None, data: Path) -> None:
        """Forecast this configuration; None forgets the last."""
        self._config, self._data = config, data
        self._background.forget("size")
        self._background.forget("trial")
        self._show(Forecast())
        if config is not None:
            self._timer.start()

    def set_idle(self, idle: bool) -> None:
        """Measure only while nothing trains."""
        self._idle = idle
        if not idle:
            self._background.forget("trial")

    def shut_down(self) -> None:
        """Stop the background thread and wait for it."""
        self._timer.stop()
        self._background.shut_down()

    def _on_timer_timeout(self) -> None:
        config, data = self._config, self._data
        if config is None:
            return
        self._show(Forecast(note="forecasting..."))
        self._background.submit("size", lambda: _size(config))
        trial = self._trial
        if trial is not None and self._idle:
            self._background.submit("trial", lambda: _tried(trial, config, data))

    def _on_background_done(self, key: str, result: object) -> None:
        if self._config is None:
            return
        if key == "size" and isinstance(result, Forecast):
            waits = self._trial is not None and self._idle
            self._show(result._replace(note="measuring..." if waits else ""))
        elif isinstance(result, Measured):
            memory = result.memory_mb or self._forecast.memory_mb
            self._show(
                self._forecast._replace(
                    measured=result,
                    memory_mb=memory,
                    iterations=self._config.training.iterations,
                    note="",
                )
            )
        else:
            self._show(self._forecast._replace(note=str(result)))

    def _show(self, forecast: Forecast) -> None:
        self._forecast = forecast
        self.changed.emit(forecast)


class ForecastLine(QLabel):
    """Shows the newest forecast."""

    def __init__(self, forecaster: Forecaster) -> None:
        super().__init__()
        self.setObjectName("forecast")
        self.setAccessibleName("Forecast")
        self.setToolTip(
            "What this run will take: its size is computed, memory is estimated, and "
            "time is measured on this machine by a trial of two steps"
        )
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setFont(theme.tabular(self.font()))
        self.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        forecaster.changed.connect(self._on_forecaster_changed)

    def _on_forecaster_changed(self, forecast: Forecast) -> None:
        self.setText(forecast.text())


def duration(seconds: float) -> str:
    """Return a time as a person would say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{round(hours / 24)} days"


def _size(config: RunConfig) -> Forecast:
    size = footprint(config)
    return Forecast(size.parameters, size.peak_bytes / 2**20)


def _tried(trial: Trial, config: RunConfig, data: Path) -> Measured | str:
    try:
        return trial(config, data)
    except (OSError, RuntimeError, ValueError) as error:
        return str(error).splitlines()[0]


def _counted(number: int) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= 10 * size:
            return f"{number / size:.0f}{letter}"
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number)


def _memory(megabytes: float) -> str:
    if megabytes >= 1024:
        return f"{megabytes / 1024:.1f} GB"
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"


def _seconds(seconds: float) -> str:
    if seconds < 0.1:
        return (
            f"{seconds * 1000:.2g} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
        )
    return f"{seconds:.2g} s"
