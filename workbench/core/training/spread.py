"""How losses of tasks lie at each inner step: a few that diverge hide nothing."""

from __future__ import annotations

import math

from workbench.core.base.lazy import torch
from workbench.core.runs.events import Spread

DIVERGED = 10.0
"""So many times the mean loss before the first inner step: a task above it diverged."""
_TRIMMED = 0.01
"""The share of tasks that a trimmed mean leaves out at each end, one task at least."""


def spreads(losses: torch.Tensor) -> list[Spread]:
    """Return how losses of [tasks, K+1] lie at each step; no number counts as most."""
    losses = losses.double().nan_to_num(math.inf, math.inf)
    limit = DIVERGED * losses[:, 0].mean()
    return [_spread(step.sort().values, limit) for step in losses.unbind(1)]


def _spread(losses: torch.Tensor, limit: torch.Tensor) -> Spread:
    count = len(losses)
    ends = left_out(count)
    is_lost = (losses > limit) | losses.isinf()
    return Spread(
        median=_quantile(losses, 0.5),
        trimmed_mean=float(losses[ends : count - ends].mean()),
        low=_quantile(losses, 0.25),
        high=_quantile(losses, 0.75),
        diverged=int(is_lost.sum()),
    )


def left_out(tasks: int) -> int:
    """Return how many tasks a trimmed mean leaves out at each end."""
    return min(math.ceil(_TRIMMED * tasks), (tasks - 1) // 2)


def _quantile(ordered: torch.Tensor, share: float) -> float:
    """Return a quantile of sorted numbers, of which the last may be infinite."""
    place = share * (len(ordered) - 1)
    below, above = (float(ordered[round_(place)]) for round_ in (math.floor, math.ceil))
    return below if below == above else below + (place % 1) * (above - below)
