"""A run for other programs: metrics as CSV or TensorBoard, weights as safetensors."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from workbench.core.base.files import write_atomically
from workbench.core.learning.params import Params, named_leaves
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.errors import RunError, refused_by_disk
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.events import (
    EvaluationEvent,
    Event,
    SpeedEvent,
    StepEvent,
    StepScore,
)
from workbench.core.runs.export_code import code_for
from workbench.core.runs.export_csv import Figure, write_csv
from workbench.core.runs.store import RunFolder
from workbench.core.runs.targets import refuse_taken, with_ending

_SCORES = (
    *("loss", "loss_ci95", "accuracy", "accuracy_ci95"),
    *("mean_return", "return_ci95"),
)
_SPREAD = ("median", "trimmed_mean", "diverged")


def export_csv(folder: RunFolder, path: Path, *, replace: bool = False) -> Path:
    """Write a line per meta-step: what it said, and the validations beside it."""
    refuse_taken(path, replace=replace)
    with refused_by_disk(path):
        write_csv(_figures(folder), path)
    return path


def export_tensorboard(folder: RunFolder, path: Path, *, replace: bool = False) -> Path:
    """Write TensorBoard's event files into a folder, named after the run.

    Those that are replaced are removed: TensorBoard would show both.
    """
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError:
        raise RunError(
            "TensorBoard is not installed: pip install 'fewshot-workbench[tensorboard]'"
        ) from None
    figures = _figures(folder)
    place = path / folder.path.name
    before = list(place.glob("events.out.tfevents.*"))
    refuse_taken(place / "events.out.tfevents", *before, replace=replace)
    for earlier in before:
        earlier.unlink()
    with SummaryWriter(str(place)) as writer:
        writer.add_text(
            "configuration", f"```toml\n{folder.shown_config().to_toml()}\n```"
        )
        for step, name, value in figures:
            writer.add_scalar(name.replace(" ", "_"), value, step)
    return place


def _figures(folder: RunFolder) -> Iterator[Figure]:
    """Return the run's figures as they were measured, those of its own test last."""
    found = scalars(folder.events())
    first = next(found, None)
    if first is None:
        raise RunError(f"{folder.path} has no metrics: they come with training")
    test = own_test(folder.path)
    last = _scores(test.meta_step, "test", test.final) if test is not None else ()
    return itertools.chain([first], found, last)


def export_weights(folder: RunFolder, path: Path, *, replace: bool = False) -> Path:
    """Write the best weights, and beside them the lines of Python that use them."""
    path = with_ending(path, ".safetensors")
    refuse_taken(path, path.with_suffix(".py"), replace=replace)
    config = folder.config()
    is_there = (folder.checkpoints / "best.safetensors").is_file()
    checkpoint = load_checkpoint(folder.checkpoint("best" if is_there else "latest"))
    from safetensors.torch import save

    weights = config.algorithm.weights(checkpoint.meta)
    beside = _rest(checkpoint.meta, weights) | checkpoint.state
    tensors = dict(named_leaves(beside)) | dict(named_leaves(weights))
    whole = {name: leaf.detach().clone() for name, leaf in tensors.items()}
    about = {"run": folder.path.name, "step": str(checkpoint.facts["step"])}
    code = code_for(config, path.name)
    with refused_by_disk(path):
        write_atomically(path, save(whole, metadata=about))
        write_atomically(path.with_suffix(".py"), code.encode())
    return path


def _rest(meta: Params, weights: Params) -> Params:
    """Return what a learner's meta-parameters have besides the model's weights."""
    if weights is meta:
        return {}
    return {name: part for name, part in meta.items() if part is not weights}


class Export(Protocol):
    """Writes a run for another program; RunError where something is there already."""

    def __call__(self, folder: RunFolder, path: Path, *, replace: bool = False) -> Path:
        """Return what was written."""


EXPORTS: dict[str, Export] = {
    "csv": export_csv,
    "tensorboard": export_tensorboard,
    "weights": export_weights,
}


def scalars(events: Iterable[Event]) -> Iterator[Figure]:
    """Yield every number by meta-step, as (step, name, value).

    Scores of a validation are those after its last inner step, by which the best one is
    chosen. Version 0.1.0 wrote the test among the events as well.
    """
    for event in events:
        if isinstance(event, StepEvent):
            yield event.step, "loss", event.loss
            if event.accuracy is not None:
                yield event.step, "accuracy", event.accuracy
            yield event.step, "gradient_norm", event.gradient_norm
            yield event.step, "meta_lr", event.meta_lr
            for name, value in event.extras.items():
                yield event.step, name, value
        elif isinstance(event, EvaluationEvent) and event.split == "validation":
            yield from _scores(event.step, "validation", event.by_step[-1])
        elif isinstance(event, SpeedEvent):
            yield event.step, "tasks_per_second", event.tasks_per_second


def _scores(step: int, split: str, final: StepScore) -> Iterator[Figure]:
    for name in _SCORES:
        value = getattr(final, name)
        if value is not None:
            yield step, f"{split}_{name}", value
    for name, value in final.figures.items():
        yield step, f"{split}_{name}", value
    for name in _SPREAD if final.spread is not None else ():
        yield step, f"{split}_{name}", getattr(final.spread, name)
