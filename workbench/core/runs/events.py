"""The closed set of events a run emits: frozen, and made of plain numbers."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Field, TypeAdapter

from workbench.core.base.errors import Remedy
from workbench.core.base.json_text import to_text
from workbench.core.base.measure import Measure

MetaStep: TypeAlias = Annotated[int, Field(ge=0, lt=2**53)]
"""A number of meta-steps, which can be drawn as well."""


class Outcome(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """One meta-step: means over its meta-batch, at the parameters before the step.

    ``loss`` and ``accuracy`` are of the queries after adaptation; ``accuracy`` is None
    for a regression. ``extras`` holds what only some learners have, by name.
    """

    name: ClassVar[str] = "step"
    step: MetaStep
    loss: float
    accuracy: float | None
    gradient_norm: float
    meta_lr: float
    extras: dict[str, float] = field(default_factory=dict)

    @property
    def judged(self) -> tuple[Measure, float]:
        """What its meta-batch is told by in one figure: a loss, or a mean return."""
        told = self.extras.get(Measure.RETURN)
        return (Measure.LOSS, self.loss) if told is None else (Measure.RETURN, told)

    @property
    def is_finite(self) -> bool:
        """Whether all of its figures are numbers that training can go on from."""
        figures = (self.loss, self.accuracy or 0.0, self.gradient_norm)
        return all(map(math.isfinite, (*figures, *self.extras.values())))


@dataclass(frozen=True, slots=True)
class SpeedEvent:
    """How fast training goes; the only event that depends on the clock.

    ``seconds`` is what the run has trained for in all, pauses and breaks left out;
    ``seconds_left`` is what it will, validations and the test included.
    """

    name: ClassVar[str] = "speed"
    step: MetaStep
    seconds: float
    tasks_per_second: float
    memory_mb: float
    seconds_left: float | None = None

    @property
    def is_finite(self) -> bool:
        """Whether what it says of the run can be kept."""
        return math.isfinite(self.seconds + self.memory_mb)


@dataclass(frozen=True, slots=True)
class Spread:
    """How the losses of single tasks lie, which a few that diverge do not move.

    ``trimmed_mean`` is that of the middle 98 %, ``low`` and ``high`` are the quartiles;
    ``diverged`` counts the tasks whose loss is no number, or above ten times the mean
    before the first inner step.
    """

    median: float
    trimmed_mean: float
    low: float
    high: float
    diverged: int


@dataclass(frozen=True, slots=True)
class StepScore:
    """How well tasks are solved at one inner step: means over tasks, with 95 % CI.

    Beside the mean of a regression's losses, for which one that diverged is enough to
    tell nothing, stands how they lie; before version 0.2 that was not written. Of
    reinforcement learning ``mean_return`` is what counts, and losses are minus the
    return; ``figures`` holds what else is told of a step, by name.
    """

    step: int
    loss: float
    loss_ci95: float
    accuracy: float | None
    accuracy_ci95: float | None
    support_loss: float
    support_loss_ci95: float
    support_accuracy: float | None
    support_accuracy_ci95: float | None
    spread: Spread | None = None
    support_spread: Spread | None = None
    mean_return: float | None = None
    return_ci95: float | None = None
    figures: dict[str, float] = field(default_factory=dict, hash=False)

    @property
    def measure(self) -> Measure:
        """What a run is judged by."""
        if self.accuracy is not None:
            return Measure.ACCURACY
        return Measure.LOSS if self.mean_return is None else Measure.RETURN

    @property
    def score(self) -> float:
        """The accuracy, the loss of a regression or the mean return."""
        mean: float = self.of(self.measure)[0]
        return mean

    @property
    def ci95(self) -> float:
        """The half-width of the score's 95 % confidence interval over tasks."""
        ci95: float = self.of(self.measure)[1]
        return ci95

    def of(self, measure: Measure, *, support: bool = False) -> tuple[Any, Any]:
        """Return a mean over tasks and half its 95 % CI; None for what there is not.

        It is of the queries, or of what is adapted to.
        """
        if measure is not Measure.RETURN:
            name = f"support_{measure}" if support else str(measure)
            return getattr(self, name), getattr(self, f"{name}_ci95")
        if support and self.mean_return is not None:
            return -self.support_loss, self.support_loss_ci95
        return self.mean_return, self.return_ci95

    @property
    def robust_loss(self) -> float:
        """The mean of the middle 98 % of a regression's losses, else that of all."""
        return self.loss if self.spread is None else self.spread.trimmed_mean

    @property
    def robust(self) -> float:
        """The score that the best checkpoint is chosen by: no single task decides."""
        return self.robust_loss if self.measure is Measure.LOSS else self.score

    @property
    def score_spread(self) -> Spread | None:
        """How the scores of a regression lie; of no other there is a robust mean."""
        return self.spread if self.measure is Measure.LOSS else None

    @property
    def diverged(self) -> int:
        """How many tasks diverged, as far as that is known."""
        return 0 if self.score_spread is None else self.score_spread.diverged


@dataclass(frozen=True, slots=True)
class EvaluationEvent:
    """An evaluation after ``step`` meta-steps: one score per inner step 0..K.

    ``trained_steps`` is training's K; ``samples`` holds the query losses of a few
    single tasks at each inner step, and ``sample_accuracies`` likewise. ``best`` says
    that no earlier validation was better.
    """

    name: ClassVar[str] = "evaluation"
    step: MetaStep
    split: str
    tasks: int
    transductive: bool
    trained_steps: int
    by_step: Annotated[tuple[StepScore, ...], Field(min_length=1)]
    best: bool
    samples: tuple[tuple[float, ...], ...] = ()
    sample_accuracies: tuple[tuple[float, ...], ...] = ()
    views: int = 1


@dataclass(frozen=True, slots=True)
class HistogramEvent:
    """Distributions of learned numbers, such as Meta-SGD's rates, per layer."""

    name: ClassVar[str] = "histogram"
    step: MetaStep
    title: str
    edges: dict[str, tuple[float, ...]]
    counts: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class CheckpointEvent:
    """A checkpoint was written: ``which`` is ``latest`` or ``best``."""

    name: ClassVar[str] = "checkpoint"
    step: MetaStep
    which: str


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something the person should know, and what helps; training goes on."""

    name: ClassVar[str] = "alert"
    step: MetaStep
    message: str
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The last event of a run's session; ``message`` says why where it is not plain."""

    name: ClassVar[str] = "end"
    step: MetaStep
    outcome: Outcome
    message: str = ""


Event: TypeAlias = (
    StepEvent
    | SpeedEvent
    | EvaluationEvent
    | HistogramEvent
    | CheckpointEvent
    | AlertEvent
    | EndEvent
)

_TYPES: dict[str, type[Any]] = {
    kind.name: kind
    for kind in (
        StepEvent,
        SpeedEvent,
        EvaluationEvent,
        HistogramEvent,
        CheckpointEvent,
        AlertEvent,
        EndEvent,
    )
}


_HEAD = re.compile(rb'\{"event": "(\w+)"')
"""How a line begins that ``to_json`` wrote: it is read in one go."""


def to_json(event: Event) -> str:
    """Return the event as one line of JSON."""
    if isinstance(event, StepEvent):
        # Thousands a second are written, and looking for what is within takes longest.
        record = {name: getattr(event, name) for name in event.__slots__}
        return to_text({"event": event.name, **record})
    record = dataclasses.asdict(event)
    if isinstance(event, AlertEvent):
        record["remedies"] = [each.model_dump(mode="json") for each in event.remedies]
    return to_text({"event": event.name, **record})


def from_json(line: str | bytes) -> Event:
    """Return the event that ``to_json`` wrote; ValueError if it is none."""
    content = line.encode() if isinstance(line, str) else line
    try:
        if head := _HEAD.match(content):
            event: Event = _reader(head[1].decode()).validate_json(content)
        else:
            record = json.loads(content)
            event = _reader(record.pop("event")).validate_python(record)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not an event: {content[:80]!r} ({error})") from error
    return event


@functools.cache
def _reader(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_TYPES[name])
