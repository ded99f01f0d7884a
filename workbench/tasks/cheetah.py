"""The half-cheetah: Finn, Abbeel, Levine (2017), simulated by MuJoCo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from typing_extensions import override

from workbench.core.acting.environment import Outcome
from workbench.core.acting.figure import Figure
from workbench.core.acting.running import RunningSettings
from workbench.core.acting.simulations import Simulations
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.errors import DataError
from workbench.core.base.extras import missing_of
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.base.splits import Split
from workbench.core.learning.task_family import Limits

FASTEST = 2.0
"""The largest goal velocity."""

WAYS = {"backwards": -1.0, "forwards": 1.0}
"""The goals that are directions."""

FRAME_SKIP = 5
"""Simulated steps of one action."""

CONTROL_COST = 0.05

NOISE = 0.1
"""How far from rest joints may start, and the standard deviation of their speeds."""

JOINTS = 9
"""Three of the torso, its place along the way first, and six of the legs."""

TORSO_AT = 2 * JOINTS - 1
"""Where in an observation the torso's place is: behind positions and velocities."""

_MODEL = "envs/mujoco/assets/half_cheetah.xml"


class HalfCheetah(RunningSettings):
    """A two-legged runner in the plane that is to find out where to, or how fast."""

    title = "Half-cheetah"
    told_in_short = ("goals",)

    kind: Literal["cheetah"] = "cheetah"
    goals: Literal["velocity", "direction"] = setting(
        "velocity",
        "Goals",
        "To run at a velocity drawn from 0 to 2, or forwards or backwards.",
    )
    horizon: int = setting(
        200, "Horizon", "Steps of a trajectory at the most.", ge=2, le=1000, symbol="H"
    )
    oracle: bool = setting(
        False,
        "Oracle",
        "Tell the policy its goal: how well a task is solved by who knows.",
        advanced=True,
    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Joints but for the place, their velocities, and the torso's place."""
        return (TORSO_AT + 3 + self.oracle,)

    @property
    def outputs(self) -> int:
        """The torque of each joint of the legs."""
        return JOINTS - 3

    @property
    @override
    def ways(self) -> Mapping[str, float]:
        return WAYS if self.goals == "direction" else {}

    @property
    @override
    def fastest(self) -> float:
        return FASTEST

    @classmethod
    @override
    def missing(cls) -> str:
        return missing_of("rl", "gymnasium", "mujoco")

    @override
    def in_short(self) -> str:
        return f"half-cheetah {self.goals}"

    @override
    def holdings(self, data: Path) -> dict[Split, Limits]:
        _model_file()
        return {}

    @override
    def environment(self) -> Cheetah:
        return self.course()

    @override
    def course(self) -> Cheetah:
        return Cheetah(_model_file(), self.goals, self.oracle, torch.get_num_threads())

    @override
    def draw_tasks(
        self, split: Split, tasks: int, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw goals: velocities, or 1 for forwards and -1 for backwards."""
        drawn = torch.rand(tasks, 1, generator=generator, device=generator.device)
        if self.goals == "velocity":
            return FASTEST * drawn
        return torch.where(drawn < 0.5, -1.0, 1.0)

    @override
    def draw_starts(
        self, shape: tuple[int, int], generator: torch.Generator
    ) -> torch.Tensor:
        """Draw how far from rest joints are, and how fast, as gymnasium does."""
        size, on = (*shape, JOINTS), generator.device
        places = 2 * torch.rand(size, generator=generator, device=on) - 1
        speeds = torch.randn(size, generator=generator, device=on)
        return NOISE * torch.cat([places, speeds], -1)


class Running(NamedTuple):
    """Simulations' states, [..., n, numbers] in double precision, and their goals."""

    rows: torch.Tensor
    goal: torch.Tensor


@dataclass(frozen=True)
class Cheetah:
    """Runs, and is rewarded for its velocity, less what its torques cost."""

    file: Path
    goals: Literal["velocity", "direction"]
    tells: bool = False
    threads: int = 1
    is_traceable: ClassVar[bool] = False

    @cached_property
    def simulations(self) -> Simulations:
        """What simulates it."""
        return Simulations(self.file, HalfCheetah.title, self.threads)

    @cached_property
    def _torso(self) -> torch.Tensor:
        """Where the torso is at rest."""
        return self.simulations.body("torso")

    @cached_property
    def figure(self) -> Figure:
        """Its torso, head and legs."""
        return self.simulations.figure()

    @property
    def seconds(self) -> float:
        """What one action takes."""
        return FRAME_SKIP * self.simulations.timestep

    @property
    def figures_told(self) -> tuple[str, ...]:
        """The names of its figures, which differ by goals."""
        if self.goals == "velocity":
            return ("velocity", "distance")
        return ("velocity", "success")

    def begin(self, drawn: torch.Tensor) -> tuple[Running, torch.Tensor]:
        """Return simulations that start as drawn."""
        goal, starts = drawn[..., 0], drawn[..., 1:].double().cpu()
        places, speeds = starts[..., :JOINTS], starts[..., JOINTS:]
        running = Running(self.simulations.begun(places, speeds), goal)
        return running, self._observed(running)

    def step(self, state: Running, action: torch.Tensor) -> Outcome:
        """Return where torques lead; those beyond 1 are 1."""
        torques = action.clamp(-1, 1)
        before = self._place(state.rows)
        controls = torques.double().cpu()
        rows = self.simulations.stepped(state.rows, controls, FRAME_SKIP)
        velocity = ((self._place(rows) - before) / self.seconds).to(action)
        reward = self._run(velocity, state.goal) - _cost(torques)
        after = Running(rows, state.goal)
        never = torch.zeros_like(reward, dtype=torch.bool)
        return Outcome(after, self._observed(after), reward, never)

    def figures(self, collected: Trajectories) -> dict[str, torch.Tensor]:
        """Return the mean velocity, and how far from the goal's or whether its way."""
        way = collected.last[..., TORSO_AT] - collected.x[..., 0, TORSO_AT]
        run = (collected.reward + _cost(collected.y.clamp(-1, 1))).mean(-1)
        second = -run if self.goals == "velocity" else (run > 0).to(run)
        told = way / (self.seconds * collected.lengths), second
        return dict(zip(self.figures_told, told, strict=True))

    def poses(self, collected: Trajectories) -> torch.Tensor:
        """Return the torso's place and all angles at each time, [..., n, H + 1, 9]."""
        seen = torch.cat([collected.x, collected.last.unsqueeze(-2)], -2)
        place = seen[..., [TORSO_AT, TORSO_AT + 2]]
        return torch.cat([place, seen[..., 1 : JOINTS - 1]], -1)

    def _run(self, velocity: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
        """Return what running so fast is worth."""
        if self.goals == "velocity":
            return -(velocity - goal).abs()
        return goal * velocity

    def _place(self, rows: torch.Tensor) -> torch.Tensor:
        return self.simulations.positions(rows)[..., 0]

    def _observed(self, running: Running) -> torch.Tensor:
        simulations = self.simulations
        positions = simulations.positions(running.rows)
        # Its joints slide it along the way and up: it hangs on nothing else.
        along, up = positions[..., :1], positions[..., 1:2]
        torso = torch.cat([along, torch.zeros_like(along), up], -1) + self._torso
        velocities = simulations.velocities(running.rows)
        seen = torch.cat([positions[..., 1:], velocities, torso], -1)
        seen = seen.to(running.goal)
        return torch.cat([seen, running.goal.unsqueeze(-1)], -1) if self.tells else seen


def _cost(torques: torch.Tensor) -> torch.Tensor:
    return CONTROL_COST * torques.square().sum(-1)


def _model_file() -> Path:
    """Return gymnasium's model of it; DataError says what is to be installed."""
    if missing := HalfCheetah.missing():
        raise DataError(f"{HalfCheetah.title}: {missing}", field="task.kind")
    spec = find_spec("gymnasium")
    folders = (spec and spec.submodule_search_locations) or []
    for file in (Path(folder) / _MODEL for folder in folders):
        if file.is_file():
            return file
    raise DataError(
        f"{HalfCheetah.title}: gymnasium has no {_MODEL}: "
        "pip install 'fewshot-workbench[rl]'",
        field="task.kind",
    )
