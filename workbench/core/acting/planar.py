"""Tasks of finding a goal in the plane, which can be drawn as a map."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from workbench.core.acting.settings import ActingSettings

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
