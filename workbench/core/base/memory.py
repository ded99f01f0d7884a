"""How much memory this process may still take."""

from __future__ import annotations

import sys
from pathlib import Path

_CONTAINER = Path("/sys/fs/cgroup")


def available_bytes() -> int:
    """Return what the machine has left, or the container's or process's limit has."""
    import psutil

    left = [psutil.virtual_memory().available, *_of_container(), *_of_process()]
    return max(0, int(min(left)))


def _of_container() -> list[int]:
    """Return what a Linux control group leaves, where one sets a limit."""
    try:
        most, used = (
            int((_CONTAINER / f"memory.{name}").read_text())
            for name in ("max", "current")
        )
    except (OSError, ValueError):  # there is none, or it says "max"
        return []
    return [most - used]


def _of_process() -> list[int]:
    """Return what the process may still map, where its address space is limited."""
    if sys.platform == "win32":
        return []
    import resource

    import psutil

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return []
    return [limit - psutil.Process().memory_info().vms]
