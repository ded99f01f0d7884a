"""What a run will take: parameters, memory at peak, seconds a step and in all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLabel

from workbench.core.data_error import DataError
from workbench.core.footprint import footprint
from workbench.core.run_config import RunConfig
from workbench.core.trial import Trial, measured_memory_mb, try_out
from workbench.gui import theme
from workbench.gui.background import Background

_PAUSE = 500


class Forecast(NamedTuple):
    """What is known so far about what a run will take; None where nothing is."""

    parameters: int | None = None
    memory_mb: float | None = None
    measured_mb: float | None = None
    trial: Trial | None = None
    iterations: int = 0
    note: str = ""

    def text(self) -> str:
        """Return the forecast as one line."""
        parts = []
        if self.parameters is not None:
            parts.append(f"{_counted(self.parameters)} parameters")
        if self.measured_mb is not None:
            parts.append(f"{_memory(self.measured_mb)} as measured before")
        elif self.memory_mb is not None:
            parts.append(f"about {_memory(self.memory_mb)}")
        if self.trial is not None:
            step = self.trial.seconds_per_step
            parts.append(f"{_seconds(step)} a step")
            parts.append(f"{duration(step * self.iterations)} in all")
        return ", ".join([*parts, self.note] if self.note else parts)

    def tip(self) -> str:
        """Return what the line stands for."""
        lines = [
            "What this run will take.",
            "Memory: the tensors of training at their peak, computed; or all of the "
            "process, where a run like this was measured before.",
            "Time: a trial of two meta-steps.",
        ]
        if self.trial is not None:
            lines.append(f"Device: {self.trial.device}")
        return "\n".join(lines)


Measure = Callable[[RunConfig, Path], Trial]


class Forecaster(QObject):
    """Makes forecasts in a background thread, a moment after the last edit.

    Signals:
        changed(Forecast): more is known, or something else is asked.
    """

    changed = Signal(object)

    def __init__(
        self, parent: QObject | None = None, measure: Measure = try_out
    ) -> None:
        super().__init__(parent)
        self._measure = measure
        self._config: RunConfig | None = None
        self._data, self._runs = Path(), Path()
        self._idle = True
        self._forecast = Forecast()
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._on_timer_timeout)

    def set_folders(self, data: Path, runs: Path) -> None:
        """Say where data are, and runs that were measured."""
        self._data, self._runs = data, runs

    def set_config(self, config: RunConfig | None) -> None:
        """Forecast this configuration; None forgets the last."""
        self._config = config
        self._forget()
        self._show(Forecast())
        if config is not None:
            self._timer.start()

    def set_idle(self, idle: bool) -> None:
        """Forecast only while nothing trains, so that training is not slowed."""
        self._idle = idle
        self._forget()
        if idle and self._config is not None:
            self._timer.start()

    def shut_down(self) -> None:
        """Stop the background thread and wait for it."""
        self._timer.stop()
        self._background.shut_down()

    def _forget(self) -> None:
        self._timer.stop()
        self._background.forget("size")
        self._background.forget("trial")

    def _on_timer_timeout(self) -> None:
        config, data, runs, measure = (
            self._config,
            self._data,
            self._runs,
            self._measure,
        )
        if config is None or not self._idle:
            return
        self._show(Forecast(note="forecasting..."))
        self._background.submit("size", lambda: _size(config, runs))
        self._background.submit("trial", lambda: _tried(measure, config, data))

    def _on_background_done(self, key: str, result: object) -> None:
        if isinstance(result, Forecast):
            self._show(result)
        elif isinstance(result, Trial):
            self._show(self._forecast._replace(trial=result, note=""))
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
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setFont(theme.tabular(self.font()))
        self.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        forecaster.changed.connect(self._on_forecaster_changed)

    def _on_forecaster_changed(self, forecast: Forecast) -> None:
        self.setText(forecast.text())
        self.setToolTip(forecast.tip())


def duration(seconds: float) -> str:
    """Return a time as a person would say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{round(hours / 24)} days"


def _size(config: RunConfig, runs: Path) -> Forecast | str:
    try:
        size = footprint(config)
    except (RuntimeError, NotImplementedError) as error:
        return _first_line(error)
    return Forecast(
        parameters=size.parameters,
        memory_mb=size.peak_bytes / 2**20,
        measured_mb=measured_memory_mb(config, runs),
        iterations=config.training.iterations,
        note="measuring...",
    )


def _tried(measure: Measure, config: RunConfig, data: Path) -> Trial | str:
    try:
        return measure(config, data)
    except (DataError, OSError, RuntimeError, MemoryError) as error:
        return _first_line(error)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


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
    if seconds >= 0.1:
        return f"{seconds:.2g} s"
    return f"{seconds * 1000:.2g} ms"
