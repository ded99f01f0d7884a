"""The settings of tasks that are acted in, and the family that draws for them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, cast

from typing_extensions import override

from workbench.core.acting.environment import Environment
from workbench.core.acting.trajectories import LOG_SD, Trajectories
from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.base.splits import Split
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import Extra
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskSettings


class ActingSettings(TaskSettings):
    """The settings of families whose tasks are environments to act in."""

    problem = "reinforcement"
    rank = 200
    number_names: ClassVar[tuple[str, ...]] = ()
    """What the numbers that are a task are called, the first of all."""

    shots: int = setting(
        20,
        "Trajectories",
        "Trajectories of one task that an inner step learns from.",
        ge=1,
        le=1000,
        symbol="k",
        unit="trajectories",
    )
    queries: int = setting(
        20,
        "Trajectories after adapting",
        "Trajectories of one task that the adapted policy is judged by.",
        ge=1,
        le=1000,
        unit="trajectories",
    )
    horizon: int = setting(
        100, "Horizon", "Steps of a trajectory at the most.", ge=2, le=1000, symbol="H"
    )
    discount: float = setting(
        0.99,
        "Discount",
        "What a reward a step later is worth.",
        gt=0,
        le=1,
        symbol="γ",
    )
    smoothing: float = setting(
        1.0,
        "Advantage smoothing",
        "Lambda of generalised advantage estimation; 1 for returns less a baseline.",
        ge=0,
        le=1,
        advanced=True,
    )
    first_sd: float = setting(
        1.0,
        "Initial deviation",
        "Standard deviation of actions before training; it is learned and adapted.",
        gt=0,
        le=100,
        advanced=True,
    )
    later_steps: float = setting(
        0.5,
        "Later steps at test",
        "How long inner steps after the first are at test, in those of training.",
        gt=0,
        le=10,
        advanced=True,
    )

    @override
    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ActingFamily:
        return ActingFamily(self, device)

    @abstractmethod
    def environment(self) -> Environment:
        """Return the environment; DataError says what is missing."""

    @abstractmethod
    def draw_tasks(
        self, split: Split, tasks: int, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw tasks, as [tasks, numbers]."""

    def number_name(self, at: int) -> str:
        """Return what one of a task's numbers is called."""
        named = at < len(self.number_names)
        return self.number_names[at] if named else f"number {at + 1}"

    @abstractmethod
    def draw_starts(
        self, shape: tuple[int, int], generator: torch.Generator
    ) -> torch.Tensor:
        """Draw where so many tasks' trajectories start, as [*shape, numbers]."""

    @property
    @override
    def is_large(self) -> bool:
        """A task is some thousand steps to learn from."""
        return True

    @override
    def supports(self, steps: int) -> int:
        return max(1, steps)

    @override
    def blank(self, number: int, device: str = "meta") -> Examples:
        def zeros(*shape: int) -> torch.Tensor:
            return torch.zeros((number, *shape), device=device)

        horizon, seen, acts = self.horizon, self.input_shape, self.outputs
        blank = Trajectories(
            x=zeros(horizon, *seen),
            y=zeros(horizon, acts),
            reward=zeros(horizon),
            going=zeros(horizon),
            advantage=zeros(horizon),
            mean=zeros(horizon, acts),
            log_sd=zeros(acts),
            last=zeros(*seen),
            ended=zeros(),
        )
        return cast("Examples", blank)

    @override
    def started(self, params: Params) -> Params:
        head = params["head.bias"]
        log_sd = torch.full_like(head, self.first_sd).log()
        return params | {LOG_SD: log_sd}


@dataclass(frozen=True)
class ActingFamily:
    """Draws what episodes are collected with: tasks, starts and noise."""

    settings: ActingSettings
    device: torch.device
    split_hash: str = ""
    data_hash: str = ""

    def sample(
        self,
        split: Split,
        tasks: int,
        generator: torch.Generator,
        examples: tuple[int, int],
    ) -> Episode:
        """Draw for ``tasks`` episodes; ``x`` are tasks and starts, ``y`` is noise."""
        settings, number = self.settings, sum(examples)
        drawn = settings.draw_tasks(split, tasks, generator)
        starts = settings.draw_starts((tasks, number), generator)
        each = drawn[:, None].expand(tasks, number, drawn.shape[-1])
        x = torch.cat([each, starts], -1)
        shape = tasks, number, settings.horizon, settings.outputs
        y = torch.randn(shape, generator=generator, device=self.device)
        first = examples[0]
        return Episode(
            Examples(x[:, :first], y[:, :first]), Examples(x[:, first:], y[:, first:])
        )


EXTRAS = (
    Extra(
        "return_before",
        "Before",
        "Mean return of a meta-batch's tasks under the weights that adapting begins "
        "with.",
        "return",
    ),
    Extra(
        "sd",
        "Deviation",
        "Mean standard deviation of actions before adapting.",
        "standard deviation",
        is_log=True,
    ),
)
"""The figures that meta-steps on such tasks have."""
