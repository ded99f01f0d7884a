"""Words errors and their remedies as the command line can do them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.core.base.errors import Problem, Remedy, RemedyKind, problem_of
from workbench.core.base.program import command
from workbench.core.config.overrides import as_override

_PHRASES: dict[RemedyKind, Callable[[Remedy], str]] = {
    RemedyKind.SET: lambda one: f"give {settings(one.changes)}",
    RemedyKind.USE_KNOWN: lambda one: (
        f"take what the preset {one.subject} has ({settings(one.changes)})"
    ),
    RemedyKind.FETCH: lambda one: f"fetch it ({command(f'data fetch {one.subject}')})",
    RemedyKind.IMPORT: lambda one: (
        f"import a copy ({command(f'data import {one.subject} PATH')})"
    ),
    RemedyKind.LOCATE: lambda one: f"give --{one.subject} PATH",
    RemedyKind.MAKE_ROOM: lambda one: "make room",
    RemedyKind.ALLOW_WRITING: lambda one: f"allow writing to {one.subject}",
    RemedyKind.MOVE_AWAY: lambda one: f"move {one.subject} away",
    RemedyKind.REPAIR: lambda one: (
        f"repair it with {command(f'check {one.subject} --repair')}"
    ),
    RemedyKind.OTHER_DATA: lambda one: "choose another folder with --data",
    RemedyKind.OTHER_RUNS: lambda one: "choose another folder with --runs",
    RemedyKind.OTHER_DEVICE: lambda one: f"use --device {one.subject}",
    RemedyKind.RESUME: lambda one: (
        f"train a run further with {command(f'train --resume {one.subject}')}"
    ),
    RemedyKind.REPLACE: lambda one: (
        f"choose another name, or give --force to replace {one.subject}"
    ),
    RemedyKind.CHOOSE_PRESET: lambda one: f"choose one that {command('presets')} lists",
}


def told(problem: Problem) -> str:
    """Return what is wrong, and what to type."""
    return problem.told(map(phrase, problem.remedies))


def told_of(error: BaseException) -> str:
    """Return what an error says, and what to type."""
    return told(problem_of(error))


def phrase(remedy: Remedy) -> str:
    """Return what to type, in words; empty for what this version does not know."""
    word = _PHRASES.get(remedy.kind)
    return word(remedy) if word is not None else ""


def settings(changes: Mapping[str, object]) -> str:
    """Return the options that change these settings."""
    return " ".join(f"--set {as_override(name, changes[name])}" for name in changes)
