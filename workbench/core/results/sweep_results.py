"""What a sweep found: how good each value of each swept field is.

A sweep is a set of runs. Its swept fields are those whose values differ, and runs that
differ in the seed alone are repetitions. Only a run trained to its end has a score.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Literal, NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.results.seeds import OverSeeds, are_trimmed, over_seeds
from workbench.core.results.statistics import Mean, mean_over_seeds
from workbench.core.results.swept_fields import SweptField, swept_fields
from workbench.core.runs.row import RunRow

Judge = Literal["test", "validation"]
"""What runs are scored by: their own test, or their best validation."""

_FAR = 4.0
"""A score so many times as far from the best as the middle one is does not set the
scale: one rate too many makes a loss of thousands, beside which all others look alike.
"""


@dataclass(frozen=True)
class Setting:
    """One combination of values, in the order of the fields, and its runs."""

    values: tuple[str, ...]
    together: OverSeeds

    @cached_property
    def score(self) -> Mean | None:
        """The mean over its seeds; infinite if all diverged, None if none has one."""
        return self.together.test


class Average(NamedTuple):
    """The mean of the runs that share a value, whatever else differs between them.

    Its interval is over seeds: each counts with the mean of its runs. ``rows`` are the
    runs that it is of, with their scores as ``test``; ``diverged`` and ``unscored``
    count those that it is not of.
    """

    mean: Mean | None
    rows: tuple[RunRow, ...]
    diverged: int
    unscored: int

    @property
    def words(self) -> str:
        """How many runs it is of, and why not of the others."""
        every = len(self.rows) + self.diverged + self.unscored
        share = "" if len(self.rows) == every else f"{len(self.rows):,} of "
        parts = [f"{share}{every:,} {'run' if every == 1 else 'runs'}"]
        parts += [f"{self.diverged:,} diverged"] if self.diverged else []
        return ", ".join(parts)


NONE = Average(None, (), diverged=0, unscored=0)
"""The average of no runs."""


class ValueLine(NamedTuple):
    """How good one value of a field is: with the best of the rest, and on average."""

    field: SweptField
    value: str
    best: Setting | None
    average: Average
    is_best: bool = False
    is_best_on_average: bool = False


class Scale(NamedTuple):
    """From the worst score to the best; ``is_cut`` where some are worse by far."""

    worst: float
    best: float
    is_cut: bool = False

    def share(self, score: float) -> float:
        """Return how far up the scale a score is: 0 at the worst, 1 at the best."""
        if not math.isfinite(score):
            return 0.0
        if self.best == self.worst:
            return 1.0
        share = (score - self.worst) / (self.best - self.worst)
        return min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class SweepResults:
    """The runs of a sweep, what was swept, and every combination with its runs.

    With ``is_trimmed`` a test counts with the middle 98 % of its tasks.
    """

    rows: tuple[RunRow, ...]
    judge: Judge
    is_trimmed: bool = False

    @cached_property
    def fields(self) -> tuple[SweptField, ...]:
        """What was swept."""
        return swept_fields(self.rows)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Every combination of values that there is."""
        groups: dict[str, list[RunRow]] = defaultdict(list)
        for row in self.rows:
            # A single seed's own interval would be one over tasks.
            scored = row._replace(test=self.score_of(row), test_ci95=None)
            groups[row.group_key].append(scored)
        return tuple(
            Setting(
                tuple(field.value_of(group[0]) for field in self.fields),
                over_seeds(group, trimmed=False),
            )
            for group in groups.values()
        )

    @cached_property
    def measures(self) -> list[Measure]:
        """What the runs are scored by; where that is not one, none is better."""
        return sorted({row.measure for row in self.rows})

    @property
    def measure(self) -> Measure:
        """What the runs are scored by, or one of them where that is not one."""
        return self.measures[-1] if self.rows else Measure.ACCURACY

    @property
    def unscored(self) -> tuple[RunRow, ...]:
        """The runs that have no score, or none yet."""
        return tuple(row for row in self.rows if self.score_of(row) is None)

    def score_of(self, row: RunRow) -> float | None:
        """Return a run's score: infinite where it diverged, None if it has none."""
        if row.state != "completed":
            return None
        if self.judge == "test":
            return row.robust_test if self.is_trimmed else row.test
        # What is infinite is no best validation: a run that diverged has none.
        test = row.robust_test
        has_diverged = test is not None and math.isinf(test)
        return math.inf if row.best is None and has_diverged else row.best

    @cached_property
    def worst_first(self) -> tuple[RunRow, ...]:
        """The runs without a score, then those that diverged, and the best one last."""

        def rank(row: RunRow) -> tuple[bool, bool, float]:
            score = self.score_of(row)
            if score is None or not math.isfinite(score):
                return score is not None, False, 0.0
            return True, True, -self._signed(score)

        return tuple(sorted(self.rows, key=rank))

    @property
    def what_is_missing(self) -> str:
        """How the runs without a score stand, like ``2 running, 1 failed``."""
        done = "not tested" if self.judge == "test" else "not validated"
        words = (_standing(row, done) for row in self.unscored)
        counts = Counter(words).items()
        return ", ".join(f"{count:,} {state}" for state, count in counts)

    @cached_property
    def best(self) -> Setting | None:
        """The best combination: one none of whose seeds diverged, if there is."""
        return self._best(self.settings)

    @cached_property
    def lines(self) -> tuple[ValueLine, ...]:
        """Every value of every field, and which of a field's values are best."""
        return tuple(line for field in self.fields for line in self._lines_of(field))

    @cached_property
    def scale(self) -> Scale | None:
        """From the worst score to the best, but for those that are worse by far."""
        scores = (self.score_of(row) for row in self.rows)
        finite = sorted(
            (score for score in scores if score is not None and math.isfinite(score)),
            reverse=not self.measure.is_less_better,
        )
        if not finite:
            return None
        best, middle, worst = finite[0], finite[len(finite) // 2], finite[-1]
        limit = best + _FAR * (middle - best)
        is_cut = middle != best and abs(worst - best) > abs(limit - best)
        return Scale(limit if is_cut else worst, best, is_cut)

    def averages(self, *fields: SweptField) -> dict[tuple[str, ...], Average]:
        """Average the runs that share their values of fields, whatever else differs."""
        groups = self._by_values(fields)
        return {values: self._average(groups[values]) for values in groups}

    def _by_values(
        self, fields: Sequence[SweptField]
    ) -> dict[tuple[str, ...], list[Setting]]:
        at = [self.fields.index(field) for field in fields]
        groups = defaultdict[tuple[str, ...], list[Setting]](list)
        for setting in self.settings:
            groups[tuple(setting.values[place] for place in at)].append(setting)
        return groups

    def _lines_of(self, field: SweptField) -> list[ValueLine]:
        groups, lines = self._by_values([field]), []
        for value in field.values:
            settings = groups[(value,)]
            best, average = self._best(settings), self._average(settings)
            lines.append(ValueLine(field, value, best, average))
        first = min(lines, key=lambda line: self._rank(line.best))
        typical = min(lines, key=lambda line: self._rank_of_average(line.average))
        return [
            line._replace(
                is_best=line is first and first.best is not None,
                is_best_on_average=line is typical and typical.average.mean is not None,
            )
            for line in lines
        ]

    def _average(self, settings: Iterable[Setting]) -> Average:
        rows = [row for each in settings for row in each.together.rows]
        scored = [row for row in rows if row.test is not None]
        by_seed: dict[int | None, list[float]] = defaultdict(list)
        for row in scored:
            if row.test is not None and math.isfinite(row.test):
                by_seed[row.seed].append(row.test)
        means = [fmean(scores) for scores in by_seed.values()]
        counted = tuple(row for row in scored if math.isfinite(row.test or 0.0))
        return Average(
            mean_over_seeds(means) if means else None,
            counted,
            diverged=len(scored) - len(counted),
            unscored=len(rows) - len(scored),
        )

    def _best(self, settings: Sequence[Setting]) -> Setting | None:
        scored = [each for each in settings if each.score is not None]
        return min(scored, key=self._rank, default=None)

    def _rank(self, setting: Setting | None) -> tuple[int, float]:
        if setting is None or setting.score is None:
            return 2, 0.0
        return int(setting.together.diverged > 0), self._signed(setting.score.mean)

    def _rank_of_average(self, average: Average) -> tuple[int, float]:
        if average.mean is None:
            return 2, 0.0
        return int(average.diverged > 0), self._signed(average.mean.mean)

    def _signed(self, score: float) -> float:
        return score if math.isinf(score) else self.measure.loss_of(score)


def _standing(row: RunRow, done: str) -> str:
    if row.state == "completed":
        return done
    return "given up" if row.pruned else row.state


def sweep_results(rows: Iterable[RunRow], judge: Judge | None = None) -> SweepResults:
    """Find what was swept in these runs; judged by their tests, if there is one.

    A search chose by validations: those are what its runs are judged by.
    """
    runs = tuple(row for row in rows if row.is_run)
    done = [row for row in runs if row.state == "completed"]
    if judge is None:
        is_tested = any(row.test is not None for row in done)
        is_search = any(row.trial is not None for row in runs)
        judge = "test" if is_tested and not is_search else "validation"
    return SweepResults(runs, judge, judge == "test" and are_trimmed(done))
