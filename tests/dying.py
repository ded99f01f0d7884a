"""Lets a process die by SIGKILL in the middle of what it writes."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.link", "fcntl.flock"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def die_at(folder: Path, change: int) -> None:
    """Kill this process as it is about to change a file below a folder, or to lock.

    ``change`` is the how-manieth time that is; never, if it is zero.
    """
    left, below = [change], str(folder)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            is_change = bool(arguments[2] & _WRITING)
        else:
            is_change = event in _CHANGES
        if is_change and (event == "fcntl.flock" or below in str(arguments[0])):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if change:
        sys.addaudithook(hook)
