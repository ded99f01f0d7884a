"""What stands in the file of an experiment: runs to train, and parts of its page.

A file has a few fields of its own, then ``[common]``, what all its runs have, and
tables ``[[run]]`` and ``[[part]]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.experiments.parts import (
    AT_LEAST_ONE,
    PLACE,
    AdaptationCurves,
    Changes,
    Column,
    Final,
    FinalCurve,
    LearningCurves,
    Measured,
    MeasuredCurve,
    Part,
    Row,
    Table,
    Written,
    at_value,
    preset_config,
    whole,
)


class Common(Written):
    """A preset with changes: ``set`` as the paper has it, ``quick`` in haste."""

    preset: str = ""
    set: Changes = Field(default_factory=dict)
    quick: Changes = Field(default_factory=dict)


class ExperimentRun(Common):
    """What is trained from each seed; a first version has one seed.

    Where a field is to vary, it stands for a run at each value, named after it.
    """

    name: Annotated[str, AT_LEAST_ONE]
    seeds: Annotated[tuple[int, ...], AT_LEAST_ONE] = (0,)
    vary: str = ""
    values: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _varies_in_its_name(self) -> Self:
        if bool(self.vary) != bool(self.values):
            raise ValueError("give vary and values, or none of them")
        if self.vary and PLACE not in self.name:
            raise ValueError(f"name has no {PLACE} for the value of {self.vary}")
        return self

    def each(self, common: Common) -> Iterator[ExperimentRun]:
        """Yield the runs it stands for, each with what is common to all."""
        alone = {
            "preset": self.preset or common.preset,
            "set": {**common.set, **self.set},
            "quick": {**common.quick, **self.quick},
            "vary": "",
            "values": (),
        }
        whole_run = self.model_copy(update=alone)
        if not self.vary:
            yield whole_run
        for value in self.values:
            name = at_value(self.name, value)
            changed = {**whole_run.set, self.vary: whole(value)}
            yield whole_run.model_copy(update={"name": name, "set": changed})

    def configs(self, *, quick: bool) -> list[RunConfig]:
        """Return what to train; ConfigError says what cannot be."""
        base = preset_config(self.preset).replace(
            {**self.set, **(self.quick if quick else {})}
        )
        seeds = self.seeds[:1] if quick else self.seeds
        return [base.replace({"training.seed": seed}) for seed in seeds]


class Experiment(Written):
    """A paper's table or figure: ``shows`` says what, ``remarks`` what is otherwise."""

    name: str
    title: str
    paper: str
    shows: str
    order: int = 100
    remarks: tuple[str, ...] = ()
    common: Common = Common()
    written: tuple[ExperimentRun, ...] = Field(default=(), alias="run")
    parts: Annotated[tuple[Part, ...], AT_LEAST_ONE] = Field(alias="part")

    @cached_property
    def runs(self) -> tuple[ExperimentRun, ...]:
        """Every run, once: what varies may meet in one."""
        found: list[ExperimentRun] = []
        for run in self.written:
            found += (one for one in run.each(self.common) if one not in found)
        return tuple(found)

    @property
    def measured(self) -> list[Measured]:
        """The parts that need no run."""
        return [part for part in self.parts if isinstance(part, Measured)]

    def run(self, name: str) -> ExperimentRun:
        """Return the run of this name."""
        return next(each for each in self.runs if each.name == name)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        counts = Counter(run.name for run in self.runs)
        found = [f"run {n}: is there twice" for n, count in counts.items() if count > 1]
        found += (f"run {r.name}: preset is missing" for r in self.runs if not r.preset)
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
        found: list[Mistake] = []
        for quick in (False, True):
            for run in self.runs:
                found += _mistakes(f"run {run.name}", self._check_run, run, quick=quick)
            for part in self.measured:
                found += _mistakes(f"part {part.title}", part.points, quick=quick)
        if found:
            raise ConfigError(dict.fromkeys(found))

    def _check_run(self, run: ExperimentRun, *, quick: bool) -> None:
        made = run.configs(quick=quick)[0]
        for asked in (one for part in self.parts for one in part.asked()):
            if asked.run == run.name:
                asked.check(made)


def _mistakes(
    place: str, make: Callable[..., object], *what: object, quick: bool
) -> Iterator[Mistake]:
    """Yield what is wrong where something is made, each with the place it is in."""
    try:
        make(*what, quick=quick)
    except ConfigError as error:
        for one in error.mistakes:
            yield one._replace(field=", ".join(filter(None, (place, one.field))))


_MODELS = (
    *(Experiment, Common, ExperimentRun, Table, Row, Column),
    *(AdaptationCurves, LearningCurves, Final, FinalCurve, Measured, MeasuredCurve),
)
FIELDS = sorted(
    {
        field.alias or name
        for model in _MODELS
        for name, field in model.model_fields.items()
    }
)
"""Every field that a file may have somewhere."""
