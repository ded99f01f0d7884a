"""Looks at what a run's folder says of the run: its state and its evaluations."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from workbench.core.base.files import DAMAGED, put_aside, read
from workbench.core.base.phrases import one_line
from workbench.core.base.temporaries import left_behind, sweep
from workbench.core.checking.finding import Finding
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import KeptEvaluation
from workbench.core.runs.rebuilding import is_nearly, rebuild
from workbench.core.runs.row import is_text, read_row
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.core.runs.traces import (
    id_in,
    is_of_best,
    own_best,
    own_test_of,
    set_back,
)

_ANEW = "repairing makes it anew from the folder and keeps it aside"


def look_at_records(folder: RunFolder) -> Iterator[Finding]:
    """Yield what is wrong with run.json."""
    file, mend = folder.path / "run.json", partial(_made_anew, folder)
    try:
        info = folder.info()
    except RunError as error:
        wrong = str(error).removeprefix(f"{file} ").removeprefix(f"{folder.path} ")
        yield Finding(file, f"it {wrong}", _ANEW, mend)
        return
    if not is_text(folder.path.name):
        yield Finding(folder.path, "its name is not UTF-8", "rename the folder")
        return
    try:
        config = folder.config()
    except RunError:
        return
    problem = read_row(folder.path).problem
    if problem:
        yield Finding(file, problem, _ANEW, mend)
    else:
        yield from _contradictions(folder, config, info)


def look_at_evaluations(folder: RunFolder) -> Iterator[Finding]:
    """Yield which evaluations cannot be read."""
    for file in sorted((folder.path / "evaluations").glob("*.json")):
        if DAMAGED in file.name:
            continue
        try:
            KeptEvaluation.model_validate_json(read(file))
        except (OSError, ValueError) as error:
            first = str(error).partition("\n")[0]
            wrong = f"it is not an evaluation ({first})"
            mend = partial(_put_aside, file)
            yield Finding(file, wrong, "repairing puts it aside", mend)


def look_for_leftovers(*places: Path) -> Iterator[Finding]:
    """Yield what processes that are gone left half written in these folders."""
    for place in places:
        for part in left_behind(place):
            wrong = "it was left half written by a process that is gone"
            mend = partial(_removed, part)
            yield Finding(part, wrong, "repairing removes it", mend)


def _contradictions(
    folder: RunFolder, config: RunConfig, info: RunInfo
) -> Iterator[Finding]:
    """Yield what run.json says otherwise than what it speaks of."""
    yield from _wrong_id(folder, info)
    file, iterations = folder.path / "run.json", config.training.iterations
    if info.iterations != iterations:
        wrong = f"iterations is {info.iterations:,}, and {iterations:,} in config.toml"
        mend = partial(_updated, folder, iterations=iterations)
        yield Finding(file, wrong, "repairing takes what config.toml has", mend)
    if back := set_back(folder, config, info.state, info.step):
        yield _not_so_far(folder, info, back)
        return
    if info.state == "completed":
        best = own_best(folder)
        if best is not None and info.best != best:
            wrong = f"best is {info.best}, and {best} in the best checkpoint"
            mend = partial(_updated, folder, best=best)
            yield Finding(file, wrong, "repairing takes what the checkpoint has", mend)
    if wrong := _wrong_test(folder, info):
        own = own_test_of(folder, config)
        mend = partial(_updated, folder, test=own)
        yield Finding(file, wrong, f"repairing takes {own or 'none'} instead", mend)


def _wrong_id(folder: RunFolder, info: RunInfo) -> Iterator[Finding]:
    """Yield that a run has another id than its folder, but for one of another form."""
    own = id_in(folder.path.name)
    is_id = info.id == id_in(f"-{info.id}") or is_nearly(info.id, own)
    if own and is_id and info.id != own:
        wrong = f"id is {one_line(info.id)}, and {own} in the folder's name"
        mend = partial(_updated, folder, id=own)
        remedy = "repairing takes that of the folder's name"
        yield Finding(folder.path / "run.json", wrong, remedy, mend)


def _wrong_test(folder: RunFolder, info: RunInfo) -> str:
    """Return what is wrong with the evaluation that is named as the run's own test."""
    if not isinstance(info.test, str):
        return ""
    file = folder.path / "evaluations" / f"{info.test}.json"
    if not os.path.isfile(file):  # also of a name that no file can have
        return f"test is {one_line(info.test)}, which is not there"
    with contextlib.suppress(OSError, ValueError):
        kept = KeptEvaluation.model_validate_json(read(file))
        if info.state == "completed" and not is_of_best(folder, kept):
            named = one_line(info.test)
            return f"test is {named}, which is no test of the best checkpoint"
    return ""


def _not_so_far(folder: RunFolder, info: RunInfo, back: dict[str, Any]) -> Finding:
    """Return what is wrong where the latest checkpoint is not of the last step."""
    step, state = int(back["step"]), back.get("state", info.state)
    wrong = (
        f"it says {info.state} at meta-step {info.step:,}, and the latest checkpoint "
        f"is of {step:,}"
    )
    again = _made_again(step, info.step)
    said = f"{state} at meta-step {step:,}"
    mend = partial(_set_back, folder, back, f"run.json says {said} now{again}")
    return Finding(folder.path / "run.json", wrong, f"repairing says {said}", mend)


def _made_again(step: int, came_to: int) -> str:
    """Return which meta-steps resuming makes again, as the end of a sentence."""
    if step >= came_to:
        return ""
    return f": resuming makes {step + 1:,} to {came_to:,} again"


def _set_back(folder: RunFolder, back: dict[str, Any], said: str) -> str:
    folder.update(**back)
    folder.log(said)
    return said


def _made_anew(folder: RunFolder) -> str:
    aside, fields, came_to = rebuild(folder)
    info = folder.info()
    again = _made_again(info.step, came_to) if info.state == "interrupted" else ""
    said = f"run.json is made anew ({info.state} at meta-step {info.step:,}{again})"
    if aside is not None:
        said += f"; what was there is kept as {aside.name}"
    if fields:
        said += f", and taken over from it unverified: {', '.join(fields)}"
    return said


def _updated(folder: RunFolder, **changes: object) -> str:
    folder.update(**changes)
    said = ", ".join(f"{name} is {value} now" for name, value in changes.items())
    return f"in run.json {said}"


def _put_aside(file: Path) -> str:
    return f"{file.name} is kept as {put_aside(file).name}"


def _removed(part: Path) -> str:
    sweep(part.parent)
    return f"{part.name} is removed"
