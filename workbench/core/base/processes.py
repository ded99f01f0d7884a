"""Whether a process that wrote its number down is still the one that did."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def process_mark(pid: int) -> str:
    """Return what tells a process from a later one of its number; empty if unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19]  # when it was started, in clock ticks since the machine was


def is_running(pid: int, mark: str) -> bool:
    """Return whether the process of this number and mark runs on this machine."""
    if mark and process_mark(pid):
        return process_mark(pid) == mark
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
