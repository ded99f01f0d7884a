"""Words errors and their remedies as the window can do them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from workbench.core.base import figures
from workbench.core.base.errors import Problem, Remedy, RemedyKind, problem_of
from workbench.core.base.phrases import counted
from workbench.core.config.sections import field_title
from workbench.core.config.worded import worded
from workbench.core.planning.room import Room

_MOST = 3
"""So many settings are named; of more, how many there are."""

_ON_A_BUTTON = 2
"""So many settings there is room for on a button."""

_PHRASES: dict[RemedyKind, Callable[[Remedy], str]] = {
    RemedyKind.SET: lambda one: f"set {title_of(one.changes)}",
    RemedyKind.USE_KNOWN: lambda one: "use settings that work",
    RemedyKind.FETCH: lambda one: "fetch it in the Data tab",
    RemedyKind.IMPORT: lambda one: "import a copy in the Data tab",
    RemedyKind.LOCATE: lambda one: "",
    RemedyKind.MAKE_ROOM: lambda one: "make room",
    RemedyKind.ALLOW_WRITING: lambda one: f"allow writing to {one.subject}",
    RemedyKind.MOVE_AWAY: lambda one: f"move {one.subject} away",
    RemedyKind.REPAIR: lambda one: "repair it with Check this run in the Run menu",
    RemedyKind.OTHER_DATA: lambda one: "open the window with another data folder",
    RemedyKind.OTHER_RUNS: lambda one: "open the window with another folder of runs",
    RemedyKind.RESUME: lambda one: "open the folder to continue the run",
    RemedyKind.REPLACE: lambda one: "choose another name",
    RemedyKind.CHOOSE_PRESET: lambda one: "choose one in the Experiment tab",
}


def told(problem: Problem) -> str:
    """Return what is wrong and what to do."""
    return problem.told(map(phrase, problem.remedies))


def sentence(error: BaseException) -> str:
    """Return what an error says and what to do, as a sentence; never empty."""
    text = told(problem_of(error))
    is_word = text.split()[0].isalpha()
    return text[:1].upper() + text[1:] if is_word else text


def phrase(remedy: Remedy) -> str:
    """Return what to do, in words; empty for what is not done in the window."""
    word = _PHRASES.get(remedy.kind)
    return word(remedy) if word is not None else ""


def button_of(remedy: Remedy) -> str:
    """Return what is on the button of a remedy that changes settings."""
    if remedy.kind is RemedyKind.USE_KNOWN:
        return "Settings that work"
    if len(remedy.changes) > _ON_A_BUTTON:
        return in_short(remedy.changes, most=1)
    return title_of(remedy.changes)


def tip_of(remedy: Remedy) -> str:
    """Return what the button of such a remedy does."""
    is_named = len(remedy.changes) <= _ON_A_BUTTON
    if remedy.kind is RemedyKind.USE_KNOWN or not is_named:
        return f"{remedy.effect}: {title_of(remedy.changes)}"
    return remedy.effect


def too_large(room: Room) -> str:
    """Return that a run does not fit, and what would."""
    needed, free = (figures.memory(size / 2**20) for size in room[:2])
    said = f"Too large: it needs {needed} of tensors, and {free} are free here."
    offers = " or ".join(title_of(remedy.changes) for remedy in room.fitting)
    return f"{said} {offers or 'A smaller model'} would fit."


def title_of(changes: Mapping[str, Any]) -> str:
    """Return what settings become, as ``Meta-batch 4``."""
    return ", ".join(_title(dotted, changes[dotted]) for dotted in changes)


def in_short(changes: Mapping[str, Any], most: int = _MOST) -> str:
    """Return what some settings become, and of how many more."""
    named = dict(itertools.islice(changes.items(), most))
    more = len(changes) - len(named)
    rest = f" and {counted(more, 'setting')} more" if more else ""
    return title_of(named) + rest


def _title(dotted: str, value: object) -> str:
    if isinstance(value, bool):
        return f"{'' if value else 'not '}{field_title(dotted)}"
    is_kind = dotted.endswith(".kind")
    text = worded(dotted, value)
    return text if is_kind else f"{field_title(dotted)} {text}"
