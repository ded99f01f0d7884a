"""Names that stand together, shortened in what they share: what differs stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby, pairwise
from typing import NamedTuple

_CUT = "…"
_PARTS, _WORDS = ", ", " "
_FEWEST = 6
"""Letters that are left at least of a name in which nothing differs, or all does."""

Width = Callable[[str], int]
Room = int | Sequence[int]
"""How wide names may be: all of them, or each."""
Tells = Callable[[str], bool]


class Shared(NamedTuple):
    """What names have in common: how many have each part of them, and all a word.

    Only parts that so many names have at least are shortened. Names that have no part
    in common with another do not count.
    """

    parts: Counter[str]
    words: frozenset[str]
    least: int

    @classmethod
    def of(cls, names: Sequence[str], least: int = 0) -> Shared:
        """Find what names share: the parts of ``least`` of them, or else of all."""
        split = [name.split(_PARTS) for name in names]
        parts = Counter(part for each in split for part in {*each})
        if least:
            return cls(parts, frozenset(), least)
        alike = [
            name
            for name, own in zip(names, split, strict=True)
            if any(parts[part] > 1 for part in own)
        ] or names
        words = frozenset[str]()
        if len(alike) > 1:
            words = frozenset.intersection(*(frozenset(_words(name)) for name in alike))
        return cls(parts, words, max(2, len(alike)))

    def levels(
        self, names: Sequence[str], *, tightly: bool
    ) -> Iterator[tuple[str, Tells]]:
        """Yield what is shortened first, and then more: the joint, and which pieces.

        Parts that more names have come first; only ``tightly`` also words within those
        that differ.
        """
        counts = {self.parts[part] for name in names for part in name.split(_PARTS)}
        for count in sorted(counts, reverse=True):
            if count >= self.least:
                yield _PARTS, partial(_is_had_by, self.parts, count)
        if tightly:
            yield _WORDS, lambda word: word.rstrip(",") in self.words


def short_names(
    names: Sequence[str],
    width: Width,
    room: Room,
    *,
    tightly: bool = True,
    shared: Shared | None = None,
) -> list[str]:
    """Return the names, none wider than the room if that takes only what they share.

    What is ``shared`` may be that of more names than these.
    """
    common = Shared.of(names) if shared is None else shared
    levels = common.levels(names, tightly=tightly)
    ways = (
        way for joint, is_common in levels for way in _ways(names, joint, is_common)
    )
    return _first_that_fit(names, ways, width, room)


def cut_names(
    names: Sequence[str], width: Width, room: Room, shared: Shared | None = None
) -> list[str]:
    """Return the names, none wider than the room where they can be told apart so.

    What only some share is shortened as well, the words before the figures; last, only
    that is left of a name in which it differs from the one most like it.
    """
    common, width = Shared.of(names, 2) if shared is None else shared, cache(width)
    bare = _in_parts(names, width, room, common)
    bare = _first_that_fit(bare, _ways(bare, _WORDS, _has_no_figure), width, room)
    longest = max(map(len, bare), default=0)
    ways = ([_cut(name, kept) for name in bare] for kept in range(longest, _FEWEST, -1))
    cut = _first_that_fit(bare, ways, width, room)
    return _first_that_fit(cut, _told_ways(names), width, room)


def _in_parts(
    names: Sequence[str], width: Width, room: Room, shared: Shared
) -> list[str]:
    """Shorten the parts that are shared, but not where a name has no others."""
    ways = (
        [whole if _is_all(whole, joint, is_common) else short for whole, short in both]
        for joint, is_common in shared.levels(names, tightly=True)
        for way in _ways(names, joint, is_common)
        if (both := [*zip(names, way, strict=True)])
    )
    return _first_that_fit(names, ways, width, room)


def _is_all(name: str, joint: str, is_common: Tells) -> bool:
    return all(map(is_common, name.split(joint)))


def _told_ways(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names without the words that most have, then what differs first."""
    counts = Counter(word for name in names for word in {*name.split(_WORDS)})
    for count in sorted({*counts.values()} - {1}, reverse=True):
        is_common = partial(_is_had_by, counts, count)
        yield [_without(name, is_common) for name in names]
    told = _differing_at(names)
    longest = max(map(len, names), default=0)
    for kept in range(longest, 0, -1):
        yield [_window(name, at, kept) for name, at in zip(names, told, strict=True)]


def _is_had_by(counts: Counter[str], count: int, piece: str) -> bool:
    return counts[piece] >= count


def _without(name: str, is_common: Tells) -> str:
    return _joined(_runs(name.split(_WORDS), _WORDS, is_common), _WORDS, 0)


def _differing_at(names: Sequence[str]) -> list[int]:
    """Return where each name begins to differ from the one most like it."""
    found = dict.fromkeys(names, 0)
    for pair in pairwise(sorted(found)):
        alike = _alike(*pair)
        for name in pair:
            found[name] = max(found[name], alike)
    return [found[name] for name in names]


def _alike(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _window(name: str, at: int, kept: int) -> str:
    first = max(0, min(at, len(name) - kept))
    before, after = _CUT * (first > 0), _CUT * (first + kept < len(name))
    return before + name[first : first + kept].strip(" ,") + after


def _first_that_fit(
    names: Sequence[str], ways: Iterable[Sequence[str]], width: Width, room: Room
) -> list[str]:
    """Shorten what does not fit, way by way, and never so that two are alike."""
    shortest = list(names)
    rooms = [room] * len(shortest) if isinstance(room, int) else room
    for way in ways:
        fits = [width(name) <= own for name, own in zip(shortest, rooms, strict=True)]
        if all(fits):
            break
        cut = {
            name: name if is_fit else min(name, shorter, key=width)
            for name, shorter, is_fit in zip(shortest, way, fits, strict=True)
        }
        taken = Counter([*cut, *cut.values()])
        shortest = [cut[name] if taken[cut[name]] == 1 else name for name in shortest]
    return shortest


def _ways(names: Sequence[str], joint: str, is_common: Tells) -> Iterator[list[str]]:
    """Yield the names with ever fewer letters of each stretch that is common."""
    runs = [_runs(name.split(joint), joint, is_common) for name in names]
    stretches = (text for each in runs for text, is_cut in each if is_cut)
    for kept in range(max(map(len, stretches), default=0) - 1, -1, -1):
        yield [_joined(each, joint, kept) for each in runs]


def _runs(
    pieces: Sequence[str], joint: str, is_common: Tells
) -> list[tuple[str, bool]]:
    """Return neighbouring pieces together, with whether they are common."""
    return [(joint.join(run), is_cut) for is_cut, run in groupby(pieces, is_common)]


def _joined(runs: Sequence[tuple[str, bool]], joint: str, kept: int) -> str:
    least = _FEWEST if all(is_cut for _, is_cut in runs) else 0
    return joint.join(
        _cut(text, max(kept, least)) if is_cut else text for text, is_cut in runs
    )


def _has_no_figure(word: str) -> bool:
    return not any(map(str.isdigit, word))


def _words(name: str) -> list[str]:
    return [word.rstrip(",") for word in name.split(_WORDS)]


def _cut(text: str, kept: int) -> str:
    if len(text) <= max(kept, 1):
        return text
    head = kept // 2  # a value stands at the end
    first, last = text[:head], text[len(text) - (kept - head) :]
    return first.rstrip(f" ,{_CUT}") + _CUT + last.lstrip(f" ,{_CUT}")
