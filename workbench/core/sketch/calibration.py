"""What validation tasks said of a learner's sureness, kept beside its checkpoint.

    RUN/checkpoints/best.calibration.json

It is a function of the checkpoint, the validation tasks and a seed: a file that is
damaged, or of another checkpoint, is as good as none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.core.base.files import read, write_atomically
from workbench.core.base.phrases import percent
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.reliability import Bin, expected_error

_MUCH_MORE, _NOTICED = 1.5, 0.03


_Count = Annotated[int, Field(ge=1, le=2**31)]
_Factor = Annotated[float, Field(ge=1e-6, le=1e6)]
"""Of what is measured: what is beyond is damaged, and cannot be computed with."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AtSize(_Value):
    """What was found with one number of ways and shots.

    ``temperature`` and ``least_likeness`` were found on one half of the tasks, all else
    on the other. ``refused`` is the share of drawings of the classes that are taken for
    none of them, ``caught`` that of drawings of other classes.
    """

    ways: _Count = Field(ge=2)
    shots: _Count
    tasks: _Count = Field(ge=2)
    accuracy: float
    temperature: _Factor
    bins_before: tuple[Bin, ...]
    bins: tuple[Bin, ...]
    least_likeness: float
    refused: float
    caught: float

    @property
    def error_before(self) -> float:
        """The expected calibration error without a temperature."""
        return expected_error(self.bins_before)

    @property
    def error(self) -> float:
        """The expected calibration error with the temperature."""
        return expected_error(self.bins)


class AtRate(_Value):
    """What was found with the inner learning rates times ``rate``."""

    rate: _Factor
    accuracy: float
    temperature: _Factor


class Calibration(_Value):
    """All that was found: at the run's own steps and views, one query at a time."""

    version: Literal[1] = 1
    step: int
    """The meta-step of the checkpoint."""
    inner_steps: int
    views: int = 1
    task: str
    sizes: tuple[AtSize, ...] = Field(min_length=1)
    rates: tuple[AtRate, ...] = ()
    rates_ways: int = 0

    def temperature(self, ways: int, shots: float, rate: float = 1.0) -> float:
        """Return the temperature, between those that were measured."""
        found = self._between(lambda size: math.log(size.temperature), ways, shots)
        if self.rates and rate != 1.0:
            logs = [(each.rate, math.log(each.temperature)) for each in self.rates]
            found += _at(logs, rate) - _at(logs, 1.0)
        return math.exp(found)

    def least_likeness(self, ways: int, shots: float) -> float:
        """Return below which likeness a drawing is none of the classes."""
        return self._between(lambda size: size.least_likeness, ways, shots)

    def nearest(self, ways: int, shots: float) -> AtSize:
        """Return what was found at the number of ways and shots that is nearest."""

        def distance(size: AtSize) -> float:
            return abs(math.log(size.ways / ways)) + abs(math.log(size.shots / shots))

        return min(self.sizes, key=distance)

    def error_at(self, rate: float) -> float:
        """Return the share of wrong answers, between the rates that were measured."""
        return _at([(each.rate, 1 - each.accuracy) for each in self.rates], rate)

    def caution(self, rate: float) -> str:
        """Return a warning where the rate makes far more answers wrong, or nothing."""
        if not self.rates:
            return ""
        usual, there = self.error_at(1.0), self.error_at(rate)
        if there < max(_MUCH_MORE * usual, usual + _NOTICED):
            return ""
        wrong = f"{percent(there)} at {rate:g} × α, {percent(usual)} at 1 × α"
        return f"Wrong answers: {wrong}"

    def _between(
        self, value: Callable[[AtSize], float], ways: int, shots: float
    ) -> float:
        by_shots = sorted(self.sizes, key=lambda size: (size.shots, size.ways))
        return _at(
            [
                (group, _at([(size.ways, value(size)) for size in sizes], ways))
                for group, sizes in itertools.groupby(
                    by_shots, key=lambda size: size.shots
                )
            ],
            shots,
        )


def serving_checkpoint(run: RunFolder) -> Path:
    """Return the checkpoint that answers: the best, or the latest of one unended."""
    latest = run.checkpoints / "latest.safetensors"
    if latest.is_file() and run.info().state != "completed":
        return latest
    best = run.checkpoints / "best.safetensors"
    return best if best.is_file() else run.checkpoint("latest")


def calibration_file(checkpoint: Path) -> Path:
    """Return where the calibration of a checkpoint is kept."""
    return checkpoint.with_suffix(".calibration.json")


def read_calibration(
    checkpoint: Path, step: int, inner_steps: int, views: int
) -> Calibration | None:
    """Return the calibration of a checkpoint, if there is one of this very one."""
    try:
        found = Calibration.model_validate_json(read(calibration_file(checkpoint)))
    except (OSError, ValidationError):
        return None
    measured = (found.step, found.inner_steps, found.views)
    return found if measured == (step, inner_steps, views) else None


def keep_calibration(calibration: Calibration, checkpoint: Path) -> None:
    """Keep a calibration beside its checkpoint."""
    content = calibration.model_dump_json(indent=1).encode()
    write_atomically(calibration_file(checkpoint), content)


def _at(points: Sequence[tuple[float, float]], x: float) -> float:
    """Return y at x between points in the order of x, on a logarithmic axis."""
    xs, ys = zip(*points, strict=True)
    return float(np.interp(math.log(x), np.log(xs), ys))
