"""Invented alphabets: an endless supply, each a pure function of (seed, index).

An alphabet has a style, which says how many strokes its characters have and what kind,
and strokes that its characters share; many a character begins as an earlier one does.
Most strokes go right or down, and of several that come to mind the one is taken that
leaves the character most legible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from workbench.core.drawing.glyph_programs import (
    Character,
    Hands,
    Part,
    Pen,
    Points,
    Random,
    Relation,
    performed,
    placed,
)
from workbench.core.drawing.strokes import Floats

T = TypeVar("T")

_IDEAS = 4
_SHARED = 6
_TOO_CLOSE = 0.12
_USUAL_EXTENT = 1.2
_MOST_STROKES = 5
_MOST_MOVES = (4, 3, 2, 2, 2)
_SHORTER = (1.0, 0.8, 0.65, 0.55)
_FULL = 0.3
_NOBODY = Hands(np.ones((1, 1)), np.zeros((1, 6)))
_UNUSED = np.random.default_rng(0)


class Style(NamedTuple):
    """What the characters of an alphabet have in common.

    ``strokes`` and ``moves`` are how likely 1, 2, ... of them are; ``straight``,
    ``smooth``, ``loops``, ``dots`` and ``reuse`` are probabilities.
    """

    strokes: Floats
    moves: Floats
    straight: float
    smooth: float
    loops: float
    dots: float
    reuse: float
    slant: float
    size: float
    stretch: float


class Alphabet(NamedTuple):
    """An invented alphabet: its style, shared strokes and characters."""

    style: Style
    shared: tuple[Pen, ...]
    characters: tuple[Character, ...]


def alphabet(seed: int, index: int, characters: int) -> Alphabet:
    """Invent an alphabet; asked for more characters, it begins with the same ones."""
    inventor = _Inventor(np.random.default_rng((seed, index)))
    made: list[Character] = []
    while len(made) < characters:
        made.append(inventor.character(made))
    return Alphabet(inventor.style, inventor.shared, tuple(made))


def _style(random: Random) -> Style:
    return Style(
        strokes=random.dirichlet((2.0, 4.0, 3.0, 1.3, 0.5)),
        moves=random.dirichlet((3.0, 3.0, 2.5, 2.0)),
        straight=random.beta(1.8, 1.3),
        smooth=random.beta(1.5, 1.5),
        loops=random.beta(1.0, 7.0),
        dots=random.beta(0.5, 9.0),
        reuse=random.uniform(0.3, 0.8),
        slant=random.normal(0, 0.06),
        size=random.normal(66, 4),
        stretch=random.normal(0, 0.2),
    )


class _Inventor:
    """Has a style and some favourite strokes, and makes characters of them."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.style = _style(random)
        self.shared = tuple(self._pen(2) for _ in range(_SHARED))

    def character(self, known: Sequence[Character]) -> Character:
        """Invent a character beside those known."""
        count = self._one_of(range(1, _MOST_STROKES + 1), self.style.strokes)
        parts = list(self._beginning(known, count))
        paths: list[Points] = []
        for part in parts:
            paths.append(_path(part, paths))
        while len(parts) < count:
            parts.append(self._next_part(parts, paths, count))
            paths.append(_path(parts[-1], paths))
        size = float(np.clip(self._random.normal(self.style.size, 7), 40, 90))
        stretch = self._random.normal(self.style.stretch, 0.15)
        return Character(tuple(parts), size, float(np.exp(stretch)))

    def _beginning(self, known: Sequence[Character], count: int) -> Sequence[Part]:
        if count > 1 and known and self._happens(self.style.reuse):
            return self._one_of(known).parts[: self._one_of(range(1, count))]
        return (Part(self._pen(_MOST_MOVES[count - 1])) if count > 1 else self._lone(),)

    def _lone(self) -> Part:
        """Invent the only stroke of a character, which is seldom simple."""
        while True:
            pen = self._pen(_MOST_MOVES[0])
            if np.abs(pen.moves[:, 1:]).sum() > 2.5 or self._happens(0.1):
                return Part(pen)

    def _next_part(
        self, parts: Sequence[Part], paths: Sequence[Points], count: int
    ) -> Part:
        if self._happens(self.style.dots):
            ideas = [Part(self._dot(), place=self._place()) for _ in range(_IDEAS)]
        else:
            ideas = [self._part(parts, count) for _ in range(_IDEAS)]
        return min(ideas, key=lambda idea: _crowding(_path(idea, paths), paths))

    def _part(self, earlier: Sequence[Part], count: int) -> Part:
        known = (*self.shared, *(part.pen for part in earlier))
        reused = self._happens(self.style.reuse)
        rows = range(len(earlier))
        return Part(
            self._one_of(known) if reused else self._pen(_MOST_MOVES[count - 1]),
            self._one_of(tuple(Relation), (0.22, 0.36, 0.1, 0.2, 0.12)),
            (self._one_of(rows), self._one_of(rows)),
            (self._attachment(), self._attachment()),
            self._place(),
        )

    def _attachment(self) -> float:
        places = (0.0, 1.0, 0.5, self._random.uniform(0.1, 0.9))
        return self._one_of(places, (0.25, 0.2, 0.2, 0.35))

    def _place(self) -> complex:
        return complex(*self._random.uniform(-0.5, 0.5, 2))

    def _dot(self) -> Pen:
        length, heading = self._random.uniform((0.01, 0.0), (0.05, np.pi))
        return Pen(float(heading), np.array([[length, 0, 0]]))

    def _pen(self, most: int) -> Pen:
        """Invent a stroke of at most so many moves."""
        odds = self.style.moves[:most]
        count = self._one_of(range(1, most + 1), odds / odds.sum())
        moves = np.array([self._move() for _ in range(count)])
        moves[0, 2] = 0
        moves[:, 0] *= _SHORTER[count - 1]
        return Pen(self._heading(), moves)

    def _heading(self) -> float:
        """Choose the direction a stroke begins in."""
        right, down = 0.0, np.pi / 2
        any_way = self._random.uniform(-np.pi, np.pi)
        ways = (right, down, np.pi / 4, 3 * np.pi / 4, any_way)
        way = self._one_of(ways, (0.4, 0.36, 0.05, 0.09, 0.1))
        return way + self.style.slant + self._random.normal(0, 0.08)

    def _move(self) -> tuple[float, float, float]:
        """Invent a line, an arc or a loop, and the corner before it."""
        corner = self._one_of((np.pi / 2, np.pi / 3, 2.2), (0.6, 0.2, 0.2))
        corner = self._one_of((-1, 1)) * corner + self._random.normal(0, 0.15)
        if self._happens(self.style.loops):
            bend, length = self._random.uniform((5.2, 0.7), (6.6, 2.0))
        elif self._happens(self.style.straight):
            return self._random.uniform(0.3, 1.0), self._random.normal(0, 0.1), corner
        else:
            bend, length = self._random.uniform((0.8, 0.3), (4.2, 1.0))
            length *= 1 + bend / 6
        sharp = not self._happens(self.style.smooth)
        return length, self._one_of((-1, 1)) * bend, corner * sharp

    def _happens(self, probability: float) -> bool:
        return bool(self._random.random() < probability)

    def _one_of(
        self, choices: Sequence[T], odds: Sequence[float] | Floats | None = None
    ) -> T:
        return choices[int(self._random.choice(len(choices), p=odds))]


def _path(part: Part, earlier: Sequence[Points]) -> Points:
    """Return the stroke as the program has it, [1, points]."""
    return placed(part, performed(part.pen, _NOBODY, _UNUSED), earlier)


def _crowding(path: Points, earlier: Sequence[Points]) -> float:
    """Return how much of a stroke runs over ink, and how ill it fills a square."""
    ink = np.concatenate([*earlier, path], axis=1)[0]
    gaps = np.abs(path[0][:, None] - ink)
    step = np.abs(path[0, 1] - path[0, 0])
    away = np.abs(np.arange(len(ink)) - np.arange(len(ink))[-path.shape[1] :, None])
    covered = (gaps < _TOO_CLOSE) & (away * step > 2 * _TOO_CLOSE)
    short, long = sorted((np.ptp(ink.real), np.ptp(ink.imag)))
    too_long = max(long - _USUAL_EXTENT, 0)
    return float(covered.any(axis=1).mean() + too_long + _FULL * (1 - short / long))
