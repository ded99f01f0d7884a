"""Sinusoids to regress: MAML's (amplitude, phase), and Meta-SGD's (frequency too)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.base.splits import Split
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.task_family import TaskSettings

AMPLITUDES = (0.1, 5.0)
PHASES = (0.0, math.pi)
FREQUENCIES = (0.8, 1.2)
INPUTS = (-5.0, 5.0)


class Sinusoid(TaskSettings):
    """Curves A sin(w x - phase), seen at a few points."""

    title = "Sinusoid"
    problem = "regression"

    kind: Literal["sinusoid"] = "sinusoid"
    shots: int = setting(
        10,
        "Shots",
        "Support points of one curve.",
        ge=1,
        le=1000,
        symbol="k",
        unit="points",
    )
    queries: int = setting(
        10, "Queries", "Query points of one curve.", ge=1, le=1000, unit="points"
    )
    frequency: Literal["fixed", "varied"] = setting(
        "fixed",
        "Frequency",
        "Fixed at 1 (MAML's sinusoids), or drawn from 0.8 to 1.2 (Meta-SGD's).",
    )
    oracle: bool = setting(
        False,
        "Oracle",
        "Tell the model besides x the curve's amplitude and phase, and its frequency "
        "where that varies: how well a task is solved by who knows which it is.",
        advanced=True,
    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """One number, x, and those that an oracle tells."""
        told = 0 if not self.oracle else 2 if self.frequency == "fixed" else 3
        return (1 + told,)

    @property
    def is_curve(self) -> bool:
        """Whatever else is told, y is drawn over x."""
        return True

    @property
    def outputs(self) -> int:
        """One number, y."""
        return 1

    @override
    def in_short(self) -> str:
        return "sinusoid"

    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> SinusoidFamily:
        """Return the family; there is nothing to load."""
        return SinusoidFamily(self, device)


class SineCurve(NamedTuple):
    """The curves A sin(w x - phase); each field is [tasks, 1, 1]."""

    amplitude: torch.Tensor
    frequency: torch.Tensor
    phase: torch.Tensor

    def at(self, x: torch.Tensor) -> torch.Tensor:
        """Return y for x of shape [tasks, points, 1]."""
        return self.amplitude * torch.sin(self.frequency * x - self.phase)

    def told_with(self, x: torch.Tensor, numbers: int) -> torch.Tensor:
        """Return x with so many more inputs: amplitude, phase and frequency."""
        told = (self.amplitude, self.phase, self.frequency)[:numbers]
        return torch.cat([x, *(each.expand_as(x) for each in told)], -1)


@dataclass(frozen=True)
class SinusoidFamily:
    """Draws curves, and points on them."""

    settings: Sinusoid
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
        return self.sample_with_curve(tasks, generator, examples)[0]

    def sample_with_curve(
        self, tasks: int, generator: torch.Generator, examples: tuple[int, int]
    ) -> tuple[Episode, SineCurve]:
        """Draw episodes together with the curves that they are taken from."""
        drawn = torch.rand(3, tasks, 1, 1, generator=generator, device=self.device)
        varied = self.settings.frequency == "varied"
        curve = SineCurve(
            _between(AMPLITUDES, drawn[0]),
            _between(FREQUENCIES if varied else (1.0, 1.0), drawn[1]),
            _between(PHASES, drawn[2]),
        )
        shots, points = examples[0], sum(examples)
        x = _between(
            INPUTS,
            torch.rand(tasks, points, 1, generator=generator, device=self.device),
        )
        y = curve.at(x)
        x = curve.told_with(x, self.settings.input_shape[0] - 1)
        return Episode(
            Examples(x[:, :shots], y[:, :shots]), Examples(x[:, shots:], y[:, shots:])
        ), curve


def _between(bounds: tuple[float, float], drawn: torch.Tensor) -> torch.Tensor:
    low, high = bounds
    return low + (high - low) * drawn
