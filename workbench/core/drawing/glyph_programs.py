"""Characters as small programs of pen strokes, and how a drawer performs them.

A stroke is a list of moves of a pen that has a heading: turn by ``corner``, then go
``length`` while turning evenly by ``bend``. No bend is a line, half a turn an arc, a
full turn a loop; moves joined without a corner make hooks and waves, with one they
make angles. A character is a few strokes, each placed by a relation to earlier ones,
in the spirit of Lake, Salakhutdinov and Tenenbaum's Bayesian program learning (Science,
2015). A drawer performs it with noise on every number in it and a hand of their own.

Points are complex numbers here, x + iy, with an axis of drawers first: row 0 is the
program itself without any noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.core.drawing.strokes import (
    MIDDLE,
    REDUCED_SIZE,
    Floats,
    Picture,
    Stroke,
    reduce,
    render_points,
)

Points: TypeAlias = NDArray[np.complexfloating[Any, Any]]
Random: TypeAlias = np.random.Generator

STROKE_POINTS = 33

# What drawers do differently: standard deviations, tuned on how much Omniglot's
# drawings of one character resemble one another, and how much they differ in size,
# place and proportion.
_CARE = 0.3
_LENGTH = 0.18
_BEND = 0.16
_CORNER = 0.16
_ROUNDED = 0.15
_WOBBLE = 0.11
_MISS = 0.045
_MISPLACED = 0.06
_SIZE = 0.09
_ASPECT = 0.07
_SLANT = 0.09
_TILT = 0.06
_SHIFT = 3.6
_PRESSURE = 0.05
_HAND = 0.6
_DRIFT_CORRECTED = 0.6

_SMALLEST_SPAN = 0.25
_MILLISECONDS = 15.0


class Pen(NamedTuple):
    """One stroke: its first heading, and its ``moves`` [M, 3]: length, bend, corner."""

    heading: float
    moves: Floats


class Relation(Enum):
    """How a stroke is placed by earlier ones."""

    APART = "stands apart from"
    BEGINS = "begins at"
    ENDS = "ends at"
    CROSSES = "crosses"
    JOINS = "joins"


class Part(NamedTuple):
    """A stroke in its character.

    It is attached at the fractions ``at`` of the earlier strokes ``others``, the second
    of which matters to ``JOINS`` only; ``place`` is the middle of one that is APART.
    """

    pen: Pen
    relation: Relation = Relation.APART
    others: tuple[int, int] = (0, 0)
    at: tuple[float, float] = (0.0, 0.0)
    place: complex = 0j


class Character(NamedTuple):
    """A program; ``size`` is its longer side in pixels, ``stretch`` its proportion."""

    parts: tuple[Part, ...]
    size: float
    stretch: float


class Hands(NamedTuple):
    """The habits of drawers: noise is multiplied by ``care`` [1 + drawers, 1]."""

    care: Floats
    habits: Floats

    @property
    def drawers(self) -> int:
        """How many drawers there are, the program itself not counted."""
        return len(self.care) - 1


def hands(drawers: int, random: Random) -> Hands:
    """Invent drawers, who keep their habits through an alphabet."""
    care = np.exp(_CARE * random.standard_normal((drawers + 1, 1)))
    return Hands(care, _noise(random, drawers, 6))


def _noise(random: Random, drawers: int, *shape: int) -> Floats:
    noise: Floats = random.standard_normal((drawers + 1, *shape))
    noise[0] = 0
    return noise


class Drawings(NamedTuple):
    """A character as drawn by many; row 0 is the program itself.

    ``points`` [1 + drawers, strokes, points] are in picture coordinates and
    ``pressure`` [1 + drawers, strokes] is as in ``Stroke``.
    """

    points: Points
    pressure: Floats

    def strokes(self, row: int) -> list[Stroke]:
        """Return one drawing as pen strokes with their times."""
        paths = self.points[row]
        times = np.arange(paths.size).reshape(paths.shape) * _MILLISECONDS
        return [
            Stroke(
                np.stack([path.real, path.imag], axis=1), time, np.full(len(path), hard)
            )
            for path, time, hard in zip(paths, times, self.pressure[row], strict=True)
        ]

    def pictures(self, side: int = REDUCED_SIZE) -> Picture:
        """Render and reduce the drawers' drawings, [drawers, side, side]."""
        count, strokes, length = self.points[1:].shape
        path = self.points[1:].ravel()
        return reduce(
            render_points(
                np.stack([path.real, path.imag], axis=1),
                np.arange(len(path)) % length == 0,
                np.repeat(np.arange(count), strokes * length),
                count,
                np.repeat(self.pressure[1:], length),
            ),
            side,
        )


def draw(character: Character, who: Hands, random: Random) -> Drawings:
    """Let everyone draw a character."""
    paths: list[Points] = []
    for part in character.parts:
        paths.append(placed(part, performed(part.pen, who, random), paths))
        if part.relation is not Relation.JOINS or len(paths) == 1:
            amount = _MISPLACED if part.relation is Relation.APART else _MISS
            miss = _noise(random, who.drawers, 2) @ np.array((1, 1j))
            paths[-1] = paths[-1] + (amount * who.care[:, 0] * miss)[:, None]
    harder = _PRESSURE * _noise(random, who.drawers, len(paths))
    return Drawings(
        _on_paper(np.stack(paths, axis=1), character, who, random), 1 + harder
    )


def performed(pen: Pen, who: Hands, random: Random) -> Points:
    """Follow a pen's moves from 0, each drawer a little differently."""
    steps = _steps(pen.moves[:, 0])
    move = np.repeat(np.arange(len(steps)), steps)
    length, bend, corner = _moves(pen, who, random)
    before = np.cumsum(bend + corner, axis=1) - bend
    within = (np.arange(len(move)) - (np.cumsum(steps) - steps)[move] + 0.5) / steps[
        move
    ]
    heading = pen.heading + before[:, move] + bend[:, move] * within
    heading += who.care * _wobble(who.drawers, random)
    path = np.zeros((who.drawers + 1, STROKE_POINTS), complex)
    path[:, 1:] = np.cumsum(np.exp(1j * heading) * (length / steps)[:, move], axis=1)
    drift = path[:, -1:] - path[0, -1]
    path -= _DRIFT_CORRECTED * drift * np.linspace(0, 1, STROKE_POINTS)
    return path


def _moves(pen: Pen, who: Hands, random: Random) -> tuple[Floats, Floats, Floats]:
    length, bend, corner = pen.moves.T
    noise = who.care * _noise(random, who.drawers, 3 * len(length))
    longer, rounder, sharper = np.split(noise, 3, axis=1)
    cut = np.abs(_ROUNDED * sharper).clip(0, 1) * corner
    return (
        length * np.exp(_LENGTH * longer),
        bend + cut + _BEND * rounder * np.maximum(np.abs(bend), 0.6),
        corner - cut + _CORNER * sharper,
    )


def _wobble(drawers: int, random: Random) -> Floats:
    time = (np.arange(STROKE_POINTS - 1) + 0.5) / (STROKE_POINTS - 1)
    waves = np.stack([np.sin(2 * np.pi * time), np.cos(3 * np.pi * time)])
    wobble: Floats = _WOBBLE * _noise(random, drawers, 2) @ waves
    return wobble


def _steps(length: Floats) -> NDArray[np.intp]:
    """Share the steps of a stroke among its moves, by their length."""
    ends = np.rint(np.cumsum(length) / length.sum() * (STROKE_POINTS - 1))
    steps: NDArray[np.intp] = np.diff(ends, prepend=0).astype(np.intp)
    return steps


def placed(part: Part, path: Points, earlier: Sequence[Points]) -> Points:
    """Bring a performed stroke to where its relation to earlier ones has it."""
    if part.relation is Relation.APART or not earlier:
        return path + (part.place - _middle(path))[:, None]
    start, end = (
        earlier[other][:, round(at * (STROKE_POINTS - 1))]
        for other, at in zip(part.others, part.at, strict=True)
    )
    span, reach = path[:, -1] - path[:, 0], end - start
    if (
        part.relation is Relation.JOINS
        and min(abs(span[0]), abs(reach[0])) > _SMALLEST_SPAN
    ):
        return start[:, None] + (path - path[:, :1]) * (reach / span)[:, None]
    own = {Relation.ENDS: -1, Relation.CROSSES: STROKE_POINTS // 2}.get(
        part.relation, 0
    )
    return path + (start - path[:, own])[:, None]


def _middle(path: Points) -> Points:
    x, y = path.real, path.imag
    middle: Points = (x.min(1) + x.max(1)) / 2 + 0.5j * (y.min(1) + y.max(1))
    return middle


def _on_paper(
    paths: Points, character: Character, who: Hands, random: Random
) -> Points:
    """Bring a character to size and place, in each drawer's hand and this moment's."""
    x, y = paths.real * character.stretch, paths.imag
    (left, right), (top, bottom) = ((v[0].min(), v[0].max()) for v in (x, y))
    scale = character.size / max(right - left, bottom - top, 0.3)
    x, y = (x - (left + right) / 2) * scale, (y - (top + bottom) / 2) * scale
    moment = _noise(random, who.drawers, 6)
    hand = _HAND * who.habits + np.sqrt(1 - _HAND**2) * moment
    size, aspect, slant, tilt, right, down = hand.T[..., None, None]
    wide, tall = np.exp(
        _SIZE * size + _ASPECT * aspect * np.array((1, -1))[:, None, None, None]
    )
    x, y = wide * x + _SLANT * slant * y, tall * y + _TILT * tilt * x
    drawn: Points = x + _SHIFT * right + MIDDLE + 1j * (y + _SHIFT * down + MIDDLE)
    return drawn
