"""Tasks of running along a way, which can be watched from the side."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from workbench.core.acting.environment import Environment
from workbench.core.acting.figure import Figure
from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch

RIGHT_WAY = "Right way"
"""What the success of a trajectory is where the goals are ways."""


class Course(Environment, Protocol):
    """Where a body runs; the first of its figures is the velocity."""

    @property
    def figure(self) -> Figure:
        """The body that runs."""

    @property
    def seconds(self) -> float:
        """What one action takes."""

    def poses(self, collected: Trajectories) -> torch.Tensor:
        """Return the poses of trajectories at each time, their end included."""


class RunningSettings(ActingSettings):
    """The settings of families whose tasks are to run so fast, or that way.

    What is drawn for a trajectory begins with its goal: a velocity, or the sign of one.
    """

    @property
    @abstractmethod
    def ways(self) -> Mapping[str, float]:
        """The goals there are, by name; none where any velocity can be one."""

    @property
    @abstractmethod
    def fastest(self) -> float:
        """The largest velocity that is a goal."""

    @abstractmethod
    def course(self) -> Course:
        """Return where it is run; DataError says what is missing."""

    def told_goal(self, goal: float) -> str:
        """Return a goal in words."""
        named = (name for name, way in self.ways.items() if way == goal)
        return next(named, f"{goal:.2f} m/s".replace("-", "\N{MINUS SIGN}"))
