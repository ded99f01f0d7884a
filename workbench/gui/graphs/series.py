"""What the plots draw: the history of runs, in buffers that events are fed into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from workbench.core.base.measure import Measure
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.runs.events import (
    AlertEvent,
    CheckpointEvent,
    EndEvent,
    EvaluationEvent,
    Event,
    HistogramEvent,
    SpeedEvent,
    StepEvent,
)

if TYPE_CHECKING:
    from workbench.core.config.run_config import RunConfig

_FULL = 0.75
_LOSSES = {
    Measure.ACCURACY: ("cross-entropy", "nats"),
    Measure.LOSS: ("squared error", "MSE"),
    Measure.RETURN: ("minus the return", "minus the return"),
}
"""What the loss is where runs are judged by a measure, and its unit."""


class Buffer:
    """A growing float64 array; a view of it stays valid while it grows."""

    def __init__(self) -> None:
        self._data = np.empty(256)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def extend(self, values: Iterable[float] | np.ndarray) -> None:
        """Add values at the end."""
        new = np.asarray(values if isinstance(values, np.ndarray) else list(values))
        needed = self._size + len(new)
        if needed > len(self._data):
            self.reserve(max(needed, 2 * len(self._data)))
        self._data[self._size : needed] = new
        self._size = needed

    def reserve(self, size: int) -> None:
        """Have room for as many values at once."""
        if size > len(self._data):
            grown = np.empty(size)
            grown[: self._size] = self._data[: self._size]
            self._data = grown

    def prepare(self) -> bool:
        """Make room if little is left; return whether that was so."""
        is_nearly_full = self._size > _FULL * len(self._data)
        if is_nearly_full:
            self.reserve(2 * len(self._data))
        return is_nearly_full

    def truncate(self, size: int) -> None:
        """Forget what is beyond ``size``; views taken before keep their numbers."""
        if size < self._size:
            self._data = self._data[:size].copy()
            self._size = size

    def view(self) -> np.ndarray:
        """Return the values so far, without a copy."""
        return self._data[: self._size]


class Curve(NamedTuple):
    """Values by meta-step."""

    x: Buffer
    y: Buffer

    def truncate_before(self, step: int) -> None:
        """Forget the values at ``step`` and after it."""
        size = int(np.searchsorted(self.x.view(), step))
        self.x.truncate(size)
        self.y.truncate(size)


class RunHistory:
    """Everything the plots know of one run, growing with its events.

    ``revision`` changes with every change, so that a plot can tell whether what it has
    drawn is still all there is; ``rewrites`` changes when what was there is no longer
    so, as after a power cut; ``is_over`` says that nobody trains the run any more. Feed
    it from one thread at a time.
    """

    def __init__(self, run_id: str, title: str, config: RunConfig) -> None:
        self.run_id = run_id
        self.title = title
        self.config = config
        self.revision = 0
        self.rewrites = 0
        self.is_over = False
        self._forget()

    def clear(self) -> None:
        """Forget everything: what was read is no longer so."""
        self._forget()
        self.revision += 1
        self.rewrites += 1

    def _forget(self) -> None:
        self.curves: dict[str, Curve] = {}
        self.validations: list[EvaluationEvent] = []
        self.histograms: dict[str, list[HistogramEvent]] = {}
        self.alerts: list[AlertEvent] = []
        self.speed: SpeedEvent | None = None
        self.end: EndEvent | None = None
        self.checkpoints = 0
        self.step = 0
        self._last_step = -1

    @property
    def is_classification(self) -> bool:
        """Whether its tasks have an accuracy."""
        return self.config.task.problem == "classification"

    @property
    def measure(self) -> Measure:
        """What it is judged by."""
        return Measure.of_problem(self.config.task.problem)

    @property
    def loss_name(self) -> str:
        """What its loss is: losses of another kind are on another scale."""
        return _LOSSES[self.measure][0]

    @property
    def loss_unit(self) -> str:
        """What its loss is measured in."""
        return _LOSSES[self.measure][1]

    @property
    def best(self) -> EvaluationEvent | None:
        """The best validation so far."""
        return next((event for event in reversed(self.validations) if event.best), None)

    @property
    def alert(self) -> AlertEvent | None:
        """The last that something can be done about."""
        return next((each for each in reversed(self.alerts) if each.remedies), None)

    def add(self, events: Iterable[Event]) -> None:
        """Take in events, in their order; a step seen before goes back to it."""
        columns: dict[str, tuple[list[float], list[float]]] = {}
        for event in events:
            if isinstance(event, StepEvent):
                self.end = None
                if event.step <= self._last_step:
                    self._flush(columns)
                    self._go_back_to(event.step)
                self.step = self._last_step = event.step
                _collect(columns, event)
            elif isinstance(event, EvaluationEvent):
                self._add_evaluation(event, columns)
            else:
                self._add_other(event)
        self._flush(columns)
        self.revision += 1

    def curve(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of a curve; empty if there is none of this name."""
        curve = self.curves.get(name)
        if curve is None:
            return np.empty(0), np.empty(0)
        return curve.x.view(), curve.y.view()

    def _add_evaluation(
        self,
        event: EvaluationEvent,
        columns: dict[str, tuple[list[float], list[float]]],
    ) -> None:
        if event.split != "validation":
            return
        if self.validations and event.step <= self.validations[-1].step:
            self._flush(columns)
            self._forget_validations(event.step)
        self.validations.append(event)
        # That which chooses the best one, and which the table of runs shows.
        score = event.by_step[-1]
        for name in dict.fromkeys((Measure.LOSS, score.measure)):
            drawn = DrawnScore.of(score, name)
            for ending, value in zip(("", "_low", "_high"), drawn[:3], strict=True):
                _put(columns, f"validation_{name}{ending}", event.step, value)

    def _add_other(self, event: Event) -> None:
        if isinstance(event, HistogramEvent):
            shown = self.histograms.setdefault(event.title, [])
            while shown and shown[-1].step >= event.step:
                shown.pop()
            shown.append(event)
        elif isinstance(event, SpeedEvent):
            self.speed = event
        elif isinstance(event, AlertEvent):
            self.alerts.append(event)
        elif isinstance(event, CheckpointEvent):
            self.checkpoints += 1
        elif isinstance(event, EndEvent):
            self.end = event

    def _go_back_to(self, step: int) -> None:
        for name, curve in self.curves.items():
            if not name.startswith("validation_"):
                curve.truncate_before(step)
        self._forget_validations(step)

    def _forget_validations(self, step: int) -> None:
        self.rewrites += 1
        while self.validations and self.validations[-1].step >= step:
            self.validations.pop()
        for name, curve in self.curves.items():
            if name.startswith("validation_"):
                curve.truncate_before(step)

    def _flush(self, columns: dict[str, tuple[list[float], list[float]]]) -> None:
        for name, (steps, values) in columns.items():
            curve = self.curves.setdefault(name, Curve(Buffer(), Buffer()))
            curve.x.extend(steps)
            curve.y.extend(values)
        columns.clear()
        # Long ones take a while: not all in the same batch, though all are as long.
        any(part.prepare() for curve in self.curves.values() for part in curve)


@dataclass(frozen=True)
class ShownRun:
    """A run on the plots: ``index`` decides its colour and line style.

    The first of the shown runs is the one that plots of a single run show.
    """

    history: RunHistory
    index: int


def _collect(
    columns: dict[str, tuple[list[float], list[float]]], event: StepEvent
) -> None:
    _put(columns, "loss", event.step, event.loss)
    if event.accuracy is not None:
        _put(columns, "accuracy", event.step, event.accuracy)
    _put(columns, "gradient_norm", event.step, event.gradient_norm)
    _put(columns, "meta_lr", event.step, event.meta_lr)
    for name, value in event.extras.items():
        _put(columns, name, event.step, value)


def _put(
    columns: dict[str, tuple[list[float], list[float]]],
    name: str,
    step: int,
    value: float,
) -> None:
    steps, values = columns.setdefault(name, ([], []))
    steps.append(step)
    values.append(value)
