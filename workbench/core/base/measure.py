"""What a run is judged by: a loss, an accuracy or a return, and how each is told."""

from __future__ import annotations

import math
from enum import StrEnum


class Measure(StrEnum):
    """The closed set of what a score can be.

    A loss is of a regression, an accuracy, kept as a share, of a classification, and a
    return, the mean sum of rewards, of reinforcement learning: of any sign.
    """

    LOSS = "loss"
    ACCURACY = "accuracy"
    RETURN = "return"

    @classmethod
    def of_problem(cls, problem: str) -> Measure:
        """Return what tasks of a problem, as their family names it, are judged by."""
        return _OF_PROBLEM[problem]

    @property
    def is_less_better(self) -> bool:
        """Whether of two scores the lower one is better."""
        return self is Measure.LOSS

    @property
    def is_share(self) -> bool:
        """Whether a score is kept as a share from 0 to 1, and shown in percent."""
        return self is Measure.ACCURACY

    @property
    def scale(self) -> int:
        """What a score is multiplied by to be shown."""
        return 100 if self.is_share else 1

    @property
    def unit(self) -> str:
        """What stands behind a score that is shown."""
        return " %" if self.is_share else ""

    @property
    def difference_unit(self) -> str:
        """What stands behind a difference of two scores."""
        return " points" if self.is_share else ""

    def learned_from(self, shots: int | str) -> str:
        """Return what a task is learned from: ``5-shot``, or ``20 trajectories``."""
        return f"{shots} trajectories" if self is Measure.RETURN else f"{shots}-shot"

    @property
    def digits(self) -> int:
        """How many digits behind the point are shown."""
        return 4 if self is Measure.LOSS else 2

    @property
    def with_unit(self) -> str:
        """What is measured with its unit, as an axis says it: ``accuracy, %``."""
        return f"{self}, %" if self.is_share else str(self)

    def of_queries(self, name: str = "") -> str:
        """Return what is measured, with its unit or as named, on a task's queries.

        A return is of no set of examples: ``query loss``, but ``return``.
        """
        told = name or self.with_unit
        return told if self is Measure.RETURN else f"query {told}"

    @property
    def worst(self) -> float:
        """What no score is worse than."""
        return math.inf if self.is_less_better else -math.inf

    def loss_of(self, score: float) -> float:
        """Return what is less for a better score, to be sorted by."""
        return score if self.is_less_better else -score

    def is_better(self, one: float, other: float) -> bool:
        """Return whether one score is better than another, and not the same."""
        return self.loss_of(one) < self.loss_of(other)


_OF_PROBLEM = {
    "classification": Measure.ACCURACY,
    "regression": Measure.LOSS,
    "reinforcement": Measure.RETURN,
}
