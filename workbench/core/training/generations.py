"""The checkpoints that a run can go on from, and the best that belongs to them.

    latest.safetensors          all that is needed to go on
    latest-before.safetensors   the one before it, should the latest be damaged
    best.safetensors            the best so far, which is tested in the end
    best-before.safetensors     the best when the latest was written, if no longer best

A run killed after a new best and before the next latest comes back without the steps
that led to that best. Until it has made them again, the best before counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.base.files import copy_atomically
from workbench.core.base.lazy import torch
from workbench.core.learning.task_family import TaskFamily
from workbench.core.runs.checkpoint import Checkpoint, load_checkpoint
from workbench.core.runs.errors import RunError, Unreadable
from workbench.core.runs.store import RunFolder

_LATEST, _BEST, _BEFORE = "latest", "best", "-before"
GENERATIONS = (_LATEST, _LATEST + _BEFORE, _BEST, _BEST + _BEFORE)


class Resumed(NamedTuple):
    """A checkpoint to go on from, and what was lost on the way to it, in sentences."""

    checkpoint: Checkpoint
    losses: list[str]


def has_checkpoint(folder: RunFolder, which: str) -> bool:
    """Return whether there is such a checkpoint already."""
    return checkpoint_file(folder, which).is_file()


def keep_before(folder: RunFolder, which: str) -> None:
    """Keep the present checkpoint of that name as the one before the next."""
    if has_checkpoint(folder, which):
        before = checkpoint_file(folder, which + _BEFORE)
        copy_atomically(checkpoint_file(folder, which), before, may_link=True)


def resumed(folder: RunFolder, device: torch.device) -> Resumed | None:
    """Return the newest whole checkpoint; None where there is none to go on from.

    It takes the place of those that are damaged; RunError where none is whole.
    """
    losses: list[str] = []
    for which in GENERATIONS:
        if which == _BEST and not losses:
            break  # no latest was written yet
        if not has_checkpoint(folder, which):
            continue
        try:
            checkpoint = load_checkpoint(folder.checkpoint(which), device)
        except Unreadable:
            raise
        except RunError as error:
            losses.append(str(error))
            continue
        if which != _LATEST:
            step = checkpoint.facts["step"]
            losses.append(f"training goes on from meta-step {step:,}, by {which}")
            take_in_place(folder, which, _LATEST)
        return Resumed(checkpoint, losses)
    if losses:
        raise RunError(f"{'; '.join(losses)}. Train its configuration anew")
    return None


def settle_best(folder: RunFolder, step: int) -> int | None:
    """See that the best checkpoint is of no later step; return the step it is of.

    None if there is none, or none is left. What was done is said in the run's log.
    """
    for which in (_BEST, _BEST + _BEFORE):
        try:
            found = int(load_checkpoint(folder.checkpoint(which)).facts["step"])
        except Unreadable:
            raise
        except RunError:
            continue
        if found <= step:
            if which != _BEST:
                take_in_place(folder, which, _BEST)
                folder.log(f"step {step}: the best is that of step {found} again")
            return found
    if has_checkpoint(folder, _BEST):
        checkpoint_file(folder, _BEST).unlink()
        folder.log(f"step {step}: the best was of a later step, or damaged: dropped")
    return None


def refuse_other_data(
    folder: RunFolder, facts: Mapping[str, Any], family: TaskFamily
) -> None:
    """Raise RunError where a checkpoint is of other data; version 0.1.0 hashed less."""
    had, has = facts["data_hash"], family.data_hash
    if had not in ("", has):
        raise RunError(
            f"{folder.path} was trained on pictures {had}, and "
            f"{folder.config().task.data_set} in the data folder has pictures {has}: "
            "bring back those it had"
        )
    if facts["split_hash"] != family.split_hash:
        raise RunError(
            f"{folder.path} was trained on other classes than the data folder now "
            "gives (their hashes differ): bring back the data it had"
        )


def take_in_place(folder: RunFolder, which: str, place: str) -> None:
    """Let a checkpoint be that of another name as well."""
    copy_atomically(checkpoint_file(folder, which), checkpoint_file(folder, place))


def checkpoint_file(folder: RunFolder, which: str) -> Path:
    """Return where a checkpoint of that name is, if it is there."""
    return folder.checkpoints / f"{which}.safetensors"
