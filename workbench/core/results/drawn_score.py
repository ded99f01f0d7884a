"""What plots draw of a score: its middle, and the band around it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.runs.events import StepScore


class DrawnScore(NamedTuple):
    """A mean with the ends of its 95 % CI, or a median with its quartiles."""

    middle: float
    low: float
    high: float
    is_median: bool = False

    @classmethod
    def of(
        cls, score: StepScore, measure: Measure, *, support: bool = False
    ) -> DrawnScore:
        """Return what is drawn of a loss, an accuracy or a return.

        A regression's loss is drawn as its median, where it was noted how losses lie.
        """
        spread = score.support_spread if support else score.spread
        if measure is Measure.LOSS and spread is not None:
            low, high = (_or(end, spread.median) for end in (spread.low, spread.high))
            return cls(spread.median, low, high, is_median=True)
        mean, error = score.of(measure, support=support)
        mean = math.nan if mean is None else mean
        error = 0.0 if error is None or not math.isfinite(error) else error
        return cls(mean, mean - error, mean + error)

    @property
    def words(self) -> str:
        """What the middle and its band are."""
        return ", median and quartiles" if self.is_median else " ± 95 % CI"

    def text(self, written: Callable[[float], str]) -> str:
        """Return its figures, each as ``written``."""
        if self.is_median:
            ends = f"{written(self.low)} to {written(self.high)}"
            return f"median {written(self.middle)}, quartiles {ends}"
        return f"{written(self.middle)} ± {written(self.high - self.middle)}"


def _or(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise
