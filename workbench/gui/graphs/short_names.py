"""Names for a legend, shortened in what they have in common and never to be alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

_CUT = "…"
_JOINT = ", "
_FEWEST = 3
"""Letters on either side of a cut within what tells names apart."""


def short_names(
    names: Sequence[str], width: Callable[[str], int], room: int
) -> list[str]:
    """Return the names, none wider than the room where they can be told apart so.

    What all have in common loses its middle first. Names that were alike stay so.
    """
    shortest = list(names)
    for way in _ways(names):
        tried = [
            whole if width(whole) <= room else cut
            for whole, cut in zip(shortest, way, strict=True)
        ]
        if len({*tried}) < len({*names}):
            break
        shortest = tried
        if max(map(width, tried), default=0) <= room:
            break
    return shortest


def _ways(names: Sequence[str]) -> Iterator[list[str]]:
    yield list(names)
    parts = [name.split(_JOINT) for name in names]
    common = set.intersection(*map(set, parts)) if len(names) > 1 else set()
    runs = [_runs(each, common) for each in parts]
    longest = max(
        (len(text) for each in runs for text, is_cut in each if is_cut), default=0
    )
    for kept in range(longest - 1, -1, -1):
        yield [_joined(each, kept) for each in runs]
    bare = [_joined(each, 0) for each in runs]
    for kept in range(max(map(len, bare), default=0) - 1, 2 * _FEWEST, -1):
        yield [_cut(name, kept) for name in bare]


def _runs(parts: Sequence[str], common: set[str]) -> list[tuple[str, bool]]:
    """Return neighbouring parts together, with whether all names have them."""
    return [
        (_JOINT.join(run), is_common)
        for is_common, run in groupby(parts, common.__contains__)
    ]


def _joined(runs: Sequence[tuple[str, bool]], kept: int) -> str:
    """Return the name with so many letters of each stretch that is common."""
    return _JOINT.join(_cut(text, kept) if is_cut else text for text, is_cut in runs)


def _cut(text: str, kept: int) -> str:
    if len(text) <= max(kept, 1):
        return text
    head = (kept + 1) // 2
    return text[:head].rstrip() + _CUT + text[len(text) - (kept - head) :].lstrip()
