"""What can be wrong with a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import Remedy, WorkbenchError


class RunError(WorkbenchError):
    """A run cannot be used; the message says which and why."""


class MissingMember(RunError):
    """The run's task, model or learner is not there; the message says whose it is."""


class Unreadable(RunError):
    """The disk does not give a file of the run now; it may be whole all the same."""


@contextlib.contextmanager
def refused_by_disk(path: Path, *elsewhere: Remedy) -> Iterator[None]:
    """Turn what the disk refuses while a path is written into a RunError.

    ``elsewhere`` is what helps wherever the folder cannot be used.
    """
    try:
        yield
    except OSError as error:
        text, remedies = disk_problem(error, path, *elsewhere)
        what = f"cannot write {error.filename or path}: {text}"
        raise RunError(what, *remedies) from error
