"""What is said of a one-shot challenge: the published errors, and a run's among them.

The published figures are of the 20 official runs (Lake et al. 2015, 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workbench.core.base.phrases import percent
from workbench.core.results.proportion import Proportion

WAYS = 20
"""Characters, and queries, of a run."""

PUBLISHED = {
    "Bayesian program learning": 0.033,
    "people": 0.045,
    "recursive cortical network": 0.073,
    "deep Siamese network": 0.080,
    "convolutional network": 0.135,
    "prototypical networks": 0.137,
    "variational homoencoder": 0.187,
    "Hierarchical Deep model": 0.348,
    "modified Hausdorff distance": 0.388,
    "chance": 0.95,
}
"""Published error rates, the lowest first."""


class Rank(NamedTuple):
    """A line of the table: whose error, and whether it is the run's own."""

    name: str
    error: float
    is_run: bool


def errors(wrong: Sequence[int]) -> Proportion:
    """Return the wrong answers of runs, of all that was asked in them."""
    return Proportion(sum(wrong), WAYS * len(wrong))


def ranked(runs: Mapping[str, Proportion]) -> list[Rank]:
    """Return a run's errors and the published ones in one order, the lowest first."""
    ours = [Rank(name, found.share, True) for name, found in runs.items()]
    theirs = [Rank(name, error, False) for name, error in PUBLISHED.items()]
    return sorted(ours + theirs, key=lambda rank: rank.error)


def no_different(errors: Proportion) -> list[str]:
    """Return whose published error lies within the interval of a run's errors."""
    low, high = errors.interval
    return [name for name, error in PUBLISHED.items() if low <= error <= high]


def error_text(errors: Proportion) -> str:
    """Return errors as ``6.3 % error, 25 of 400``; halves are rounded up."""
    tenths = (2000 * errors.hits + errors.trials) // (2 * errors.trials)
    return f"{percent(tenths / 1000, 1)} error, {errors.hits:,} of {errors.trials:,}"


def interval_text(interval: tuple[float, float]) -> str:
    """Return an interval of shares as ``4.3 to 9.1 %``."""
    low, high = interval
    return f"{100 * low:.1f} to {percent(high, 1)}"
