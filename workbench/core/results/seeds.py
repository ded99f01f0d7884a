"""Runs that differ in the seed alone: which of them count, and their test figure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.results.score_text import row_text, score_text
from workbench.core.results.statistics import Mean, mean_over_seeds
from workbench.core.runs.row import RunRow

_SEED_MARK = re.compile(r"[-_ .,]+(s|seed)?[-_ .=]*\d+$")


class OverSeeds(NamedTuple):
    """One run of each seed, in the order of the seeds, and how many were repeats.

    A seed trained twice, or a copied folder, is no further evidence: it counts once.
    ``is_trimmed`` says that each run counts with the mean of the middle 98 % of its
    tasks, for some diverged, and the mean of all tells nothing.
    """

    rows: tuple[RunRow, ...]
    repeats: int
    is_trimmed: bool = False

    @property
    def of_what(self) -> str:
        """What of each run's tasks its figure is, where it is not of all."""
        return "of the middle 98 % " if self.is_trimmed else ""

    @property
    def figures(self) -> list[float]:
        """The test figures there are, without those that diverged."""
        return [test for test in self._tests if math.isfinite(test)]

    @property
    def diverged(self) -> int:
        """How many tests ended in no finite figure."""
        return len(self._tests) - len(self.figures)

    @property
    def test(self) -> Mean | None:
        """The mean with its CI over seeds; of one tested seed, its CI over tasks.

        It is infinite where all diverged, and None where nothing was tested.
        """
        tested = [row for row in self.rows if row.test is not None]
        if len(tested) == 1:
            ci95 = None if self.is_trimmed else tested[0].test_ci95
            return Mean(self._tests[0], ci95, 1)
        if self.figures:
            return mean_over_seeds(self.figures)
        return Mean(math.inf, None, 0) if self.diverged else None

    @property
    def share(self) -> str:
        """Over how many seeds the figure is, as in 2 of 3; empty if over all."""
        some, every = len(self.figures), len(self.rows)
        return f"{some} of {every}" if 0 < some < every else ""

    @property
    def what_is_missing(self) -> list[str]:
        """What the figure is not of, in words."""
        return self._missing("")

    @property
    def missing_of_all(self) -> list[str]:
        """What the figure is not of, and of how many: a bare 3 looks like a seed."""
        return self._missing(f" of {len(self.rows):,}")

    def _missing(self, of_all: str) -> list[str]:
        counts = {
            f"{of_all} diverged": self.diverged,
            f"{of_all} not tested": len(self.rows) - len(self._tests),
            " repeat left out" if self.repeats == 1 else " repeats left out": (
                self.repeats
            ),
        }
        return [f"{count:,}{what}" for what, count in counts.items() if count]

    @property
    def words(self) -> str:
        """How many seeds there are, and what the figure is not of."""
        seeds = "seed" if len(self.rows) == 1 else "seeds"
        return ", ".join(
            [f"{self.share or len(self.rows)} {seeds}", *self.what_is_missing]
        )

    @property
    def _tests(self) -> list[float]:
        tests = (row.robust_test if self.is_trimmed else row.test for row in self.rows)
        return [test for test in tests if test is not None]


def are_trimmed(rows: Iterable[RunRow]) -> bool:
    """Return whether runs are to be judged by the middle 98 % of their tasks.

    That is where a task of any diverged, and all have that figure: one and the same
    for all that are put together or compared.
    """
    tested = [
        row for row in rows if row.test is not None and row.measure is Measure.LOSS
    ]
    is_known = all(row.test_trimmed is not None for row in tested)
    return is_known and any(row.test_diverged for row in tested)


def over_seeds(rows: Iterable[RunRow], *, trimmed: bool | None = None) -> OverSeeds:
    """Take of each seed the newest run, or the newest that was tested.

    ``trimmed`` says what they are judged by, if these alone do not decide it.
    """
    ranked = sorted(
        rows, key=lambda row: (row.test is not None, row.created, row.folder)
    )
    taken = {row.seed: row for row in ranked}
    ordered = tuple(sorted(taken.values(), key=lambda row: row.seed or 0))
    is_trimmed = are_trimmed(ordered) if trimmed is None else trimmed
    return OverSeeds(ordered, len(ranked) - len(taken), is_trimmed)


def contender_text(together: OverSeeds) -> str:
    """Return what runs that are compared were tested as.

    Beside a single regression stand the figures that no single task decides; several
    seeds have one figure, and what of their tasks it is of.
    """
    test, row = together.test, together.rows[0]
    if test is None:
        return "not tested"
    if len(together.rows) > 1:
        mean = score_text(test.mean, test.ci95, row.measure)
        return f"{mean} ({together.of_what.strip()})" if together.of_what else mean
    named = {"median": row.test_median, "middle 98 %": row.test_trimmed}
    if row.has_lost_tasks:
        del named["median"]  # it is named already
    beside = (
        f"{name} {score_text(value, None, Measure.LOSS)}"
        for name, value in named.items()
        if value is not None
    )
    return "\n".join([row_text(row), *beside])


def shared_name(names: Sequence[str]) -> str:
    """Return what to call runs that differ in the seed alone.

    It is their name without a mark of the seed, as in run-s0 and run-s1; the first
    one's where they are called differently.
    """
    without = {_SEED_MARK.sub("", name) for name in names}
    return without.pop() if len({*names}) > 1 == len(without) else names[0]
