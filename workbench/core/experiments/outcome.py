"""What came of an experiment: the figures of its tables, and where it leaves the paper.

It reads what the runs keep, and computes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.base.phrases import counted
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.config.sections import field_of
from workbench.core.config.worded import worded
from workbench.core.experiments.experiment import Experiment, ExperimentRun
from workbench.core.experiments.judging import Judged, kept
from workbench.core.experiments.measuring import ToMeasure, kept_value, to_measure
from workbench.core.experiments.needs import Need, needs
from workbench.core.experiments.parts import Asked, Measured, Table
from workbench.core.experiments.standing import ASIDE, Planned, standing
from workbench.core.results.evidence import Evidence, measured, without_lost
from workbench.core.results.published import figures
from workbench.core.results.score_text import in_its_unit
from workbench.core.results.statistics import Mean
from workbench.core.runs.row import RunRow, flat


class Figure(NamedTuple):
    """A cell: what the paper has, what was measured here, and over what."""

    row: str
    column: str
    published: str = ""
    measured: str = ""
    over: str = ""


class Reached(NamedTuple):
    """What was measured over the seeds, or over the tasks of one; None: diverged."""

    mean: Mean | None
    measure: Measure
    over: str

    @property
    def text(self) -> str:
        """It in words, with its interval."""
        if self.mean is None:
            return "diverged"
        return in_its_unit(self.mean.mean, self.mean.ci95, self.measure)


class Outcome(NamedTuple):
    """An experiment with the runs that are there for it."""

    runs: Path
    experiment: Experiment
    planned: Sequence[Planned]
    quick: bool = False

    @classmethod
    def of(
        cls,
        runs: Path,
        experiment: Experiment,
        rows: Iterable[RunRow],
        *,
        quick: bool = False,
    ) -> Outcome:
        """Find among the rows of a folder of runs those that are the experiment's."""
        planned = standing(experiment, rows, quick=quick)
        return cls(runs, experiment, planned, quick)

    @property
    def all(self) -> int:
        """How many runs and measurements there are to be."""
        return len(self.planned) + self.measurements

    @property
    def measurements(self) -> int:
        """How many measurements the page needs, made or not."""
        return sum(p.count(quick=self.quick) for p in self.experiment.measured)

    @property
    def there(self) -> int:
        """How many of them are there."""
        values = map(kept_value, self.to_measure)
        return sum(each.is_there for each in self.planned) + sum(
            value is not None for value in values
        )

    @property
    def to_train(self) -> list[Planned]:
        """The runs to begin, or to go on with."""
        return [each for each in self.planned if each.is_to_train]

    @property
    def to_measure(self) -> list[ToMeasure]:
        """Every measurement that the page needs, made or not."""
        return to_measure(self.experiment, quick=self.quick)

    @property
    def to_judge(self) -> list[Judged]:
        """Each evaluation that the page needs of the runs there are, and lacks."""
        asked = (one for part in self.experiment.parts for one in part.asked())
        found = dict.fromkeys(each for one in asked for each in self.judged(one))
        return [each for each in found if kept(self.runs, each) is None]

    def judged(self, asked: Asked) -> Iterator[Judged]:
        """Yield the runs there are for what a part asks, one for each seed."""
        for each in self.planned:
            if each.name == asked.run and each.is_there and each.row is not None:
                yield Judged(each.row, asked.under(each.config))

    def needs(self, data: Path) -> list[Need]:
        """Return what the runs and measurements draw from."""
        configs = [each.config for each in self.planned]
        configs += [each.point.config for each in self.to_measure if each.needs_data]
        return needs(configs, data)

    def evidence(self, asked: Asked) -> list[Evidence]:
        """Return the evaluations that answer what a part asks, one for each seed."""
        found: dict[str, Evidence] = {}
        for each in self.judged(asked):
            if (one := kept(self.runs, each)) is None:
                continue
            at = Evidence.at(each.row, one, asked.step, one.measure)
            found |= {} if at is None else {each.row.folder: at}
        return list(without_lost(found).values())

    def figures(self, table: Table) -> list[list[Figure]]:
        """Return the cells of a table, row by row."""
        return [
            [self._figure(table, row, at) for at in range(len(table.columns))]
            for row in range(len(table.rows))
        ]

    def _figure(self, table: Table, row: int, column: int) -> Figure:
        here, asked = table.rows[row], table.cell(table.rows[row], column)
        mark = "*" if here.from_summary and here.published_in(column) else ""
        figure = Figure(
            here.title, table.columns[column].title, here.published_in(column) + mark
        )
        reached = self.reached(asked) if asked is not None else None
        if reached is None:
            return figure
        return figure._replace(measured=reached.text, over=reached.over)

    def reached(self, asked: Asked) -> Reached | None:
        """Return what was measured where a part asks; None where nothing was."""
        found = self.evidence(asked)
        finite = [one for one in found if math.isfinite(one.score)]
        mean = measured(finite) if finite else None
        if not found:
            return None
        return Reached(mean, found[0].kept.measure, _over(found, finite))

    def points(self, part: Measured) -> dict[str, list[tuple[float, float]]]:
        """Return what was measured of each curve of a part."""
        found: dict[str, list[tuple[float, float]]] = {}
        for point in part.points(quick=self.quick):
            value = kept_value(ToMeasure(point.measure, point))
            if value is not None:
                found.setdefault(point.curve, []).append((point.x, value))
        return found

    def differences(self) -> dict[str, list[str]]:
        """Return for each run where it leaves its paper, as far as that is known."""
        found = {}
        for run in self.experiment.runs:
            config = run.configs(quick=self.quick)[0]
            found[run.name] = [
                *_differences(run, config),
                *_remarks(run.preset),
                *_lost(self._own_evidence(run.name)),
            ]
        return found

    def _own_evidence(self, name: str) -> list[Evidence]:
        asked = (one for part in self.experiment.parts for one in part.asked())
        return [at for one in asked if one.run == name for at in self.evidence(one)]


def _over(found: Sequence[Evidence], finite: Sequence[Evidence]) -> str:
    """Return what a figure is the mean of, in words."""
    if len(found) == 1:
        return f"{found[0].kept.tasks:,} tasks"
    lost = len(found) - len(finite)
    return counted(len(finite), "seed") + (f", {lost} diverged" if lost else "")


def _differences(run: ExperimentRun, config: RunConfig) -> Iterator[str]:
    about = find_preset(run.preset)
    papers = RunConfig.from_dict(about.config).replace({**about.paper_has, **run.set})
    wanted, has = (flat(each.model_dump(mode="json")) for each in (papers, config))
    for name, value in wanted.items():
        section = name.partition(".")[0]
        is_said = section != "evaluation" and name not in _NOT_SAID
        if (is_said or name in _SAID) and has.get(name) != value:
            field = field_of(name, str(has.get(f"{section}.kind", "")))
            title = (field and field.title) or name
            given = "none" if name not in has else worded(name, has[name])
            yield f"{title}: {given}, not {worded(name, value)}"


def _remarks(preset: str) -> Iterator[str]:
    """Yield what the published table says of a preset's figures."""
    found = (figure.remark for figure in figures() if figure.preset == preset)
    yield from dict.fromkeys(filter(None, found))


def _lost(found: Sequence[Evidence]) -> Iterator[str]:
    """Yield how many of the tasks of any evaluation diverged at most."""
    lost = max((one.judged.diverged for one in found), default=0)
    if lost:
        yield (
            f"mean of the middle 98 % of the tasks, for up to {lost:,} of "
            f"{found[0].kept.tasks:,} diverged"
        )


_NOT_SAID = {"training.seed", *ASIDE}
_SAID = {"evaluation.tasks"}
