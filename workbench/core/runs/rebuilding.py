"""Writes a run's run.json anew from what else its folder holds.

What can still be read of the damaged file is kept, but where it nearly says what the
folder does, a bit of it was lost. All else is told by the folder's name, the
configuration, the events, the log, the checkpoints and the evaluations; only what a
person wrote on the run is told by nothing else.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from workbench.core.base.files import read
from workbench.core.base.json_text import whole_fields
from workbench.core.config.naming import telling_name
from workbench.core.config.presets import is_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.checkpoint import Facts, facts_of
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import KeptEvaluation, list_evaluations
from workbench.core.runs.events import (
    EndEvent,
    EvaluationEvent,
    Event,
    SpeedEvent,
    StepEvent,
)
from workbench.core.runs.row import is_text
from workbench.core.runs.store import ALIVE, RunFolder, RunInfo, file_name

_ID = re.compile(r"(.*)-((\d{8}-\d{6})-[0-9a-f]{6})")
_LINE = re.compile(r"(\S+)  (?:step (\d+): (training on )?|failed: )(.*)")
_ENDS = ("completed", "stopped")
_TELLING = 10
"""Of so many characters one may be damaged, and the text is known still."""
_OF_A_PROCESS = {"pid", "process_mark", "host", "heartbeat", "seconds_left"}


class _Said(NamedTuple):
    """What the log says: how the run stood at last, and on what it was trained."""

    began: str = ""
    state: str = ""
    step: int = 0
    device: str = ""
    message: str = ""


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
    told = _trained(folder, tests) | _named(folder.path.name, config)
    if config is not None:
        told["iterations"] = config.training.iterations
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
    if match := _ID.fullmatch(folder):
        better |= {"id", "created"}
    stem = match[1] if match else folder
    for name, value in left.items():
        is_told = name != "name" or told[name] != stem
        if is_told and is_nearly(value, told.get(name)):
            better.add(name)
    return {name: value for name, value in left.items() if name not in better}


def is_nearly(value: Any, other: Any) -> bool:
    """Return whether two texts are the same but for a few flipped bits."""
    if not (isinstance(value, str) and isinstance(other, str)):
        return False
    others = sum(one != two for one, two in zip(value, other, strict=False))
    return len(value) == len(other) and others <= max(1, len(other) // _TELLING)


def id_in(folder: str) -> str:
    """Return the id that a folder's name ends with; empty if it has none."""
    match = _ID.fullmatch(folder)
    return match[2] if match else ""


def is_of_best(folder: RunFolder, kept: KeptEvaluation) -> bool:
    """Return whether an evaluation is a test of the best weights there are, if any."""
    best = _facts(folder, "best")
    is_test = (kept.split, kept.checkpoint) == ("test", "best")
    return is_test and (best is None or kept.meta_step == best.step)


def own_best(folder: RunFolder) -> float | None:
    """Return the validation score of the best weights; None for a mere model."""
    best = _facts(folder, "best") if _facts(folder, "latest") else None
    return None if best is None else best.best


def set_back(
    folder: RunFolder, config: RunConfig, state: str, step: int
) -> dict[str, Any]:
    """Return how a run stands that is over at another step than its latest is of.

    Nothing if it is not so. A run asked to stop while its data are opened is stopped
    where it was before, which may be a little before its latest checkpoint.
    """
    latest = _facts(folder, "latest")
    if latest is None or state not in _ENDS or step == latest.step:
        return {}
    if latest.step >= config.training.iterations:
        return {"step": latest.step}
    if state == "stopped" and step < latest.step:
        return {}
    gone = {"seconds": latest.seconds, "best": latest.best, "test": None}
    return {"state": "interrupted", "step": latest.step, **gone}


def own_test_of(folder: RunFolder, config: RunConfig) -> str | None:
    """Return the evaluation that training with this configuration ended with."""
    best, wanted = _facts(folder, "best"), config.evaluation
    for kept in list_evaluations(folder.path):
        is_own = (kept.split, kept.checkpoint, kept.seed) == ("test", "best", 0)
        is_so_large = (kept.tasks, kept.steps) == (wanted.tasks, wanted.steps)
        if is_own and is_so_large and best and kept.meta_step == best.step:
            return kept.id
    return None


def _left(file: Path) -> dict[str, Any]:
    """Return the fields of a damaged file that can be read, and may be so."""
    try:
        values = whole_fields(read(file))
    except OSError:
        return {}
    least = {"id": "", "name": "", "created": ""}
    found = {}
    for name in (RunInfo.model_fields.keys() & values.keys()) - _OF_A_PROCESS:
        with contextlib.suppress(ValidationError):
            RunInfo.model_validate({**least, name: values[name]})
            if _is_sound(values[name]):
                found[name] = values[name]
    return found


def _is_sound(value: Any) -> bool:
    """Return whether a value can be kept and shown, as a row of the table needs it."""
    if isinstance(value, str):
        return is_text(value)
    return not isinstance(value, int | float) or abs(value) < 2**63


def _named(folder: str, config: RunConfig | None) -> dict[str, Any]:
    """Return what the folder's name tells: ``RunFolder.create`` gave it."""
    match = _ID.fullmatch(folder)
    stem = match[1] if match else folder
    preset = stem if is_preset(stem) else ""
    told = {"id": match[2] if match else folder, "name": stem, "preset": preset}
    if config is not None:
        usual = file_name(f"{config.algorithm.kind}-{config.task.kind}")
        if stem in (preset, usual):
            told["name"] = telling_name(config, preset)
    with contextlib.suppress(ValueError):
        if match:
            made = datetime.datetime.strptime(f"{match[3]}+0000", "%Y%m%d-%H%M%S%z")
            told["created"] = made.isoformat()
    return told


class _Seen(NamedTuple):
    """What the events of a run leave behind."""

    step: int = 0
    speed: SpeedEvent | None = None
    best: float | None = None
    last: Event | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> _Seen:
        seen = cls()
        for event in events:
            seen = seen._replace(last=event)
            if isinstance(event, StepEvent):
                seen = seen._replace(step=event.step)
            elif isinstance(event, SpeedEvent):
                seen = seen._replace(speed=event)
            elif isinstance(event, EvaluationEvent) and event.best:
                score = event.by_step[-1].score
                seen = seen._replace(best=score) if math.isfinite(score) else seen
        return seen


def _trained(folder: RunFolder, tests: Sequence[KeptEvaluation]) -> dict[str, Any]:
    """Return what training left: how far it came, how well, and how it ended."""
    seen, said = _Seen.of(folder.events()), _said(folder.path / "log.txt")
    latest, best = _facts(folder, "latest"), _facts(folder, "best")
    facts = latest or best or Facts(step=0)
    speed = seen.speed
    made = max(said.step, facts.step, seen.step)
    state = said.state or ("interrupted" if made or seen.last else "created")
    if isinstance(seen.last, EndEvent) or (best and not latest and not seen.last):
        state = "completed"
    return {
        "created": said.began or _date_of(folder.path),
        "state": state,
        "message": said.message,
        "step": made,
        "seconds": max(facts.seconds, speed.seconds if speed else 0.0),
        "best": facts.best if seen.best is None else seen.best,
        "split_hash": facts.split_hash,
        "device": said.device or (tests[0].device if tests else ""),
        "versions": tests[0].versions if tests else {},
        "memory_mb": speed.memory_mb if speed else None,
    }


def _said(log: Path) -> _Said:
    said = _Said()
    try:
        lines = read(log).decode("utf-8", errors="replace").splitlines()
    except OSError:
        return said
    for match in filter(None, map(_LINE.fullmatch, lines)):
        when, step, on, words = match.groups()
        said = said._replace(began=said.began or when)
        if step is None:
            said = said._replace(state="failed", message=words)
        elif on:
            said = said._replace(state="interrupted", step=int(step), device=words)
        elif words in _ENDS:
            said = said._replace(state=words, step=int(step))
    return said


def _facts(folder: RunFolder, which: str) -> Facts | None:
    with contextlib.suppress(RunError):
        return facts_of(folder.checkpoint(which))
    return None


def _date_of(folder: Path) -> str:
    made = datetime.datetime.fromtimestamp(folder.stat().st_mtime, datetime.UTC)
    return made.isoformat(timespec="seconds")
