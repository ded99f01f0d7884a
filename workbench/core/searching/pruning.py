"""Gives a trial up when it is worse than half of the others were at the same step."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping

from workbench.core.base.figures import number
from workbench.core.base.measure import Measure
from workbench.core.base.phrases import counted

FEWEST = 5
"""So many others have to have come as far before any is given up."""

WARM_UP = 0.1
"""The share of its meta-steps that each makes before it may be given up."""

Curve = Mapping[int, float]
"""Validations by meta-step."""


def reason_to_prune(
    curve: Curve, step: int, others: Iterable[Curve], measure: Measure
) -> str:
    """Return why a trial is to be given up after its validation; empty if it is not.

    That is so where its best score is worse than the median of the others' at this
    very meta-step, as Optuna's median rule has it, or its score is no number.
    """
    if not math.isfinite(curve[step]):
        return f"its validation diverged after {counted(step, 'meta-step')}"
    losses = [_loss(other[step], measure) for other in others if step in other]
    if len(losses) < FEWEST:
        return ""
    best = min(_loss(curve[at], measure) for at in curve if at <= step)
    median = statistics.median(losses)
    if best <= median:
        return ""
    told = [_told(measure.loss_of(each), measure) for each in (best, median)]
    return (
        f"{told[0]} after {counted(step, 'meta-step')}, worse than {told[1]}, the "
        f"median of {len(losses):,} others"
    )


def _loss(score: float, measure: Measure) -> float:
    """Return what is less for a better score; of one that is no number the worst."""
    return measure.loss_of(score) if math.isfinite(score) else math.inf


def _told(score: float, measure: Measure) -> str:
    return f"{number(measure.scale * score)}{measure.unit}"
