"""Whether a process that wrote its number down is still the one that did.

One that ended runs no more, also while the system still lists it, since its parent
never asked what became of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

_ENDED = ("Z", "X")
_CLOCKS_DIFFER = 60.0
"""Seconds by which a disk may be behind the machine."""


def process_mark(pid: int) -> str:
    """Return what tells a process from a later one of its number; empty if unknown."""
    if not sys.platform.startswith("linux"):
        return _time_of_birth(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    # When it was started, in clock ticks since the machine was.
    return "" if fields[0] in _ENDED else fields[19]


def _time_of_birth(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        is_over = process.status() == psutil.STATUS_ZOMBIE
        return "" if is_over else str(process.create_time())
    except (psutil.Error, ValueError):
        return ""


def is_running(pid: int, mark: str) -> bool:
    """Return whether the process of this number and mark runs on this machine."""
    import psutil

    now = process_mark(pid)
    if mark and now:
        return now == mark
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError):
        return False


def has_run_since(pid: int, moment: float) -> bool:
    """Return whether the process of this number was there at a moment, and still is.

    One that was born later only has the number of another that is gone.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        is_over = process.status() == psutil.STATUS_ZOMBIE
        return not is_over and process.create_time() < moment + _CLOCKS_DIFFER
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
