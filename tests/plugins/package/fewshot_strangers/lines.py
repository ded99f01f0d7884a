"""A task family: straight lines to regress."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.base.splits import Split
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.task_family import TaskSettings


class Lines(TaskSettings):
    """Lines y = a x + b, seen at a few points."""

    title = "Lines"
    problem = "regression"

    kind: Literal["lines"] = "lines"
    steepest: float = setting(2.0, "Steepest", "The largest slope.", gt=0)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """One number, x."""
        return (1,)

    @property
    def outputs(self) -> int:
        """One number, y."""
        return 1

    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> LineFamily:
        """Return the family; there is nothing to load."""
        return LineFamily(self, device)


@dataclass(frozen=True)
class LineFamily:
    """Draws lines, and points on them."""

    settings: Lines
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
        """Draw episodes of support and query points."""
        drawn = torch.rand(2, tasks, 1, 1, generator=generator, device=self.device)
        slope, shift = 2 * drawn - 1
        shape = tasks, sum(examples), 1
        x = 4 * torch.rand(shape, generator=generator, device=self.device) - 2
        y = self.settings.steepest * slope * x + shift
        shots = examples[0]
        return Episode(
            Examples(x[:, :shots], y[:, :shots]), Examples(x[:, shots:], y[:, shots:])
        )
