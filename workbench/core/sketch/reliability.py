"""How far probabilities can be believed, and the temperature that makes them so.

A temperature T divides a learner's outputs before the softmax (Guo et al., 2017, "On
Calibration of Modern Neural Networks"): the order of the classes stays, and what is
called 80 % is right in 80 of 100 cases, as far as one number can bring that about.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from workbench.core.base.lazy import torch

BINS = 10
_SHARPEST, _FLATTEST = -7.0, 7.0
_HALVINGS = 50


class Bin(BaseModel):
    """The answers whose probability lay in one tenth: how many, and how many right."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    answers: int = Field(ge=0, le=2**31)
    confidence: float = Field(ge=0, le=1)
    """The mean probability of what was answered; 0 without answers."""
    accuracy: float = Field(ge=0, le=1)


def temperature_of(outputs: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the temperature at which outputs [N, ways] are the most likely.

    The cross-entropy is convex in 1/T: the root of its derivative is bracketed. One
    answer more is taken to be any class, so that no mistake in N does not make T zero.
    """
    z = outputs.double()
    rare = 1 / (len(z) + 1)
    right = z.gather(1, labels[:, None])[:, 0]
    wanted = (1 - rare) * right + rare * z.mean(1)
    low, high = _SHARPEST, _FLATTEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        expected = ((z / math.exp(middle)).softmax(-1) * z).sum(1)
        if (expected - wanted).mean() > 0:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def reliability(probabilities: torch.Tensor, labels: torch.Tensor) -> tuple[Bin, ...]:
    """Return the answers to probabilities [N, ways] by how sure they were."""
    confidence, answer = probabilities.double().max(-1)
    hits = (answer == labels).double()
    places = (confidence * BINS).long().clamp(max=BINS - 1)
    found = []
    for place in range(BINS):
        inside = places == place
        count = int(inside.sum())
        means = (
            float(part[inside].sum()) / max(count, 1) for part in (confidence, hits)
        )
        sure, right = (min(mean, 1.0) for mean in means)
        found.append(Bin(answers=count, confidence=sure, accuracy=right))
    return tuple(found)


def expected_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error: how far apart both are on average."""
    answers = sum(each.answers for each in bins)
    apart = (each.answers * abs(each.confidence - each.accuracy) for each in bins)
    return sum(apart) / max(answers, 1)
