"""Writes a run's run.json anew from what else its folder holds.

What can still be read of the damaged file is kept, but where it nearly says what the
folder does, a bit of it was lost. All else is told by ``traces``; only what a person
wrote on the run is told by nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.base.files import read
from workbench.core.base.json_text import whole_fields
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.row import is_text
from workbench.core.runs.store import ALIVE, RunFolder, RunInfo
from workbench.core.runs.traces import (
    fields_told,
    id_in,
    is_of_best,
    own_test_of,
    set_back,
    stem_of,
)

_TELLING = 10
"""Of so many characters one may be damaged, and the text is known still."""
_OF_A_PROCESS = {"pid", "process_mark", "host", "heartbeat", "seconds_left"}


class Rebuilt(NamedTuple):
    """What a damaged run.json is called now, and which of its fields were kept.

    Those that the folder says as well are not among them. ``came_to`` is the last
    meta-step that was made, be its weights still there or not.
    """

    aside: Path | None
    kept: list[str]
    came_to: int


def rebuild(folder: RunFolder) -> Rebuilt:
    """Write run.json anew, and put the one that was there aside."""
    info, kept, came_to = _rebuilt(folder)
    aside = folder.replace_info(info)
    said = f"; what it was is kept as {aside.name}" if aside is not None else ""
    folder.log(f"run.json was damaged or missing, and is made anew{said}")
    return Rebuilt(aside, kept, came_to)


def rebuilt_info(folder: RunFolder) -> RunInfo:
    """Return what the folder says of its run, whatever is wrong with its run.json."""
    return _rebuilt(folder)[0]


def _rebuilt(folder: RunFolder) -> tuple[RunInfo, list[str], int]:
    config: RunConfig | None = None
    with contextlib.suppress(RunError):
        config = folder.config()
    tests = list_evaluations(folder.path)
    told = fields_told(folder, config, tests)
    left = _trusted(_left(folder.path / "run.json"), told, folder.path.name)
    alone = set(_told_by_nothing_else(left, told))
    told |= left
    if told["state"] in ALIVE:
        told["state"] = "interrupted"
    came_to = told["step"]
    if config is not None:
        told |= set_back(folder, config, told["state"], told["step"])
    if told["state"] != "failed":
        told |= {"message": "", "remedies": ()}
    test = told.get("test")
    fitting = {kept.id for kept in tests if is_of_best(folder, kept)}
    if not isinstance(test, dict) and test not in fitting:
        is_over = told["state"] == "completed"
        told["test"] = own_test_of(folder, config) if config and is_over else None
    kept = sorted(name for name in alone - {"test"} if told[name] == left[name])
    return RunInfo.model_validate(told), kept, came_to


def _told_by_nothing_else(left: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    for name, value in left.items():
        usual = RunInfo.model_fields[name].default
        if value not in (told.get(name), usual, []):
            yield name


def _trusted(left: dict[str, Any], told: dict[str, Any], folder: str) -> dict[str, Any]:
    """Return what was left in run.json, but for what the folder tells better."""
    better = {name for name in ("best", "iterations") if told.get(name) is not None}
    if id_in(folder):
        better |= {"id", "created"}
    for name, value in left.items():
        is_told = name != "name" or told[name] != stem_of(folder)
        if is_told and is_nearly(value, told.get(name)):
            better.add(name)
    return {name: value for name, value in left.items() if name not in better}


def is_nearly(value: Any, other: Any) -> bool:
    """Return whether two texts are the same but for a few flipped bits."""
    if not (isinstance(value, str) and isinstance(other, str)):
        return False
    others = sum(one != two for one, two in zip(value, other, strict=False))
    return len(value) == len(other) and others <= max(1, len(other) // _TELLING)


def _left(file: Path) -> dict[str, Any]:
    """Return the fields of a damaged file that can be read, and may be so."""
    try:
        values = whole_fields(read(file))
    except OSError:
        return {}
    least = {"id": "", "name": "", "created": ""}
    found = {}
    for name in (RunInfo.model_fields.keys() & values.keys()) - _OF_A_PROCESS:
        with contextlib.suppress(ValueError):  # also where it cannot be written again
            info = RunInfo.model_validate({**least, name: values[name]})
            RunInfo.model_validate_json(info.model_dump_json())
            if _is_sound(values[name]):
                found[name] = values[name]
    return found


def _is_sound(value: Any) -> bool:
    """Return whether a value can be kept and shown, as a row of the table needs it."""
    if isinstance(value, str):
        return is_text(value)
    return not isinstance(value, int | float) or abs(value) < 2**63
