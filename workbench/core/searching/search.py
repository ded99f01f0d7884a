"""A search: what is tried, how often, by which rule; and what became of each trial."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TRIALS = 1000
"""A search of more trials than this is a slip of the pen."""

MOST_RUNS = 10_000
"""So are more runs than this, of all seeds of all trials."""

USUAL_TRIALS = 30
"""So many are made if nobody says."""

Sampler = Literal["tpe", "random", "grid"]
Prune = Literal["none", "median"]
TrialState = Literal["running", "completed", "pruned", "diverged", "failed"]


class Search(BaseModel):
    """What is searched, as it was written: ``algorithm.inner_lr=0.001..1:log``.

    Every trial is trained with each of ``seeds``; ``seed`` decides what is tried.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    space: tuple[str, ...]
    trials: int = Field(USUAL_TRIALS, ge=1, le=MOST_TRIALS)
    sampler: Sampler = "tpe"
    prune: Prune = "none"
    seed: int = 0
    seeds: tuple[int, ...] = ()


class Trial(BaseModel):
    """One choice of values, and how good it was; ``curve`` is by meta-step."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    values: dict[str, Any]
    state: TrialState = "running"
    score: float | None = None
    curve: dict[int, float] = {}


class TrialNote(BaseModel):
    """What a run's folder says of the trial that it is of, and of its search."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    values: dict[str, Any]
    search: Search
