"""Looks at a run's checkpoints: whole to the last bit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.files import put_aside
from workbench.core.checking.finding import Finding
from workbench.core.runs.checkpoint import Facts, load_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.core.training.generations import (
    GENERATIONS,
    checkpoint_file,
    take_in_place,
)

_OVER = ("completed", "stopped")
"""States in which there has to be a checkpoint."""


class Loaded(NamedTuple):
    """What the whole checkpoints say, and what is wrong with the others, by name."""

    whole: dict[str, Facts]
    damaged: dict[str, str]

    @property
    def latest(self) -> Facts | None:
        """What the checkpoint says that training goes on from, if it is whole."""
        return self.whole.get("latest")


def look_at_checkpoints(
    folder: RunFolder, loaded: Loaded, state: str
) -> Iterator[Finding]:
    """Yield what is wrong with the checkpoints of a run that stands so.

    A best of later than the latest is as it should be: training that goes on makes
    those meta-steps again, and settles which best counts meanwhile.
    """
    whole, damaged = loaded
    for which, why in damaged.items():
        yield _replaced(folder, which, why, whole)
    if "latest" not in {*whole, *damaged} and "latest-before" in whole:
        yield _replaced(folder, "latest", "it is missing", whole)
    if not whole and not damaged and state in _OVER:
        wrong = f"the run is {state}, and there is no checkpoint"
        yield Finding(folder.checkpoints, wrong, "train its configuration anew")


def load_all(folder: RunFolder) -> Loaded:
    """Read every checkpoint there is, to its last bit."""
    whole: dict[str, Facts] = {}
    damaged: dict[str, str] = {}
    for which in GENERATIONS:
        file = checkpoint_file(folder, which)
        if not os.path.lexists(file):
            continue
        if file.is_dir():
            damaged[which] = "it is a folder"
            continue
        try:
            whole[which] = Facts(**load_checkpoint(file).facts)
        except RunError as error:
            damaged[which] = _why(str(error), file)
    return Loaded(whole, damaged)


def _why(said: str, file: Path) -> str:
    return said.replace(f"{file}", "it")


def _replaced(
    folder: RunFolder, which: str, wrong: str, whole: Mapping[str, Facts]
) -> Finding:
    """Return what is wrong with a checkpoint, and what can take its place."""
    file = checkpoint_file(folder, which)
    other = next(_stand_ins(which, whole), None)
    if other is not None:
        taken = f"{other}.safetensors (meta-step {whole[other].step:,})"
        remedy = f"repairing takes {taken} in its place and keeps it aside"
        mend = partial(_take, folder, which, other)
        return Finding(file, wrong, remedy, mend)
    if which.endswith("-before") or (which == "best" and "latest" in whole):
        remedy = "repairing puts it aside: it can be done without"
        return Finding(file, wrong, remedy, partial(_take, folder, which, ""))
    remedy = "no other is whole: bring it back, or train its configuration anew"
    return Finding(file, wrong, remedy)


def _stand_ins(which: str, whole: Mapping[str, Facts]) -> Iterator[str]:
    """Yield what may take a checkpoint's place, the best first."""
    if which == "latest":
        yield from (name for name in GENERATIONS[1:] if name in whole)
    latest, before = whole.get("latest"), whole.get("best-before")
    if which == "best" and latest and before and before.step <= latest.step:
        yield "best-before"


def _take(folder: RunFolder, which: str, other: str) -> str:
    """Put a checkpoint aside, and another in its place if one is named."""
    file = checkpoint_file(folder, which)
    kept = ""
    if os.path.lexists(file):
        kept = f"{file.name} is kept as {put_aside(file).name}"
    if not other:
        return kept
    take_in_place(folder, other, which)
    taken = f"{other}.safetensors is in the place of {file.name}"
    return f"{taken}; {kept}" if kept else taken
