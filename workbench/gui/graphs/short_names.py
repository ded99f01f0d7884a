"""Names that stand together, shortened in what they share: what differs stays."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

_CUT = "…"
_PARTS, _WORDS = ", ", " "
_FEWEST = 6
"""Letters that are left at least of a name in which nothing differs, or all does."""

Width = Callable[[str], float]
Tells = Callable[[str], bool]
Runs = Sequence[tuple[str, bool]]
"""Stretches of a name, with whether others have them too."""


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

    def change(self, come: Iterable[str], gone: Iterable[str]) -> None:
        """Count the parts of names that came, and no longer those of others."""
        for name in come:
            self.parts.update({*name.split(_PARTS)})
        for name in gone:
            self.parts.subtract({*name.split(_PARTS)})

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
                yield _PARTS, partial(self._is_had_by, count)
        if tightly:
            yield _WORDS, lambda word: word.rstrip(",") in self.words

    def _is_had_by(self, count: int, part: str) -> bool:
        return self.parts[part] >= count


def short_names(
    names: Sequence[str],
    width: Width,
    room: int,
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


def cut_names(names: Sequence[str], width: Width, room: int) -> list[str]:
    """Return the names, none wider than the room where they can be told apart so.

    What only some share is shortened as well; the words go before the figures.
    """
    bare = short_names(names, width, room, shared=Shared.of(names, 2))
    bare = _first_that_fit(bare, _ways(bare, _WORDS, _has_no_figure), width, room)
    longest = max(map(len, bare), default=0)
    ways = ([_cut(name, kept) for name in bare] for kept in range(longest, _FEWEST, -1))
    return _first_that_fit(bare, ways, width, room)


def cut_name(name: str, width: Width, room: float, shared: Shared) -> str:
    """Return a name alone as ``cut_names`` does, but never wider than the room."""
    for levels in (shared.levels([name], tightly=True), [(_WORDS, _has_no_figure)]):
        whole = name
        for joint, is_common in levels:
            if width(name) <= room:
                return name
            runs = _runs(whole.split(joint), joint, is_common)
            kept = _most_that_fits([runs], joint, width, [room])
            name = min(name, _joined(runs, joint, kept), key=width)
    return _cut_to(name, width, room)


def cut_together(
    names: Sequence[str], width: Width, rooms: Sequence[float]
) -> list[str]:
    """Return names without words that all have, so that what differs has room."""
    common = Shared.of(names).words
    runs = [
        _runs(name.split(_WORDS), _WORDS, lambda word: word.rstrip(",") in common)
        for name in names
    ]
    kept = _most_that_fits(runs, _WORDS, width, rooms)
    texts = [_joined(each, _WORDS, kept) for each in runs]
    if any(width(text) > room for text, room in zip(texts, rooms, strict=True)):
        both = zip(runs, texts, strict=True)
        texts = [_differing(each) or text for each, text in both]
    pairs = zip(texts, rooms, strict=True)
    return [_cut_to(text, width, room) for text, room in pairs]


def _differing(runs: Runs) -> str:
    return _CUT.join(text.rstrip(",") for text, is_cut in runs if not is_cut)


def _most_that_fits(
    runs: Sequence[Runs], joint: str, width: Width, rooms: Sequence[float]
) -> int:
    """Return how many letters of each common stretch there is room for."""

    def is_too_wide(kept: int) -> bool:
        texts = (_joined(each, joint, kept) for each in runs)
        return any(width(text) > room for text, room in zip(texts, rooms, strict=True))

    stretches = (len(text) for each in runs for text, is_cut in each if is_cut)
    return max(bisect(range(max(stretches, default=0)), False, key=is_too_wide) - 1, 0)


def _cut_to(text: str, width: Width, room: float) -> str:
    """Return a text without so much of its middle as there is no room for."""
    if width(text) <= room:
        return text
    letters = range(len(text))
    kept = bisect(letters, False, key=lambda kept: width(_cut(text, kept)) > room)
    return _cut(text, max(kept - 1, 0))


def _first_that_fit(
    names: Sequence[str], ways: Iterable[Sequence[str]], width: Width, room: int
) -> list[str]:
    """Shorten what does not fit, way by way, and never so that two are alike."""
    shortest = list(names)
    for way in ways:
        if max(map(width, shortest), default=0) <= room:
            break
        cut = {
            name: name if width(name) <= room else min(name, shorter, key=width)
            for name, shorter in zip(shortest, way, strict=True)
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


def _runs(pieces: Sequence[str], joint: str, is_common: Tells) -> Runs:
    """Return neighbouring pieces together, with whether they are common."""
    return [(joint.join(run), is_cut) for is_cut, run in groupby(pieces, is_common)]


def _joined(runs: Runs, joint: str, kept: int) -> str:
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
