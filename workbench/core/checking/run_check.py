"""Checks a run: everything in its folder, unless a process is training it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from workbench.core.base.cancelling import CancelFlag, stop_if
from workbench.core.base.file_lock import LockError, LockTaken, file_lock
from workbench.core.checking.checkpoints import load_all, look_at_checkpoints
from workbench.core.checking.configuration import look_at_config
from workbench.core.checking.finding import Finding, InUse, Subject
from workbench.core.checking.metrics import look_at_metrics
from workbench.core.checking.records import (
    look_at_evaluations,
    look_at_records,
    look_for_leftovers,
)
from workbench.core.runs.errors import RunError
from workbench.core.runs.search import find_run
from workbench.core.runs.store import RunFolder, RunInfo

_SIGNS = ("run.json", "config.toml")


def run_subject(folder: RunFolder) -> Subject:
    """Return a run as something to be checked."""
    look, hold = partial(_findings, folder), partial(_held, folder)
    return Subject(folder.path.name, folder.path, look, hold, "run")


def find_folder(text: str, runs: Path) -> RunFolder:
    """Return the run that a text means, also one that cannot be read."""
    for path in (Path(text).expanduser(), runs / text):
        if is_run(path):
            return RunFolder(path)
    return find_run(text, runs)


def is_run(path: Path) -> bool:
    """Return whether a folder is a run's, or was."""
    return any(os.path.lexists(path / name) for name in _SIGNS)


def _findings(folder: RunFolder, cancel: CancelFlag | None) -> Iterator[Finding]:
    info = _info(folder)
    stop_if(cancel)
    loaded = load_all(folder)
    yield from look_at_checkpoints(folder, loaded, info.state if info else "")
    stop_if(cancel)
    yield from look_at_metrics(folder, loaded.latest)
    yield from look_at_evaluations(folder)
    yield from look_at_config(folder, loaded)
    yield from look_at_records(folder)
    places = (folder.path, folder.checkpoints, folder.path / "evaluations")
    yield from look_for_leftovers(*places)


@contextlib.contextmanager
def _held(folder: RunFolder, repair: bool) -> Iterator[None]:
    """Hold the run as who trains it does; InUse where somebody does."""
    info, lock = _info(folder), folder.path / "lock"
    if info is not None and info.is_alive:
        where = f"process {info.pid} on {info.host}"
        raise InUse(f"it is being trained by {where}, and left alone")
    with contextlib.ExitStack() as stack:
        try:
            if repair or lock.exists():
                stack.enter_context(file_lock(lock, wait=False))
        except LockTaken as error:
            raise InUse(f"it is being trained, and left alone ({error})") from None
        except LockError:
            if repair:
                raise
        yield


def _info(folder: RunFolder) -> RunInfo | None:
    with contextlib.suppress(RunError):
        return folder.info()
    return None
