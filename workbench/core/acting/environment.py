"""What an environment is: where an action leads, as a function without a memory."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.errors import WorkbenchError
from workbench.core.base.lazy import torch


class ActingError(WorkbenchError):
    """An environment cannot be acted in any further; the message names it."""


class Outcome(NamedTuple):
    """Where an action led: reward and end are [..., n], observations [..., n, o]."""

    state: Any
    observation: torch.Tensor
    reward: torch.Tensor
    is_over: torch.Tensor


class Environment(Protocol):
    """A world to act in, for all trajectories of one or of many tasks side by side.

    What was drawn for a trajectory, its task and its start, is a row of ``drawn``.
    """

    @property
    def is_traceable(self) -> bool:
        """Whether it is made of torch's operations, the same ones whatever happens."""

    @property
    def figures_told(self) -> tuple[str, ...]:
        """The names of its figures."""

    def begin(self, drawn: torch.Tensor) -> tuple[Any, torch.Tensor]:
        """Return the state at the start and what is observed there."""

    def step(self, state: Any, action: torch.Tensor) -> Outcome:
        """Return where the actions lead; states of trajectories that ended may be any.

        ``state`` is not changed.
        """

    def figures(self, collected: Trajectories) -> dict[str, torch.Tensor]:
        """Return what else is told of trajectories, each [..., n] or [...]."""
