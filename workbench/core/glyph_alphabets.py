"""Invented alphabets: an endless supply, each a pure function of (seed, index).

An alphabet has a style, which says how many strokes its characters have and what kind,
and strokes that its characters share. Most strokes go right or down, and of several
that come to mind the one is taken that leaves the character most legible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workbench.core.glyph_programs import (
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
from workbench.core.strokes import Floats

_CANDIDATES = 4
_SHARED = 6
_TOO_CLOSE = 0.12
_USUAL_EXTENT = 1.2
_MOST_MOVES = (4, 3, 2, 2, 2)
_FULL = 0.3
_NOBODY = Hands(np.ones((1, 1)), np.zeros((1, 6)))


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


class Alphabet(NamedTuple):
    """An invented alphabet: its style, shared strokes and characters."""

    style: Style
    shared: tuple[Pen, ...]
    characters: tuple[Character, ...]


def alphabet(seed: int, index: int, characters: int) -> Alphabet:
    """Invent an alphabet; asked for more characters, it begins with the same ones."""
    random = np.random.default_rng((seed, index))
    style = _style(random)
    shared = tuple(_pen(style, 2, random) for _ in range(_SHARED))
    return Alphabet(
        style,
        shared,
        tuple(_character(style, shared, random) for _ in range(characters)),
    )


def _style(random: Random) -> Style:
    return Style(
        strokes=random.dirichlet((2.0, 4.0, 3.0, 1.3, 0.5)),
        moves=random.dirichlet((3.0, 3.0, 2.5, 2.0)),
        straight=random.beta(1.6, 1.4),
        smooth=random.beta(1.5, 1.5),
        loops=random.beta(1.0, 7.0),
        dots=random.beta(0.5, 9.0),
        reuse=random.uniform(0.2, 0.7),
        slant=random.normal(0, 0.06),
        size=random.normal(65, 4),
    )


def _character(style: Style, shared: Sequence[Pen], random: Random) -> Character:
    count = 1 + random.choice(len(style.strokes), p=style.strokes)
    parts: list[Part] = []
    paths: list[Points] = []
    while len(parts) < count:
        if parts and random.random() < style.dots:
            ideas = [
                Part(_dot(random), place=_place(random)) for _ in range(_CANDIDATES)
            ]
        else:
            ideas = [
                _part(style, shared, parts, count, random) for _ in range(_CANDIDATES)
            ]
        drawn = [
            placed(idea, performed(idea.pen, _NOBODY, random), paths) for idea in ideas
        ]
        best = min(range(_CANDIDATES), key=lambda i: _crowding(drawn[i], paths))
        parts.append(ideas[best])
        paths.append(drawn[best])
    size = float(np.clip(random.normal(style.size, 7), 40, 90))
    return Character(tuple(parts), size, float(np.exp(random.normal(0, 0.2))))


def _crowding(path: Points, earlier: Sequence[Points]) -> float:
    """Return how much of a stroke runs over ink, and how far it makes a character."""
    ink = np.concatenate([*earlier, path], axis=1)[0]
    gaps = np.abs(path[0][:, None] - ink)
    step = np.abs(path[0, 1] - path[0, 0])
    away = np.abs(np.arange(len(ink)) - np.arange(len(ink))[-path.shape[1] :, None])
    covered = (gaps < _TOO_CLOSE) & (away * step > 2 * _TOO_CLOSE)
    short, long = sorted((np.ptp(ink.real), np.ptp(ink.imag)))
    too_long = max(long - _USUAL_EXTENT, 0)
    return float(covered.any(axis=1).mean() + too_long + _FULL * (1 - short / long))


def _part(
    style: Style,
    shared: Sequence[Pen],
    earlier: Sequence[Part],
    count: int,
    random: Random,
) -> Part:
    if not earlier:
        return Part(_first_pen(style, shared, count, random))
    relation = random.choice(len(Relation), p=(0.22, 0.36, 0.1, 0.2, 0.12))
    first, second = random.integers(len(earlier), size=2)
    known = (*shared, *(part.pen for part in earlier))
    return Part(
        _known_or_new(style, known, _MOST_MOVES[count - 1], random),
        list(Relation)[relation],
        (int(first), int(second)),
        (_attachment(random), _attachment(random)),
        _place(random),
    )


def _first_pen(style: Style, shared: Sequence[Pen], count: int, random: Random) -> Pen:
    """Choose the first stroke: a lone one is seldom simple."""
    if count > 1:
        return _known_or_new(style, shared[:2], _MOST_MOVES[count - 1], random)
    while True:
        pen = _pen(style, _MOST_MOVES[0], random)
        if np.abs(pen.moves[:, 1:]).sum() > 2.5 or random.random() < 0.1:
            return pen


def _known_or_new(style: Style, known: Sequence[Pen], most: int, random: Random) -> Pen:
    if random.random() < style.reuse:
        return known[int(random.integers(len(known)))]
    return _pen(style, most, random)


def _attachment(random: Random) -> float:
    return float(
        (0.0, 1.0, 0.5, random.uniform(0.1, 0.9))[
            random.choice(4, p=(0.25, 0.2, 0.2, 0.35))
        ]
    )


def _place(random: Random) -> complex:
    return complex(*random.uniform(-0.5, 0.5, 2))


def _dot(random: Random) -> Pen:
    length = random.uniform(0.01, 0.05)
    return Pen(random.uniform(0, np.pi), np.array([[length, 0, 0]]))


def _pen(style: Style, most: int, random: Random) -> Pen:
    """Choose a stroke of at most so many moves."""
    odds = style.moves[:most]
    count = 1 + random.choice(most, p=odds / odds.sum())
    moves = np.array([_move(style, random) for _ in range(count)])
    moves[0, 2] = 0
    moves[:, 0] *= (1.0, 0.8, 0.65, 0.55)[count - 1]
    return Pen(_heading(style, random), moves)


def _heading(style: Style, random: Random) -> float:
    """Choose the direction a stroke begins in."""
    right, down = 0.0, np.pi / 2
    angles = (right, down, np.pi / 4, 3 * np.pi / 4, random.uniform(-np.pi, np.pi))
    angle = angles[random.choice(5, p=(0.4, 0.36, 0.05, 0.09, 0.1))]
    return float(angle + style.slant + random.normal(0, 0.08))


def _move(style: Style, random: Random) -> tuple[float, float, float]:
    """Choose a line, an arc or a loop, and the corner before it."""
    side, turn = random.choice((-1.0, 1.0), size=2)
    corner = turn * (np.pi / 2, np.pi / 3, 2.2)[random.choice(3, p=(0.6, 0.2, 0.2))]
    corner += random.normal(0, 0.15)
    if random.random() < style.loops:
        bend, length = random.uniform(5.2, 6.6), random.uniform(0.7, 2.0)
    elif random.random() < style.straight:
        return random.uniform(0.3, 1.0), random.normal(0, 0.1), corner
    else:
        bend = random.uniform(0.8, 4.2)
        length = random.uniform(0.3, 1.0) * (1 + bend / 6)
    return length, side * bend, corner * (random.random() > style.smooth)
