"""Words remedies as a notebook can do them, beneath the error that they help with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workbench.cli._wording import phrase
from workbench.core.base.errors import Remedy, RemedyKind, WorkbenchError

_PHRASES: dict[RemedyKind, Callable[[Remedy], str]] = {
    RemedyKind.SET: lambda one: f"give set={one.changes}",
    RemedyKind.USE_KNOWN: lambda one: f"take the preset {one.subject!r}",
    RemedyKind.FETCH: lambda one: (
        f"fetch it in a terminal: python -m workbench data fetch {one.subject}"
    ),
    RemedyKind.IMPORT: lambda one: (
        "import a copy in a terminal: "
        f"python -m workbench data import {one.subject} PATH"
    ),
    RemedyKind.LOCATE: lambda one: f"give {one.subject}=PATH",
    RemedyKind.OTHER_DATA: lambda one: "give another folder, data=PATH",
    RemedyKind.OTHER_RUNS: lambda one: "give another folder, runs=PATH",
    RemedyKind.OTHER_DEVICE: lambda one: f"give device={one.subject!r}",
    RemedyKind.RESUME: lambda one: f"go on with train(load({one.subject!r}))",
    RemedyKind.CHOOSE_PRESET: lambda one: "choose one of workbench.presets()",
}


@contextmanager
def remedies_told() -> Iterator[None]:
    """Add to an error what helps."""
    try:
        yield
    except WorkbenchError as error:
        phrases = (_PHRASES.get(one.kind, phrase)(one) for one in error.remedies)
        if found := ", or ".join(filter(None, phrases)):
            error.add_note(f"{found[0].upper()}{found[1:]}.")
        raise
