"""How the C library keeps memory for later."""

from __future__ import annotations

import ctypes
import functools
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of glibc's ``mallopt``."""

_MOST_KEPT = 2**30
_LARGEST_THRESHOLD = 2**25
"""Older ones refuse more."""


@functools.cache
def keep_freed_memory(*, for_large_maps: bool = False) -> None:
    """Let glibc keep large blocks that are freed, for the next ones of their size.

    It gives them back to the system at once, which hands out fresh pages, one fault
    each, to the next inner step: a sixth of the time that small pictures take. The maps
    of large pictures do not fit into a thread's own arena; with one arena for all, they
    take two thirds of the time, but small maps longer. Threads that begin later heed
    it, unless many were there before. Other C libraries have no such switches.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_THRESHOLD)
        mallopt(_TRIM_THRESHOLD, _MOST_KEPT)
        if for_large_maps:
            mallopt(_ARENA_MAX, 1)


def give_kept_memory_back() -> None:
    """Have glibc give the system what it keeps, once no inner step will use it.

    Every thread that trained has left blocks behind in an arena of its own.
    """
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
