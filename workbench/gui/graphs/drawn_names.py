"""Names that are drawn one by one, of which no two are to look alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from workbench.gui.graphs.short_names import Shared, Width, cut_name, cut_together

_MOST_DRAWN = 200
"""More names than this are not in view at once."""


class _Drawn(NamedTuple):
    """A name, and the room that there is for it."""

    name: str
    room: int


class DrawnNames:
    """Cuts each name by itself, and together with those that would look the same.

    That two would is known once both were drawn: then ``draw_again`` is called. Names
    are kept as they were cut, so that drawing them again costs next to nothing.
    """

    def __init__(
        self, letter: Width, shared: Shared, draw_again: Callable[[], object]
    ) -> None:
        self._letter = cache(letter)
        self._shared = shared
        self._draw_again = draw_again
        self._alone: dict[_Drawn, str] = {}
        self._taken: set[str] = set()
        self._apart: dict[_Drawn, str] | None = None

    def cut(self, name: str, room: int) -> str:
        """Return what is drawn of a name where there is so much room for it."""
        drawn = _Drawn(name, room)
        if drawn in self._alone:
            if self._apart is None:
                self._apart = self._told_apart()
                self._taken.update(self._apart.values())
            return self._apart[drawn]
        if len(self._alone) >= _MOST_DRAWN:
            self._alone.clear()
            self._taken.clear()
        text = cut_name(name, self._width, room, self._shared)
        if text in self._taken:
            self._draw_again()
        self._alone[drawn], self._apart = text, None
        self._taken.add(text)
        return text

    def _told_apart(self) -> dict[_Drawn, str]:
        """Return what is drawn of each name, beside all that it would look like."""
        alike = defaultdict[str, list[_Drawn]](list)
        for each, text in self._alone.items():
            alike[text].append(each)
        sets = [*alike.values()]
        while True:
            cut = {each: text for one in sets for each, text in self._cut(one)}
            holders = Counter(text for one in sets for text in {cut[n] for n in one})
            clashing = [one for one in sets if any(holders[cut[n]] > 1 for n in one)]
            if not clashing:
                return cut
            sets = [one for one in sets if one not in clashing]
            sets.append([each for one in clashing for each in one])

    def _cut(self, alike: Sequence[_Drawn]) -> list[tuple[_Drawn, str]]:
        if len(alike) == 1:
            return [(alike[0], self._alone[alike[0]])]
        names, rooms = zip(*alike, strict=True)
        texts = cut_together(names, self._width, rooms)
        return [*zip(alike, texts, strict=True)]

    def _width(self, text: str) -> float:
        """Return how wide a text is by its letters: asking for each text is slow."""
        return sum(map(self._letter, text))
