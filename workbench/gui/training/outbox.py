"""What threads put events into, for the window to take in batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from workbench.core.runs.events import Event

BATCH_SECONDS = 0.04
BATCH_EVENTS = 2000
_LOOK_SECONDS = 0.1


class Outbox:
    """Passes events on in batches, at most 25 times a second.

    A batch is sent only once the one before it was taken: a window that is busy gets
    one large batch later instead of a queue of small ones.
    """

    def __init__(self, send: Callable[[list[Event]], None]) -> None:
        self._send = send
        self._waiting: list[Event] = []
        self._taken = threading.Event()
        self._taken.set()
        self._sent = 0.0

    def add(self, event: Event) -> None:
        """Add an event; send what waits if it is time to."""
        self._waiting.append(event)
        if self._taken.is_set() and time.monotonic() - self._sent >= BATCH_SECONDS:
            self.flush()

    def pass_on(self, events: Iterable[Event], is_left: Callable[[], bool]) -> None:
        """Send what was written earlier, no faster than it is taken.

        With ``is_left`` nobody takes it any more.
        """
        for event in events:
            self._waiting.append(event)
            if len(self._waiting) >= BATCH_EVENTS:
                self._send_next(is_left)
            if is_left():
                return
        self._send_next(is_left)

    def _send_next(self, is_left: Callable[[], bool]) -> None:
        while not (self._taken.wait(_LOOK_SECONDS) or is_left()):
            pass
        self.flush()

    def flush(self) -> None:
        """Send what waits, whether or not the last batch was taken."""
        for start in range(0, len(self._waiting), BATCH_EVENTS):
            self._taken.clear()
            self._send(self._waiting[start : start + BATCH_EVENTS])
        self._waiting = []
        self._sent = time.monotonic()

    def taken(self) -> None:
        """Say that the window has taken a batch; called in its thread."""
        self._taken.set()
