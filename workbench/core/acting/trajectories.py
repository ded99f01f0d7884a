"""What acting in a task gives to learn from: trajectories, side by side."""

from __future__ import annotations

from typing import NamedTuple

from workbench.core.base.lazy import torch

LOG_SD = "log_sd"
"""The leaf that holds the logarithm of each action's standard deviation."""


class Trajectories(NamedTuple):
    """Trajectories of a task, [n, horizon, ...]; of many tasks, with an axis before.

    ``x`` are observations and ``y`` the actions taken there. ``going`` is 1 as long as
    a trajectory goes on, and 0 for the steps after its end, which are but padding.
    ``advantage`` is how much better an action was than expected. ``mean`` and
    ``log_sd`` are those of the policy that acted. ``last`` is what is observed after
    all steps, and ``ended`` is 1 where a trajectory ended by itself, [n, ...].
    """

    x: torch.Tensor
    y: torch.Tensor
    reward: torch.Tensor
    going: torch.Tensor
    advantage: torch.Tensor
    mean: torch.Tensor
    log_sd: torch.Tensor
    last: torch.Tensor
    ended: torch.Tensor

    @property
    def returns(self) -> torch.Tensor:
        """The sum of each trajectory's rewards."""
        return self.reward.sum(-1)

    @property
    def lengths(self) -> torch.Tensor:
        """How many steps each trajectory went on for."""
        return self.going.sum(-1)
