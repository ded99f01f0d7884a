"""Why training ends before its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from workbench.core.run_store import RunFolder


class TrainingError(Exception):
    """Training cannot go on; the message names the step and what to do."""


class OutOfMemory(TrainingError):
    """The device's memory is too small for the configuration."""


class StopAsked(Exception):
    """The person asked to stop, and the run did, with a checkpoint."""


@contextlib.contextmanager
def disk_errors(folder: RunFolder) -> Iterator[None]:
    """Turn what the disk refuses into a TrainingError that says what to do."""
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"cannot write {error.filename or folder.path}: {error.strerror}. The last "
            "checkpoint is whole: make room, then resume the run"
        ) from error
