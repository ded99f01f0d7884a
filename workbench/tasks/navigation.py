"""Navigation in the plane: Finn, Abbeel, Levine (2017); Li, Zhou, Chen, Li (2017)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from typing_extensions import override

from workbench.core.acting.environment import Outcome
from workbench.core.acting.planar import Place, PlanarSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.base.splits import Split

HALF = 0.5
"""Half the side of the square that goals are drawn from."""

FASTEST = 0.1
"""The longest step along an axis."""

NEAR = 0.01
"""A trajectory is over this near to its goal, along both axes."""

WALL = 0.2
"""Where a wall stands, from -WALL to WALL, above the start."""


class Navigation(PlanarSettings):
    """A point in the plane that is to find where the goal is from its rewards."""

    title = "2D navigation"
    half = HALF

    kind: Literal["navigation"] = "navigation"
    goals: Literal["square", "circle"] = setting(
        "square",
        "Goals",
        "Drawn from the square of side 1 around the origin, or from a circle in it.",
    )
    start: Literal["fixed", "varied"] = setting(
        "fixed",
        "Start",
        "At the origin, or drawn anew for each task from the square (Meta-SGD's).",
    )
    wall: bool = setting(
        False, "Wall", "Whether a wall above the origin is to be gone round."
    )
    oracle: bool = setting(
        False,
        "Oracle",
        "Tell the policy where the goal is: how well a task is solved by who knows.",
        advanced=True,
    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Where it is, and where the goal is for an oracle."""
        return (4,) if self.oracle else (2,)

    @property
    def outputs(self) -> int:
        """The velocity along both axes."""
        return 2

    @property
    @override
    def has_start(self) -> bool:
        return self.start == "varied"

    @property
    @override
    def walls(self) -> tuple[tuple[Place, Place], ...]:
        return (((-WALL, WALL), (WALL, WALL)),) if self.wall else ()

    @override
    def in_short(self) -> str:
        return "navigation"

    @override
    def environment(self) -> Plane:
        return Plane(has_wall=self.wall, tells=self.oracle)

    @override
    def draw_tasks(
        self, split: Split, tasks: int, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw goals and, where they vary, starts."""
        drawn = torch.rand(2, tasks, 2, generator=generator, device=generator.device)
        square = (2 * drawn - 1) * HALF
        angle = 2 * math.pi * drawn[0, :, :1]
        circle = HALF * torch.cat([angle.cos(), angle.sin()], -1)
        goals = circle if self.goals == "circle" else square[0]
        starts = square[1] if self.start == "varied" else torch.zeros_like(goals)
        return torch.cat([goals, starts], -1)

    @override
    def draw_starts(
        self, shape: tuple[int, int], generator: torch.Generator
    ) -> torch.Tensor:
        """Draw nothing: all trajectories of a task start in one place."""
        return torch.empty(*shape, 0, device=generator.device)


@dataclass(frozen=True)
class Plane:
    """A point moves by its actions, and is rewarded for being near the goal.

    An action of 1 is the longest step.
    """

    has_wall: bool = False
    tells: bool = False
    is_traceable: ClassVar[bool] = True
    figures_told: ClassVar[tuple[str, ...]] = ("distance", "success", "length")

    def begin(
        self, drawn: torch.Tensor
    ) -> tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor]:
        """Return where points and goals are."""
        goal, place = drawn[..., :2], drawn[..., 2:4]
        return (place, goal), self._observed(place, goal)

    def step(
        self, state: tuple[torch.Tensor, torch.Tensor], action: torch.Tensor
    ) -> Outcome:
        """Return where the points are then."""
        place, goal = state
        moved = place + FASTEST * action.clamp(-1, 1)
        if self.has_wall:
            is_across = (place[..., 1] < WALL) != (moved[..., 1] < WALL)
            is_stopped = is_across & (moved[..., 0].abs() < WALL)
            moved = torch.where(is_stopped.unsqueeze(-1), place, moved)
        away = moved - goal
        reward = -away.square().sum(-1).sqrt()
        is_over = (away.abs() < NEAR).all(-1)
        return Outcome((moved, goal), self._observed(moved, goal), reward, is_over)

    def figures(self, collected: Trajectories) -> dict[str, torch.Tensor]:
        """Return the distance at the end, whether the goal was met, and the length."""
        lengths = collected.lengths
        at_end = (lengths - 1).long().unsqueeze(-1)
        distance = -collected.reward.gather(-1, at_end).squeeze(-1)
        told = distance, collected.ended, lengths
        return dict(zip(self.figures_told, told, strict=True))

    def _observed(self, place: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
        return torch.cat([place, goal], -1) if self.tells else place
