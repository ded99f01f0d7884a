"""Runs of one name are told apart by the end of their folders' names, the ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_ID = 6


def told_apart(called: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what to call the runs whose names are not theirs alone, by folder.

    ``called`` has each run's folder and name.
    """
    names = dict(called)
    counts = Counter(names.values())
    if len(counts) == len(names):
        return {}
    shared = {folder: name for folder, name in names.items() if counts[name] > 1}
    ends = Counter((name, folder[-_ID:]) for folder, name in shared.items())
    return {
        folder: f"{name} ({_end(folder, is_alone=ends[name, folder[-_ID:]] == 1)})"
        for folder, name in shared.items()
    }


def _end(folder: str, *, is_alone: bool) -> str:
    return folder[-_ID:] if is_alone else folder
