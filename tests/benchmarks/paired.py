"""Times of several ways that take turns, so that each sees the same machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple, TypeVar

T = TypeVar("T")

LEAST_ROUNDS = 6
"""Of fewer, not even the least and the greatest enclose the median in 95 of 100."""


class Ratio(NamedTuple):
    """A median of ratios, and between what it is by an interval of at least 95 %."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.3g} ({self.low:.3g} to {self.high:.3g})"


def in_turns(ways: Sequence[Callable[[], T]], rounds: int) -> list[list[T]]:
    """Return what each way gives in each round, every second of which goes backwards.

    One round before them is not counted: it leaves behind what is there later.
    """
    given: list[list[T]] = [[] for _ in ways]
    for number in range(rounds + 1):
        order = range(len(ways))
        for which in order if number % 2 else reversed(order):
            one = ways[which]()
            if number:
                given[which].append(one)
    return given


def ratio(these: Sequence[float], those: Sequence[float]) -> Ratio:
    """Return how many times as long these took as those, round by round.

    The interval is that of the sign test, which takes no distribution for granted: a
    round in which the machine did something else counts as one, however long it was.
    """
    if len(these) < LEAST_ROUNDS:
        raise ValueError(f"{LEAST_ROUNDS} rounds are the least")
    ratios = sorted(this / that for this, that in zip(these, those, strict=True))
    out = _left_out(len(ratios))
    return Ratio(median(ratios), ratios[out], ratios[-1 - out])


def _left_out(count: int) -> int:
    """Return how many of the least, and of the greatest, the interval leaves out."""
    out, beyond = 0, 2.0
    while beyond + 2 * math.comb(count, out + 1) <= 0.05 * 2**count:
        out += 1
        beyond += 2 * math.comb(count, out)
    return out
