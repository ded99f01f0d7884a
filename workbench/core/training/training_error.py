"""Why training ends before its end."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

from workbench.core.base.devices import (
    OutOfMemoryThere,
    describe,
    is_out_of_memory,
)
from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import Remedy, WorkbenchError
from workbench.core.base.files import write_atomically
from workbench.core.base.lazy import torch
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import named_leaves
from workbench.core.runs.events import StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.smaller import smaller_training


class TrainingError(WorkbenchError):
    """Training cannot go on; the message names the step."""


class OutOfMemory(TrainingError):
    """The device's memory is too small for the configuration."""


class Diverged(TrainingError):
    """A loss or a gradient is not finite any more."""


class TakenOver(TrainingError):
    """The run is another process's by now, or gone: nothing may be written to it."""


class StopAsked(Exception):
    """The person asked to stop, and the run did, with a checkpoint."""


@contextlib.contextmanager
def disk_errors(folder: RunFolder) -> Iterator[None]:
    """Turn what the disk refuses into a TrainingError that says what to do."""
    try:
        yield
    except OSError as error:
        text, remedies = disk_problem(error, folder.path)
        latest = folder.checkpoints.glob("latest*.safetensors")
        whole = any(file.is_file() for file in latest)
        kept = "; the last checkpoint is whole, and the run can be resumed"
        raise TrainingError(
            f"cannot write {error.filename or folder.path}: {text}{kept * whole}",
            *remedies,
        ) from error


@contextlib.contextmanager
def memory_errors(
    what: str,
    config: RunConfig,
    device: torch.device,
    smaller: Callable[[RunConfig], tuple[Remedy, ...]] = smaller_training,
) -> Iterator[None]:
    """Turn what the device has no room for into an error that says what to do."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        where = describe(device)
        if isinstance(error, OutOfMemoryThere):
            where = error.where
        text = f"{what}: out of memory on {where}"
        raise OutOfMemory(text, *smaller(config)) from error


def _what_is_not_finite(event: StepEvent) -> str:
    if not math.isfinite(event.loss):
        return f"the meta-loss is not finite ({event.loss})"
    if not math.isfinite(event.gradient_norm):
        return f"the meta-gradient is not finite (at a meta-loss of {event.loss:.4g})"
    lost = [name for name, value in event.extras.items() if not math.isfinite(value)]
    return f"{' and '.join(lost)} not finite (at a meta-loss of {event.loss:.4g})"


def not_finite(
    folder: RunFolder,
    event: StepEvent,
    drawn: Episode,
    *remedies: Remedy,
    acted: Episode | None = None,
) -> Diverged:
    """Save a meta-step's offending episodes, to be looked at; return its error.

    Of tasks that are ``acted`` in these are trajectories: ``x`` are states, ``y`` are
    actions and ``reward`` what they are worth; what was drawn for them is beside them.
    """
    from safetensors.torch import save

    tensors = _tensors(drawn)
    if acted is not None:
        tensors = {**_tensors(acted), "drawn": tensors}
    flat = {name: leaf.cpu().contiguous() for name, leaf in named_leaves(tensors)}
    file = folder.path / f"offending-episodes-step-{event.step}.safetensors"
    with disk_errors(folder):
        write_atomically(file, save(flat))
    return Diverged(
        f"meta-step {event.step}: {_what_is_not_finite(event)}; its "
        f"{'episodes' if acted is None else 'trajectories'} are in {file.name}",
        *remedies,
    )


def _tensors(episodes: Episode) -> dict[str, Any]:
    support, query, order = episodes
    found = {"support": support._asdict(), "query": query._asdict()}
    return found if order is None else {**found, "order": {"rows": order}}
