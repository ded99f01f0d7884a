"""Lets the queue, or the run that it trains, wait while a person has paused it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.runs.store import State

LOOK_SECONDS = 0.2
"""How often what waits looks whether it may go on."""

SIGN_SECONDS = 60.0
"""How often a run that waits says in its folder that it is still there."""


class Hold:
    """Waits between two events of a run, or before it; ``is_stopping`` ends it."""

    def __init__(
        self, is_held: Callable[[], bool], is_stopping: Callable[[], bool]
    ) -> None:
        self._is_held, self._is_stopping = is_held, is_stopping

    def wait(self, note: Callable[[State], object] | None = None) -> None:
        """Return once the run may go on, or is to stop; ``note`` says that it waits.

        The memory it takes stays taken: it goes on at once.
        """
        said = -math.inf
        while self._is_held() and not self._is_stopping():
            if note is not None and time.monotonic() - said > SIGN_SECONDS:
                note("paused")
                said = time.monotonic()
            time.sleep(LOOK_SECONDS)
        if note is not None and said > -math.inf and not self._is_stopping():
            note("running")
