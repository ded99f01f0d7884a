"""What a run will take: parameters, memory at peak, seconds a step and in all."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel
from typing_extensions import override

from workbench.core.base import figures
from workbench.core.base.cancelling import CancelFlag, Cancelled
from workbench.core.base.devices import available_memory, choose_device, describe
from workbench.core.base.errors import DataError
from workbench.core.config.run_config import RunConfig
from workbench.core.pacing.known_paces import KnownPace, recall
from workbench.core.pacing.pace import Work
from workbench.core.planning.expectation import Expectation
from workbench.core.planning.footprint import footprint
from workbench.core.planning.room import Room, room_for
from workbench.core.planning.trial import TooLargeToTry, Trial, try_out
from workbench.gui.look import theme
from workbench.gui.shell.background import Background
from workbench.gui.shell.wording import sentence, too_large

_PAUSE = 500


class Forecast(NamedTuple):
    """What is known so far about what a run will take; None where nothing is.

    ``tensors_mb`` is computed: the tensors of training at their peak. That is what was
    measured of an earlier run on a GPU; on a CPU, it was the whole process. ``work`` is
    how much of what the run does, and what is ``known`` of earlier ones needs no trial.
    """

    parameters: int | None = None
    tensors_mb: float | None = None
    known: KnownPace | None = None
    on_gpu: bool = False
    trial: Trial | None = None
    room: Room | None = None
    work: Work | None = None
    run_seconds: float | None = None
    note: str = ""
    failed: bool = False

    def text(self) -> str:
        """Return the forecast as one line."""
        parts = []
        if self.parameters is not None:
            parts.append(f"{figures.rounded(self.parameters)} parameters")
        if doubt := self.doubt():
            return f"{', '.join(parts)}. {doubt}"
        if memory := self._memory():
            parts.append(memory)
        if expected := self.expected():
            parts += [f"{figures.short_time(expected.step)} a step", expected.text()]
        elif self.run_seconds is not None:
            in_all = figures.about(self.run_seconds)
            parts.append(f"about {in_all} in all, as the run itself says")
        return ", ".join([*parts, self.note] if self.note else parts)

    def doubt(self) -> str:
        """Return why the run cannot fit, and what would; empty if it can."""
        room = self.room
        return "" if room is None or room.is_enough else too_large(room)

    def _memory(self) -> str:
        """Return the memory in words that say what of it is meant."""
        if self.tensors_mb is None:
            return ""
        tensors = f"{figures.memory(self.tensors_mb)} of tensors"
        if self.known is None or not self.known.memory_mb:
            return tensors
        measured = figures.memory(self.known.memory_mb)
        if self.on_gpu:
            return f"{measured} of tensors, as measured before"
        return f"{tensors} ({measured} the whole process, as measured before)"

    def expected(self) -> Expectation | None:
        """Return how long it will take; None while nothing is known of that."""
        if self.work is None:
            return None
        return Expectation.of(self.work, self.known, self.trial)

    def tip(self) -> str:
        """Return what the line stands for."""
        lines = [
            "What this run will take.",
            "Tensors: those of training at their peak, computed beforehand.",
            "The whole process: Python, PyTorch, this window and the data as well, at "
            "its peak in a run like this one.",
        ]
        if expected := self.expected():
            lines.append(expected.explanation)
        if self.trial is not None:
            lines.append(f"Device: {self.trial.device}")
        return "\n".join(lines)


Measure = Callable[[RunConfig, Path, CancelFlag], Trial]


class Forecaster(QObject):
    """Makes forecasts in a background thread, a moment after the last edit.

    Where runs of the kind were made before, nothing is tried out on ``data``.

    Signals:
        changed(Forecast): more is known, or something else is asked.
    """

    changed = Signal(object)

    def __init__(
        self,
        data: Path,
        parent: QObject | None = None,
        measure: Measure = try_out,
    ) -> None:
        super().__init__(parent)
        self._measure = measure
        self._config: RunConfig | None = None
        self._data = data
        self._awake, self._idle = False, True
        self._forecast = Forecast()
        self._cancel = threading.Event()
        self._sizes, self._trials = Background(self), Background(self)
        for background in (self._sizes, self._trials):
            background.done.connect(self._on_background_done)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will be known of the configuration."""
        known = self._forecast
        return bool(known.expected() or known.failed or known.doubt())

    def set_config(self, config: RunConfig | None) -> None:
        """Forecast this configuration; None forgets the last."""
        self._config = config
        self._forget()
        self._show(Forecast())
        self._start_timer()

    def wake(self) -> None:
        """Forecast from now on: the window is painted, and torch may be imported."""
        self._awake = True
        self._start_timer()

    def set_idle(self, idle: bool) -> None:
        """Try out nothing while something trains, so that training is not slowed.

        What needs no trial is told all the same.
        """
        if idle is self._idle:
            return
        self._idle = idle
        self._forget()
        if not idle and not self._forecast.failed:
            self._show(self._forecast._replace(note=""))  # nothing is measured now
        if idle or self._forecast.work is None:
            self._start_timer()

    def tell_run(self, seconds: float | None) -> None:
        """Say what the run of this configuration that trains expects to take in all."""
        if seconds != self._forecast.run_seconds:
            self._show(self._forecast._replace(run_seconds=seconds))

    def shut_down(self) -> None:
        """Stop the background thread and wait for it."""
        self._forget()
        self._sizes.shut_down()
        self._trials.shut_down()

    def _start_timer(self) -> None:
        if self._config is not None and self._awake:
            self._timer.start()

    def _forget(self) -> None:
        self._timer.stop()
        self._cancel.set()
        self._sizes.forget("size")
        self._trials.forget("trial")

    def _on_timer_timeout(self) -> None:
        config = self._config
        if config is None:
            return
        loaded = "torch" in sys.modules
        note = "forecasting…" if loaded else "loading PyTorch…"
        self._show(Forecast(run_seconds=self._forecast.run_seconds, note=note))
        self._cancel = threading.Event()
        self._sizes.submit("size", lambda: _size(config))

    def _on_background_done(self, _key: str, result: object) -> None:
        config = self._config
        if config is None or self._cancel.is_set():
            return
        if isinstance(result, Forecast):
            self._show(result._replace(run_seconds=self._forecast.run_seconds))
            if self._idle and result.known is None and not result.doubt():
                self._try_out(config)
        elif isinstance(result, Trial):
            self._show(self._forecast._replace(trial=result, note=""))
        else:
            self._show(self._forecast._replace(note=str(result), failed=True))

    def _try_out(self, config: RunConfig) -> None:
        """Have the configuration tried out: its size is known, and nothing else."""
        self._show(self._forecast._replace(note="measuring…"))
        measure = functools.partial(self._measure, config, self._data, self._cancel)
        self._trials.submit("trial", lambda: _tried(measure))

    def _show(self, forecast: Forecast) -> None:
        self._forecast = forecast
        self.changed.emit(forecast)


class ForecastLine(QLabel):
    """Shows the newest forecast, and wakes the forecaster once it is painted."""

    def __init__(self, forecaster: Forecaster) -> None:
        super().__init__()
        self._sleeper: Forecaster | None = forecaster
        self.setObjectName("forecast")
        self.setAccessibleName("Forecast")
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setFont(theme.tabular(self.font()))
        self.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        forecaster.changed.connect(self._on_forecaster_changed)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._sleeper is not None:
            self._sleeper.wake()
            self._sleeper = None

    def _on_forecaster_changed(self, forecast: Forecast) -> None:
        theme.give_role(self, "error" if forecast.doubt() else "muted")
        self.setText(forecast.text())
        self.setToolTip(forecast.tip())


def _size(config: RunConfig) -> Forecast | str:
    try:
        device = choose_device("auto")
        size = footprint(config, device.type)
        room = room_for(config, size, available_memory(device))
    except (RuntimeError, NotImplementedError) as error:
        return _first_line(error)
    return Forecast(
        parameters=size.parameters,
        tensors_mb=size.peak_bytes / 2**20,
        on_gpu=device.type == "cuda",
        known=recall(config, describe(device)),
        room=room,
        work=Work.of(config),
    )


def _tried(measure: Callable[[], Trial]) -> Trial | str:
    try:
        return measure()
    except TooLargeToTry as error:
        return f"not measured: a trial may take {figures.memory(error.budget / 2**20)}"
    except (Cancelled, DataError, OSError, RuntimeError, MemoryError) as error:
        return sentence(error).splitlines()[0]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
