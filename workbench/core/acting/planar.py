"""Tasks of finding a goal in the plane, which can be drawn as a map."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch

Place: TypeAlias = tuple[float, float]


class PlanarSettings(ActingSettings):
    """The settings of families whose tasks are to go to a goal in the plane.

    What is drawn for a trajectory begins with its goal and its start, and what is
    observed with where it is.
    """

    half: ClassVar[float] = 0.5
    """Half the side of the square around the origin that goals are drawn from."""

    @property
    def has_start(self) -> bool:
        """Whether where a task starts is part of the task."""
        return False

    @property
    def walls(self) -> tuple[tuple[Place, Place], ...]:
        """The walls to go round, each from one end to the other."""
        return ()


def paths_of(acted: Trajectories) -> torch.Tensor:
    """Return where trajectories in the plane are, [..., horizon + 1, 2].

    After its end a trajectory stays where it ended.
    """
    seen = torch.cat([acted.x, acted.last.unsqueeze(-2)], -2)[..., :2]
    times = torch.arange(seen.shape[-2], device=seen.device)
    until = times.minimum(acted.lengths.long().unsqueeze(-1))
    return seen.gather(-2, until.unsqueeze(-1).expand_as(seen))
