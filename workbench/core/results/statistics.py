"""Means with confidence intervals, and whether two results differ by more than chance.

Only the standard library is needed: Student's distribution is computed from the
continued fraction of the incomplete beta function.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

_TINY = 1e-300
_EPSILON = 1e-15
_MOST_TERMS = 10_000


class Mean(NamedTuple):
    """A mean with the half-width of its 95 % confidence interval.

    ``ci95`` is None where a single value gives none.
    """

    mean: float
    ci95: float | None
    values: int

    @property
    def interval(self) -> tuple[float, float]:
        """Its ends; the mean itself where there is no interval."""
        half = self.ci95 or 0.0
        return self.mean - half, self.mean + half


class Comparison(NamedTuple):
    """A named test of whether two means differ.

    ``difference`` is the first mean minus the second, ``ci95`` the half-width of its
    95 % confidence interval, ``values`` how many pairs, or values in all.
    """

    test: str
    difference: float
    ci95: float
    statistic: float
    freedom: float
    p_value: float
    values: int

    @property
    def is_significant(self) -> bool:
        """Whether the difference is more than chance at the 5 % level."""
        return self.p_value < 0.05

    def sentence(self) -> str:
        """Return the test, over what it was taken, and its p-value in words."""
        verdict = "significant" if self.is_significant else "not significant"
        what = "tasks" if self.test.startswith("paired") else "runs"
        over = f"{self.test} over {self.values:,} {what}"
        return f"{verdict} at 5 %, {_p_text(self.p_value)} ({over})"


def mean_over_seeds(values: Sequence[float]) -> Mean:
    """Return the mean of a few runs, with Student's 95 % interval t sd / sqrt(n)."""
    count = len(values)
    if count == 0:
        raise ValueError("a mean needs at least one value")
    mean = math.fsum(values) / count
    if count == 1:
        return Mean(mean, None, 1)
    error = math.sqrt(_variance(values) / count)
    return Mean(mean, t_quantile(0.975, count - 1) * error, count)


def paired_t_test(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Compare two learners on the same tasks, task by task."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values cannot be paired with {len(second)}")
    if len(first) < 2:
        raise ValueError("a paired t test needs at least two pairs")
    differences = [a - b for a, b in zip(first, second, strict=True)]
    count = len(differences)
    mean = math.fsum(differences) / count
    error = math.sqrt(_variance(differences) / count)
    return _compared("paired t test", mean, error, count - 1, count)


def paired_trimmed_test(
    first: Sequence[float], second: Sequence[float], ends: int
) -> Comparison:
    """Compare two learners on the same tasks by the means of their middle tasks.

    ``ends`` tasks are left out at each end of each learner's. This is Yuen's test for
    dependent samples (Wilcox, Introduction to Robust Estimation, section 5.9.5): the
    error of trimmed means is that of values whose ends are drawn in to the last ones
    kept. What a diverged task lost by is no part of it, so that no single one decides.
    """
    middle = len(first) - 2 * ends
    if len(first) != len(second) or middle < 2:
        raise ValueError("a trimmed test needs two pairs in the middle")
    one, other = (_drawn_in(side, ends) for side in (first, second))
    kept = [math.fsum(sorted(each)[ends : ends + middle]) for each in (one, other)]
    differences = [a - b for a, b in zip(one, other, strict=True)]
    squares = (len(differences) - 1) * _variance(differences)
    error = math.sqrt(squares / (middle * (middle - 1)))
    name = "paired t test of the middle 98 %"
    difference = (kept[0] - kept[1]) / middle
    return _compared(name, difference, error, middle - 1, len(first))


def welch_t_test(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Compare two groups of runs that have nothing to be paired by."""
    if min(len(first), len(second)) < 2:
        raise ValueError("Welch's t test needs at least two values in each group")
    mean = math.fsum(first) / len(first) - math.fsum(second) / len(second)
    one, other = _variance(first) / len(first), _variance(second) / len(second)
    weights = one**2 / (len(first) - 1) + other**2 / (len(second) - 1)
    freedom = (one + other) ** 2 / weights if weights else math.inf
    count = len(first) + len(second)
    return _compared("Welch's t test", mean, math.sqrt(one + other), freedom, count)


def t_two_sided(statistic: float, freedom: float) -> float:
    """Return how likely Student's t is at least this far from zero."""
    if math.isinf(statistic):
        return 0.0
    if math.isinf(freedom):
        return math.erfc(abs(statistic) / math.sqrt(2))
    # Of the two forms of the same number, the one that keeps its digits near zero.
    square = statistic * statistic
    return _beta_share(freedom / 2, 0.5, freedom, square)


@functools.lru_cache(maxsize=4096)
def t_quantile(probability: float, freedom: float) -> float:
    """Return the t that Student's distribution stays below with this probability."""
    if not 0.5 <= probability < 1:
        raise ValueError(f"{probability}: give a probability from 0.5 to 1")
    tail = 2 * (1 - probability)
    low, high = 0.0, 1.0
    while t_two_sided(high, freedom) > tail:
        high *= 2
    while high - low > _EPSILON * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if t_two_sided(middle, freedom) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _compared(
    test: str, difference: float, error: float, freedom: float, count: int
) -> Comparison:
    if error == 0:
        statistic = math.copysign(math.inf, difference) if difference else 0.0
        p_value = 0.0 if difference else 1.0
        return Comparison(test, difference, 0.0, statistic, freedom, p_value, count)
    statistic = difference / error
    return Comparison(
        test,
        difference,
        t_quantile(0.975, freedom) * error,
        statistic,
        freedom,
        t_two_sided(statistic, freedom),
        count,
    )


def _drawn_in(values: Sequence[float], ends: int) -> list[float]:
    """Return the values without those beyond the ones kept; no number is beyond all."""
    known = [math.inf if math.isnan(value) else value for value in values]
    ordered = sorted(known)
    low, high = ordered[ends], ordered[-1 - ends]
    return [min(max(value, low), high) for value in known]


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _beta_share(a: float, b: float, numerator: float, rest: float) -> float:
    """Return the regularised incomplete beta function at numerator/(numerator+rest).

    Given as two parts, an argument near 1 loses no digits.
    """
    whole = numerator + rest
    x, y = numerator / whole, rest / whole
    if y == 0:
        return 1.0
    front = math.exp(
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * (-math.log1p(rest / numerator))
        + b * math.log(y)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, y) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function (Lentz)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < _EPSILON:
            break
    return fraction


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _p_text(p_value: float) -> str:
    return "p < 0.0001" if p_value < 1e-4 else f"p = {p_value:.4f}"
