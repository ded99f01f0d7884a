"""What a run's folder tells of the run besides its run.json.

It is told by the folder's name, the configuration, the events, the log, the
checkpoints and the evaluations.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.base.files import read
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
from workbench.core.runs.origins import origins
from workbench.core.runs.store import RunFolder, file_name

_NAME = re.compile(r"(.*)-((\d{8}-\d{6})-[0-9a-f]{6})")
_LINE = re.compile(r"(\S+)  (?:step (\d+): (training on )?|failed: )(.*)")
_ENDS = ("completed", "stopped")


def fields_told(
    folder: RunFolder, config: RunConfig | None, tests: Sequence[KeptEvaluation]
) -> dict[str, Any]:
    """Return the fields of run.json that the folder tells, by their names."""
    told = _trained(folder, tests) | _named(folder.path.name, config)
    if config is None:
        return told
    told["members"] = {name: of.model_dump() for name, of in origins(config).items()}
    return told | {"iterations": config.training.iterations}


def id_in(folder: str) -> str:
    """Return the id that a folder's name ends with; empty if it has none."""
    match = _NAME.fullmatch(folder)
    return match[2] if match else ""


def stem_of(folder: str) -> str:
    """Return a folder's name without the id that it ends with."""
    match = _NAME.fullmatch(folder)
    return match[1] if match else folder


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
    """Return the evaluation that training with this configuration ended with.

    It is the one that ``evaluations.own_test`` returns where run.json is right.
    """
    if _facts(folder, "best") is None:
        return None
    judged = config.evaluation
    wanted = (0, judged.tasks, judged.steps, judged.views)
    for kept in list_evaluations(folder.path):
        is_so_large = (kept.seed, kept.tasks, kept.steps, kept.views) == wanted
        if is_so_large and is_of_best(folder, kept):
            return kept.id
    return None


def _named(folder: str, config: RunConfig | None) -> dict[str, Any]:
    """Return what the folder's name tells: ``RunFolder.create`` gave it."""
    match = _NAME.fullmatch(folder)
    stem = stem_of(folder)
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
            elif isinstance(event, SpeedEvent) and event.is_finite:
                seen = seen._replace(speed=event)
            elif isinstance(event, EvaluationEvent) and event.best:
                score = event.by_step[-1].robust
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


class _Said(NamedTuple):
    """What the log says: how the run stood at last, and on what it was trained."""

    began: str = ""
    state: str = ""
    step: int = 0
    device: str = ""
    message: str = ""


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
