"""Finds runs: all those of a folder, or the one that a text means."""

from __future__ import annotations

import os
import re
from pathlib import Path

from workbench.core.base.folders import expanded, resource
from workbench.core.base.phrases import quoted
from workbench.core.base.suggestions import did_you_mean
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder

BUNDLED = "bundled"
"""The name of the trained model that comes with the application."""

_MOST_NAMED = 6
_MOST_SIGNS = 300
"""A path is told to its end, which says which run was meant."""


class NoSuchRun(RunError):
    """No run, or no single one, is meant by a text; the message names what there is."""


def list_runs(runs: Path) -> list[RunFolder]:
    """Return every folder of runs that says it is a run, newest first."""
    if not runs.is_dir():
        return []
    found = [RunFolder(file.parent) for file in runs.glob("[!.]*/run.json")]
    return sorted(found, key=_when_made, reverse=True)


def find_run(text: str, runs: Path) -> RunFolder:
    """Return the one run that a folder, a name or an id means, or raise NoSuchRun."""
    path = resource("models", BUNDLED) if text == BUNDLED else expanded(text)
    if os.path.isfile(path / "run.json"):  # also of a text that is too long for one
        return RunFolder(path)
    known = list_runs(runs)
    called = next((run for run in known if run.path.name == text), None)
    if called is not None:
        return called
    names = {run: _names(run) for run in known}
    meant = [run for run in known if text in names[run]]
    if len(meant) == 1:
        return meant[0]
    if meant:
        folders = [run.path.name for run in meant[:_MOST_NAMED]]
        more = [f"and {len(meant) - len(folders):,} more"] * (len(meant) > len(folders))
        raise NoSuchRun(
            f"{len(meant):,} runs are called {quoted(text)}: say which by its folder: "
            f"{', '.join([*folders, *more])}"
        )
    hint = did_you_mean(text, {name for both in names.values() for name in both})
    raise NoSuchRun(
        f"no run {quoted(text, _MOST_SIGNS)}: it is no run's folder, and no name or id "
        f"of a run in {runs}{hint}"
    )


def _names(run: RunFolder) -> tuple[str, ...]:
    try:
        info = run.info()
    except RunError:
        return ()
    return info.id, info.name


def _when_made(run: RunFolder) -> tuple[str, float]:
    """Return the time in the folder's name, else when it was made or copied."""
    stamp = re.search(r"\d{8}-\d{6}-[0-9a-f]{6}$", run.path.name)
    return (stamp[0] if stamp else "", run.path.stat().st_mtime)
