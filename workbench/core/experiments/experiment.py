"""What stands in the file of an experiment: runs to train, and parts of its page.

A file has a few fields of its own, then tables ``[[run]]`` and ``[[part]]``. Changes to
settings are written as ``{ "section.field" = value }``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import override

from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig

Changes = Mapping[str, Any]
"""Fields by their dotted names, with other values."""

_AT_LEAST_ONE = Field(min_length=1)


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExperimentRun(_Written):
    """A preset with changes, to be trained from each seed.

    ``quick`` are the further changes of a first version, which has one seed.
    """

    name: Annotated[str, _AT_LEAST_ONE]
    preset: str
    set: Changes = {}
    quick: Changes = {}
    seeds: Annotated[tuple[int, ...], _AT_LEAST_ONE] = (0,)

    def configs(self, *, quick: bool) -> list[RunConfig]:
        """Return what to train; ConfigError says what cannot be."""
        base = RunConfig.from_dict(find_preset(self.preset).config)
        base = base.replace({**self.set, **(self.quick if quick else {})})
        seeds = self.seeds[:1] if quick else self.seeds
        return [base.replace({"training.seed": seed}) for seed in seeds]


class Column(_Written):
    """A column of a table; how its runs are judged, and after which inner step.

    ``evaluate`` are changes of task and evaluation; without a ``step`` it is the last.
    """

    title: str
    evaluate: Changes = {}
    step: int | None = Field(default=None, ge=0)


class Row(_Written):
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


class _Part(_Written):
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
    columns: Annotated[tuple[Column, ...], _AT_LEAST_ONE]
    rows: Annotated[tuple[Row, ...], _AT_LEAST_ONE]

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
    runs: Annotated[tuple[str, ...], _AT_LEAST_ONE]

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
    """The validations of runs by meta-step."""

    kind: Literal["learning"]


Part = Annotated[Table | AdaptationCurves | LearningCurves, Field(discriminator="kind")]

KINDS = ("table", "adaptation", "learning")
"""What a part may be."""


class Experiment(_Written):
    """A paper's table or figure: ``shows`` says what, ``remarks`` what is otherwise."""

    name: str
    title: str
    paper: str
    shows: str
    order: int = 100
    remarks: tuple[str, ...] = ()
    runs: Annotated[tuple[ExperimentRun, ...], _AT_LEAST_ONE] = Field(alias="run")
    parts: Annotated[tuple[Part, ...], _AT_LEAST_ONE] = Field(alias="part")

    def run(self, name: str) -> ExperimentRun:
        """Return the run of this name."""
        return next(each for each in self.runs if each.name == name)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        counts = Counter(run.name for run in self.runs)
        found = [f"run {n}: is there twice" for n, count in counts.items() if count > 1]
        found += (
            f"run {run.name}: a seed is there twice"
            for run in self.runs
            if len({*run.seeds}) < len(run.seeds)
        )
        for part in self.parts:
            found += (f"part {part.title}: {text}" for text in part.mistakes())
            found += (
                f"part {part.title}: there is no run {name!r}"
                for name in dict.fromkeys(part.run_names)
                if name not in counts
            )
        if found:
            raise ValueError("\n".join(found))
        return self

    def check(self) -> None:
        """Make every configuration; ConfigError names the run and what is wrong in it.

        Reading a file does not, for a list of experiments must be there at once.
        """
        asked = [one for part in self.parts for one in part.asked()]
        found: list[Mistake] = []
        for run in self.runs:
            for quick in (False, True):
                try:
                    made = run.configs(quick=quick)[0]
                    for one in asked:
                        if one.run == run.name:
                            one.check(made)
                except ConfigError as error:
                    found += _within(f"run {run.name}", error)
        if found:
            raise ConfigError(dict.fromkeys(found))


def _within(place: str, error: ConfigError) -> Iterator[Mistake]:
    """Yield the mistakes of an error, each with the place that they are in."""
    for one in error.mistakes:
        yield one._replace(field=", ".join(filter(None, (place, one.field))))


FIELDS = sorted(
    {
        field.alias or name
        for model in (Experiment, ExperimentRun, Table, Row, Column, AdaptationCurves)
        for name, field in model.model_fields.items()
    }
)
"""Every field that a file may have somewhere."""
