"""Tasks in any environment of gymnasium's: copies of it, stepped side by side."""

from __future__ import annotations

import contextlib
import functools
import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from typing_extensions import override

from workbench.core.acting.environment import ActingError, Outcome
from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.simulations import quiet_mujoco
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.errors import DataError
from workbench.core.base.extras import missing_of
from workbench.core.base.lazy import imported, torch
from workbench.core.base.splits import Split
from workbench.core.learning.task_family import Limits

_SEEDS = 2**24
"""As many whole numbers are there in single precision."""


class GymnasiumTask(ActingSettings):
    """The settings of tasks in an environment of gymnasium's.

    A family says which environment, draws numbers for its tasks, and gives a copy of
    the environment such numbers. Actions are those of a Box: from -1 to 1 where that
    has bounds, which are what -1 and 1 mean. A task's horizon ends a trajectory, and so
    does the environment where it says that it is over.
    """

    task_numbers: ClassVar[int] = 1
    """How many numbers a task is."""

    @classmethod
    @override
    def missing(cls) -> str:
        return missing_of("rl", "gymnasium")

    @abstractmethod
    def make(self) -> Any:
        """Return a new copy of the environment."""

    @abstractmethod
    def set_task(self, environment: Any, numbers: Sequence[float]) -> None:
        """Make a copy the task of these numbers; it is reset after that."""

    def reward(
        self, environment: Any, numbers: Sequence[float], reward: float
    ) -> float:
        """Return what a copy's last step is worth: as much as the environment says."""
        return reward

    @property
    @override
    def input_shape(self) -> tuple[int, ...]:
        return (self._sizes[0],)

    @property
    @override
    def outputs(self) -> int:
        return self._sizes[1]

    @override
    def draw_starts(
        self, shape: tuple[int, int], generator: torch.Generator
    ) -> torch.Tensor:
        """Draw the seeds that copies are reset with."""
        seeds = torch.randint(
            _SEEDS, (*shape, 1), generator=generator, device=generator.device
        )
        return seeds.float()

    @override
    def holdings(self, data: Path) -> dict[Split, Limits]:
        sizes_of(self)
        return {}

    @override
    def environment(self) -> SideBySide:
        sizes_of(self)
        return SideBySide(self)

    @property
    def _sizes(self) -> tuple[int, int]:
        # What hinders is told where it can be: a form may ask for sizes at any time.
        try:
            return sizes_of(self)
        except DataError:
            return 1, 1


@functools.cache
def sizes_of(task: GymnasiumTask) -> tuple[int, int]:
    """Return how many numbers are observed and acted; DataError says what hinders."""
    if missing := task.missing():
        raise DataError(f"{task.title}: {missing}", field="task.kind")
    if find_spec("mujoco"):
        quiet_mujoco()  # before an environment's model is read
    spaces = imported("gymnasium").spaces
    try:
        with _told(task, "cannot be made"):
            made = task.make()
    except ActingError as error:
        raise DataError(str(error), field="task.kind") from error
    made.close()
    if not isinstance(made.action_space, spaces.Box):
        raise DataError(
            f"{task.title} acts by {made.action_space}: a policy's actions are numbers "
            "of a Box",
            field="task.kind",
        )
    size = spaces.flatdim
    return size(made.observation_space), size(made.action_space)


class Turn(NamedTuple):
    """Where copies are: in which of their turns, with what each observed last."""

    number: int
    observed: torch.Tensor
    is_over: torch.Tensor


@dataclass(frozen=True)
class SideBySide:
    """Acts in copies of an environment, one for each trajectory.

    The copies are what they are: a state is but a turn of theirs, from which one step
    can be made, until they begin again. A second one is an ActingError.
    """

    task: GymnasiumTask
    is_traceable: ClassVar[bool] = False
    figures_told: ClassVar[tuple[str, ...]] = ("length",)

    @cached_property
    def copies(self) -> Copies:
        """The copies, which are made as they are needed."""
        return Copies(self.task)

    def begin(self, drawn: torch.Tensor) -> tuple[Turn, torch.Tensor]:
        """Reset as many copies as there are rows, each for its task and with its seed.

        States from before are over.
        """
        number, seen = self.copies.begin(drawn.flatten(0, -2).tolist())
        observed = _tensor(seen, drawn).reshape(*drawn.shape[:-1], -1)
        is_over = torch.zeros(drawn.shape[:-1], dtype=torch.bool, device=drawn.device)
        return Turn(number, observed, is_over), observed

    def step(self, state: Turn, action: torch.Tensor) -> Outcome:
        """Return where actions lead the copies that are not over."""
        going = (~state.is_over).flatten().tolist()
        rows = action.detach().double().cpu().flatten(0, -2).numpy()
        number, steps = self.copies.step(state.number, going, rows)
        observed = state.observed.clone().flatten(0, -2)
        reward, is_over = action.new_zeros(len(rows)), state.is_over.clone().flatten()
        for row, (seen, worth, ends) in steps.items():
            observed[row] = _tensor(seen, observed)
            reward[row], is_over[row] = worth, ends
        shape = state.is_over.shape
        after = Turn(number, observed.view_as(state.observed), is_over.view(shape))
        return Outcome(after, after.observed, reward.view(shape), after.is_over)

    def figures(self, collected: Trajectories) -> dict[str, torch.Tensor]:
        """Return how many steps trajectories went on for."""
        return {"length": collected.lengths}


class Copies:
    """Copies of an environment, each with the numbers of its task."""

    def __init__(self, task: GymnasiumTask) -> None:
        self._task = task
        self._copies: list[Any] = []
        self._numbers: list[Sequence[float]] = []
        self._turn = 0

    def begin(self, drawn: list[list[float]]) -> tuple[int, list[Any]]:
        """Begin in each row's task, its seed the last; return turn and observations."""
        task = self._task
        self._numbers = [row[: task.task_numbers] for row in drawn]
        self._turn += 1
        seen = []
        with _told(task, "cannot be begun in"):
            while len(self._copies) < len(drawn):
                self._copies.append(task.make())
            for copy, numbers, row in zip(
                self._copies, self._numbers, drawn, strict=False
            ):
                task.set_task(copy, numbers)
                observed, _ = copy.reset(seed=round(row[task.task_numbers]))
                seen.append(self._flat(copy, observed))
        return self._turn, seen

    def step(
        self, turn: int, going: list[bool], actions: Any
    ) -> tuple[int, dict[int, tuple[Any, float, bool]]]:
        """Act in the copies that go on: what each observes, its reward, and its end."""
        if turn != self._turn:
            raise ActingError(
                f"{self._task.title}: its copies went on from turn {turn} already, to "
                f"turn {self._turn}"
            )
        self._turn += 1
        with _told(self._task, "cannot be acted in"):
            return self._turn, {
                row: self._stepped(row, actions[row])
                for row, goes_on in enumerate(going)
                if goes_on
            }

    def _stepped(self, row: int, action: Any) -> tuple[Any, float, bool]:
        copy, task = self._copies[row], self._task
        if not all(map(math.isfinite, action)):
            # No environment's fault: the loss, which is no number then, is told of.
            return 0.0, math.nan, True
        seen, reward, is_over, is_cut, _ = copy.step(_scaled(copy, action))
        flat = self._flat(copy, seen)
        worth = float(task.reward(copy, self._numbers[row], float(reward)))
        if not math.isfinite(worth):
            raise ActingError(f"{task.title}: a reward is no number ({worth})")
        return flat, worth, bool(is_over or is_cut)

    def _flat(self, copy: Any, seen: Any) -> Any:
        spaces = imported("gymnasium").spaces
        flat = spaces.flatten(copy.observation_space, seen).astype("float64")
        if not all(map(math.isfinite, flat)):
            raise ActingError(
                f"{self._task.title}: what is observed is no number ({flat.tolist()})"
            )
        return flat


def _scaled(copy: Any, action: Any) -> Any:
    """Return a row of numbers as an action: -1 and 1 are bounds where there are any."""
    numpy, space = imported("numpy"), copy.action_space
    low, high = space.low.ravel().astype("float64"), space.high.ravel()
    is_bounded = numpy.isfinite(low) & numpy.isfinite(high)
    inside = numpy.where(is_bounded, numpy.clip(action, -1, 1), 0.0)
    span = numpy.where(is_bounded, high - low, 0.0)
    scaled = low + (inside + 1) / 2 * span
    taken = numpy.where(is_bounded, scaled, numpy.clip(action, low, high))
    return taken.reshape(space.shape).astype(space.dtype)


def _tensor(seen: Any, like: torch.Tensor) -> torch.Tensor:
    numpy = imported("numpy")
    return torch.as_tensor(numpy.asarray(seen)).to(like)


@contextlib.contextmanager
def _told(task: GymnasiumTask, what: str) -> Iterator[None]:
    """Turn whatever an environment raises into one message that names it."""
    try:
        yield
    except ActingError:
        raise
    except Exception as error:  # the code of others may raise anything
        said = f"{type(error).__name__}: {error}".strip(": ")
        raise ActingError(f"{task.title} {what}: {said}") from error
