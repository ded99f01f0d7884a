"""The parts of an experiment's page, as its file has them.

Changes to settings are written as ``{ "section.field" = value }``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from workbench.core.base.phrases import quoted
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.experiments.measures import MEASURES

Changes = Mapping[str, Any]
"""Fields by their dotted names, with other values."""

AT_LEAST_ONE = Field(min_length=1)

PLACE = "{}"
"""Where a run's name has the value of the field that varies."""


class Written(BaseModel):
    """What a person writes: frozen, and no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Written):
    """A column of a table; how its runs are judged, and after which inner step.

    ``evaluate`` are changes of task and evaluation; without a ``step`` it is the last.
    """

    title: str
    evaluate: Changes = {}
    step: int | None = Field(default=None, ge=0)


class Row(Written):
    """A row of a table: one run for all columns, or ``runs``, one for each.

    ``published`` are the paper's figures as it has them, one for each column. Where
    there is no run, or no figure, the text is empty.
    """

    title: str
    run: str = ""
    runs: tuple[str, ...] = ()
    evaluate: Changes = {}
    published: tuple[str, ...] = ()
    from_summary: bool = False

    def run_of(self, column: int) -> str:
        """Return the name of the run in a column; empty if there is none."""
        return self.runs[column] if self.runs else self.run

    def published_in(self, column: int) -> str:
        """Return the published figure of a column; empty if there is none."""
        return self.published[column] if self.published else ""


class Asked(NamedTuple):
    """An evaluation that a part needs of a run: task and evaluation as changed."""

    run: str
    evaluate: Changes
    step: int | None = None

    def under(self, config: RunConfig) -> RunConfig:
        """Return a run's configuration as it is to be judged."""
        return config.replace(self.evaluate)

    def check(self, config: RunConfig) -> None:
        """Refuse changes that are none of how a run is judged, and steps beyond."""
        for name in self.evaluate:
            if not name.startswith(("task.", "evaluation.")):
                reason = (
                    "cannot be changed where a run is judged: only task, evaluation"
                )
                raise ConfigError([Mistake(name, reason)])
        steps = self.under(config).evaluation.steps
        if self.step is not None and self.step > steps:
            text = f"step {self.step} is beyond the {steps} that are evaluated"
            raise ConfigError([Mistake("", text)])


class _Part(Written):
    title: str
    note: str = ""

    @property
    def run_names(self) -> Iterable[str]:
        """Every run that it names."""
        return ()

    def asked(self) -> Iterator[Asked]:
        """Yield every evaluation that it needs."""
        yield from ()

    def mistakes(self) -> Iterator[str]:
        """Yield what does not go together in it."""
        yield from ()


class Table(_Part):
    """A table of rows by columns, published beside measured."""

    kind: Literal["table"]
    columns: Annotated[tuple[Column, ...], AT_LEAST_ONE]
    rows: Annotated[tuple[Row, ...], AT_LEAST_ONE]

    @property
    @override
    def run_names(self) -> Iterable[str]:
        names = (name for row in self.rows for name in (row.run, *row.runs))
        return filter(None, names)

    @override
    def asked(self) -> Iterator[Asked]:
        cells = (self.cell(row, at) for row in self.rows for at in self._places)
        yield from filter(None, cells)

    def cell(self, row: Row, column: int) -> Asked | None:
        """Return what is measured where a row meets a column; None if nothing is."""
        how, name = self.columns[column], row.run_of(column)
        return Asked(name, {**how.evaluate, **row.evaluate}, how.step) if name else None

    @override
    def mistakes(self) -> Iterator[str]:
        count = len(self.columns)
        for row in self.rows:
            if row.run and row.runs:
                yield f"row {row.title}: give run or runs, not both"
            for name, given in (("runs", row.runs), ("published", row.published)):
                if given and len(given) != count:
                    what = f"{name} has {len(given)}, and there are {count} columns"
                    yield f"row {row.title}: {what}"

    @property
    def _places(self) -> range:
        return range(len(self.columns))


class _Curves(_Part):
    runs: Annotated[tuple[str, ...], AT_LEAST_ONE]

    @property
    @override
    def run_names(self) -> Iterable[str]:
        return self.runs


class AdaptationCurves(_Curves):
    """The loss, or the accuracy, of runs by inner step."""

    kind: Literal["adaptation"]
    evaluate: Changes = {}

    @override
    def asked(self) -> Iterator[Asked]:
        yield from (Asked(name, self.evaluate) for name in self.runs)


class LearningCurves(_Curves):
    """The validations of runs by meta-step, or by hours of training."""

    kind: Literal["learning"]
    by: Literal["meta-step", "hours"] = "meta-step"


class FinalCurve(Written):
    """Runs that differ in one field, whose value stands where their name has {}."""

    title: str
    run: str


class Final(_Part):
    """What runs reach at their end, as one field of them varies: curves and a table."""

    kind: Literal["final"]
    vary: str
    values: Annotated[tuple[float, ...], AT_LEAST_ONE]
    curves: Annotated[tuple[FinalCurve, ...], AT_LEAST_ONE]
    evaluate: Changes = {}
    step: int | None = Field(default=None, ge=0)

    @property
    @override
    def run_names(self) -> Iterable[str]:
        return (one.run for one in self.asked())

    @override
    def asked(self) -> Iterator[Asked]:
        for curve in self.curves:
            yield from self.asked_of(curve)

    def asked_of(self, curve: FinalCurve) -> list[Asked]:
        """Return what is asked for at each value of a curve."""
        names = (at_value(curve.run, value) for value in self.values)
        return [Asked(name, self.evaluate, self.step) for name in names]


class MeasuredCurve(Written):
    """A preset with changes, as it is measured: as its part says, or else as it does.

    Two measures in one part have the same unit.
    """

    title: str
    preset: str
    set: Changes = {}
    measure: str = ""


class Point(NamedTuple):
    """One configuration to measure, and where its curve has what is measured."""

    curve: str
    x: float
    measure: str
    config: RunConfig


class Measured(_Part):
    """What is measured of configurations, not of runs, as one field of them varies."""

    kind: Literal["measured"]
    measure: str
    vary: str
    values: Annotated[tuple[float, ...], AT_LEAST_ONE]
    quick_values: tuple[float, ...] = ()
    curves: Annotated[tuple[MeasuredCurve, ...], AT_LEAST_ONE]

    def count(self, *, quick: bool) -> int:
        """Return how many points there are to be."""
        return len(self.curves) * len(self._values(quick=quick))

    def points(self, *, quick: bool) -> list[Point]:
        """Return what to measure; ConfigError says what cannot be."""
        return [
            Point(curve.title, value, curve.measure or self.measure, config)
            for curve in self.curves
            for base in [preset_config(curve.preset).replace(curve.set)]
            for value in self._values(quick=quick)
            for config in [base.replace({self.vary: whole(value)})]
        ]

    def _values(self, *, quick: bool) -> Sequence[float]:
        return (self.quick_values if quick else ()) or self.values

    @override
    def mistakes(self) -> Iterator[str]:
        named = [
            self.measure,
            *(curve.measure or self.measure for curve in self.curves),
        ]
        for name in dict.fromkeys(named):
            if name not in MEASURES:
                hint, known = did_you_mean(name, MEASURES), ", ".join(MEASURES)
                yield f"measure {quoted(name)} is not one of {known}{hint}"


def preset_config(preset: str) -> RunConfig:
    """Return the configuration of a preset."""
    return RunConfig.from_dict(find_preset(preset).config)


def at_value(name: str, value: float) -> str:
    """Return a name with a value where it has {}."""
    return name.replace(PLACE, f"{value:g}")


def whole(value: float) -> float:
    """Return a value as a field has it, whole where it is."""
    return int(value) if value.is_integer() else value


Part = Annotated[
    Table | AdaptationCurves | LearningCurves | Final | Measured,
    Field(discriminator="kind"),
]

KINDS = ("table", "adaptation", "learning", "final", "measured")
"""What a part may be."""
