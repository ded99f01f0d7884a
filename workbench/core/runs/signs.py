"""Whether a process of another machine gives signs, whatever that machine's clock says.

Clocks differ, and one may be set while a run trains. A sign that is new by this
machine's clock is believed; so is one that was seen to take the place of another.
"""

from __future__ import annotations

import math
import time

SILENCE_SECONDS = 600
"""A process that gives no sign for so long is taken for gone."""

_LATE_SECONDS = 120
_seen: dict[tuple[str, str, int], tuple[float, float, float]] = {}
"""Of each process: its last sign, when that was first seen, when it surely lived."""


def gives_signs(run: str, host: str, pid: int, sign: float) -> bool:
    """Return whether a process that has a run in hand is there.

    ``sign`` is when it gave the last one, by its own clock.
    """
    now, who = time.monotonic(), (run, host, pid)
    known, seen_at, lived_at = _seen.get(who, (sign, now, -math.inf))
    if sign != known:
        # If much more lies between them, the one before was read from an old index.
        if abs(sign - known) < now - seen_at + _LATE_SECONDS:
            lived_at = now
        seen_at = now
    _seen[who] = sign, seen_at, lived_at
    return min(abs(time.time() - sign), now - lived_at) < SILENCE_SECONDS
