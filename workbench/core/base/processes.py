"""Whether a process that wrote its number down is still the one that did."""

from __future__ import annotations

import sys
from pathlib import Path

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
    return fields[19]  # when it was started, in clock ticks since the machine was


def _time_of_birth(pid: int) -> str:
    import psutil

    try:
        return str(psutil.Process(pid).create_time())
    except (psutil.Error, ValueError):
        return ""


def is_running(pid: int, mark: str) -> bool:
    """Return whether the process of this number and mark runs on this machine."""
    import psutil

    now = process_mark(pid)
    if mark and now:
        return now == mark
    return bool(psutil.pid_exists(pid))


def has_run_since(pid: int, moment: float) -> bool:
    """Return whether the process of this number was there at a moment, and still is.

    One that was born later only has the number of another that is gone.
    """
    import psutil

    try:
        return bool(psutil.Process(pid).create_time() < moment + _CLOCKS_DIFFER)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
