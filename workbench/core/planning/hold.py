"""Lets the queue, or the run that it trains, wait while a person has paused it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.runs.store import State

_LOOK_SECONDS = 0.2
_SIGN_SECONDS = 60.0
"""How often a run that waits says in its folder that it is still there."""


class Hold:
    """Waits between two events of a run, or before it.

    ``is_held`` reads the queue, and only when its file changed; ``is_stopping``
    ends the wait.
    """

    def __init__(
        self, file: Path, is_held: Callable[[], bool], is_stopping: Callable[[], bool]
    ) -> None:
        self._file, self._read, self._is_stopping = file, is_held, is_stopping
        self._stamp: tuple[int, int] | None = None
        self._is_held = False

    def wait(self, note: Callable[[State], object] | None = None) -> None:
        """Return once the run may go on, or is to stop; ``note`` says that it waits.

        The memory it takes stays taken: it goes on at once.
        """
        said = -math.inf
        while self._look() and not self._is_stopping():
            if note is not None and time.monotonic() - said > _SIGN_SECONDS:
                note("paused")
                said = time.monotonic()
            time.sleep(_LOOK_SECONDS)
        if note is not None and said > -math.inf and not self._is_stopping():
            note("running")

    def _look(self) -> bool:
        stamp = stamp_of(self._file)
        if stamp != self._stamp:
            self._stamp, self._is_held = stamp, self._read()
        return self._is_held


def stamp_of(file: Path) -> tuple[int, int]:
    """Return what is another whenever a file was written, which need not be there."""
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
