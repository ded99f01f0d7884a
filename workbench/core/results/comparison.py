"""Runs beside each other: their test figures, and whether they really differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isclose, isfinite
from pathlib import Path

from workbench.core.base.measure import Measure
from workbench.core.config.sections import kinds
from workbench.core.results.seeds import OverSeeds, are_trimmed, over_seeds, shared_name
from workbench.core.results.statistics import (
    Comparison,
    Mean,
    paired_t_test,
    paired_trimmed_test,
    welch_t_test,
)
from workbench.core.runs.evaluations import (
    KeptEvaluation,
    list_evaluations,
    same_episodes,
)
from workbench.core.runs.names import told_apart
from workbench.core.runs.row import RunRow
from workbench.core.training.spread import left_out


@dataclass(frozen=True)
class Contender:
    """One run, or several that differ in the seed alone, with their evaluations."""

    name: str
    together: OverSeeds
    kept: tuple[tuple[KeptEvaluation, ...], ...]

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """Its runs, one of each seed."""
        return self.together.rows

    @property
    def seeds(self) -> str:
        """Its seeds, and what its test figure is not of."""
        seeds = ", ".join(str(row.seed) for row in self.rows)
        missing = ", ".join(self.together.missing_of_all)
        return f"{seeds}; {missing}" if missing else seeds

    @property
    def measure(self) -> Measure:
        """What its figure is."""
        return self.rows[0].measure

    @property
    def test(self) -> Mean | None:
        """The test figure: of one run with the CI over tasks, else over seeds."""
        return self.together.test


@dataclass(frozen=True)
class Verdict:
    """What a test says of two contenders; ``problem`` says why there is none."""

    first: Contender
    second: Contender
    test: Comparison | None = None
    problem: str = ""


def contenders(runs: Path, rows: Sequence[RunRow]) -> list[Contender]:
    """Put runs that differ in the seed alone together, in the order given.

    Where a task of any diverged, all are judged by the middle 98 % of their tasks.
    """
    trimmed = are_trimmed(rows)
    places = {row.group_key: at for at, row in reversed(list(enumerate(rows)))}
    ordered = sorted(rows, key=lambda row: places[row.group_key])
    groups = [
        over_seeds(group, trimmed=trimmed)
        for _, group in groupby(ordered, key=lambda row: row.group_key)
    ]
    names = {
        group.rows[0].folder: shared_name([row.name for row in group.rows])
        for group in groups
    }
    names |= told_apart(names.items())
    return [
        Contender(
            names[group.rows[0].folder],
            group,
            tuple(tuple(list_evaluations(runs / row.folder)) for row in group.rows),
        )
        for group in groups
    ]


def side_by_side(rows: Iterable[tuple[Path, RunRow]]) -> list[Contender]:
    """Put the runs of several folders beside each other, given each run's folder."""
    of_folder: dict[Path, list[RunRow]] = {}
    for runs, row in rows:
        of_folder.setdefault(runs, []).append(row)
    return [side for runs, each in of_folder.items() for side in contenders(runs, each)]


def verdicts(found: Sequence[Contender]) -> list[Verdict]:
    """Compare every contender with the first, or say why that cannot be."""
    return [_verdict(found[0], other) for other in found[1:]]


def _verdict(first: Contender, second: Contender) -> Verdict:
    lost = (side.together.diverged or _loses_many(side) for side in (first, second))
    if not any(lost):
        # A mean's spread over its seeds counts: its tasks do not tell of other seeds.
        of_seeds = _is_mean(first) or _is_mean(second)
        test = (_over_seeds if of_seeds else _over_tasks)(first, second)
        if test is not None:
            return Verdict(first, second, test)
    return Verdict(first, second, problem=_why_not(first, second))


def _is_mean(side: Contender) -> bool:
    return len(_judged(side)) > 1


def _why_not(first: Contender, second: Contender) -> str:
    """Say why two contenders were not compared, and what can be done if anything."""
    if first.measure is not second.measure:
        one, other = sorted((first.measure, second.measure))
        return (
            f"not comparable: one is measured by its {one}, the other by its {other}; "
            "no figure says which is better"
        )
    tasks = [side.rows[0].task for side in (first, second)]
    if tasks[0] != tasks[1]:
        titles = [
            str(getattr(kinds("task").get(task), "title", task)) for task in tasks
        ]
        return f"not comparable: they solve different tasks, {' and '.join(titles)}"
    lost = [side for side in (first, second) if side.together.diverged]
    if lost:
        return f"not compared: {' and '.join(map(_lost, lost))}"
    many = [side.name for side in (first, second) if _loses_many(side)]
    if many:
        return (
            "not compared: the inner loop diverges on more than 1 % of the test tasks "
            f"of {' and '.join(many)}, of which no mean tells anything"
        )
    if _is_mean(first) and _loses_any(first, second) and not first.together.is_trimmed:
        return "not compared: tasks diverged, and of some tests only the mean is known"
    counts = sorted(len(side.together.figures) for side in (first, second))
    if counts[0] == 1 < counts[1]:
        return "too few seeds to tell: beside a mean, both need two seeds or more"
    return (
        "not tested on the same episodes: evaluate all with the same split, ways, "
        "shots, queries and seed, and the inner steps of their tests"
    )


def _loses_any(*sides: Contender) -> bool:
    return any(row.test_diverged for side in sides for row in side.rows)


def _loses_many(side: Contender) -> bool:
    """Return whether more tasks diverged than the middle 98 % are without."""
    return any(
        one.final.diverged > left_out(one.tasks)
        for row, kept in _judged(side)
        for one in kept
        if row.test is not None and isclose(one.score, row.test)
    )


def _lost(side: Contender) -> str:
    if len(side.rows) == 1:
        return f"the test of {side.name} diverged"
    which = f"{side.together.diverged} of {len(side.rows)} tests of {side.name}"
    return f"{which} diverged, and the mean of the others would flatter it"


def _over_tasks(first: Contender, second: Contender) -> Comparison | None:
    """Pair the tasks of two single runs.

    A t test over all tasks is void where one diverged: the variance is that task's
    alone, and whatever else differs is lost in it. To leave out such tasks would
    flatter who loses them. So the middle 98 % are compared, whose ends are the most
    that a diverged task counts for.
    """
    pair = same_episodes(_own(first), _own(second)) or same_episodes(
        _like_own(first), _like_own(second)
    )
    if pair is None:
        return None
    one, other = _task_scores(first, pair[0]), _task_scores(second, pair[1])
    common = min(len(one), len(other))
    if common < 2:
        return None
    if _loses_any(first, second):
        ends = left_out(common)
        return paired_trimmed_test(one[:common], other[:common], ends)
    if not all(map(isfinite, (*one, *other))):
        return None
    return paired_t_test(one[:common], other[:common])


def _judged(contender: Contender) -> list[tuple[RunRow, tuple[KeptEvaluation, ...]]]:
    """Return the runs that its test figure is of; all, where none was tested."""
    every = list(zip(contender.rows, contender.kept, strict=True))
    return [(row, kept) for row, kept in every if row.test is not None] or every


def _own(contender: Contender) -> list[KeptEvaluation]:
    """Return the evaluations that the first run's test figure is of."""
    test = _judged(contender)[0][0].test
    alike = _like_own(contender)
    return [one for one in alike if test is not None and isclose(one.score, test)]


def _like_own(contender: Contender) -> list[KeptEvaluation]:
    """Return the first run's evaluations made as its test was, of its checkpoint."""
    row, kept = _judged(contender)[0]
    made = (row.field("evaluation.steps"), row.field("evaluation.views") or "1")
    alike = (e for e in kept if (str(e.steps), str(e.views)) == made)
    return [each for each in alike if each.checkpoint == "best"]


def _task_scores(contender: Contender, wanted: KeptEvaluation) -> Sequence[float]:
    """Return each task's score where it was evaluated like this.

    Other inner steps or views, or another checkpoint, are another measurement of the
    same tasks.
    """
    _, kept = _judged(contender)[0]
    alike = (one for one in kept if _is_like(one, wanted))
    return max(alike, key=lambda one: (len(one.task_scores), one.made)).task_scores


def _is_like(one: KeptEvaluation, other: KeptEvaluation) -> bool:
    return (one.episodes, one.steps, one.views, one.checkpoint) == (
        other.episodes,
        other.steps,
        other.views,
        other.checkpoint,
    )


def _over_seeds(first: Contender, second: Contender) -> Comparison | None:
    one, other = first.together.figures, second.together.figures
    if min(len(one), len(other)) < 2 or first.measure is not second.measure:
        return None
    if first.rows[0].task != second.rows[0].task:
        return None
    if _loses_any(first, second) and not first.together.is_trimmed:
        return None
    return welch_t_test(one, other)
