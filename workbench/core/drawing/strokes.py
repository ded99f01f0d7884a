"""Pen strokes, and the ink they leave: pictures that look as Omniglot's do.

Coordinates are Omniglot's image coordinates: x to the right and y down, from 0 to 105.
A picture is uint8 [105, 105] with ink = 255, and is reduced to [28, 28], or another
size, exactly as Pillow's Lanczos filter reduces it.

The pen was measured on Omniglot's own recorded strokes: a disc of radius 2.5 drawn
along straight lines between the recorded points, inking every pixel whose centre it
covers, the centre of pixel (column, row) being at (column - 0.2, row + 0.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.integer[Any]]
Picture: TypeAlias = NDArray[np.uint8]

SIZE = 105
"""Pixels along a side of a picture."""

REDUCED_SIZE = 28
"""Pixels along a side of a picture as it is usually reduced."""

MIDDLE = 50.6
USUAL_SIZES = (46.0, 83.0)
PEN_RADIUS = 2.5
PEN_OFFSET = (0.2, -0.1)

_SPACING = 0.75
_PHASES = 4
_LIGHTEST, _HEAVIEST = 5, 13
_MARGIN = 8
_CANVAS = SIZE + 2 * _MARGIN
_BATCH = 128
_MOST_ENLARGED = 4.0
_FARTHEST = 10_000.0
_FIXED_POINT = 2.0**22


class Stroke(NamedTuple):
    """What the pen did from touching down to being lifted.

    ``points`` is [P, 2] in image coordinates, ``times`` [P] in milliseconds, and
    ``pressure`` [P] the width of the line there, 1 being Omniglot's.
    """

    points: Floats
    times: Floats
    pressure: Floats | None = None


def read_strokes(text: str) -> list[Stroke]:
    """Read Omniglot's text format; ValueError names the first line that is wrong."""
    strokes: list[Stroke] = []
    rows: list[tuple[float, ...]] = []
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip()
        if word == "BREAK" and rows:
            table = np.array(rows)
            strokes.append(Stroke(table[:, :2] * (1, -1), table[:, 2]))
            rows = []
        elif word not in ("START", "BREAK", ""):
            rows.append(_numbers(word, number))
    if rows:
        raise ValueError("the last stroke has no BREAK after it")
    return strokes


def _numbers(line: str, number: int) -> tuple[float, ...]:
    try:
        x, y, time = map(float, line.split(","))
    except ValueError:
        raise ValueError(
            f"line {number}: {line[:40]!r} is not x,y,milliseconds"
        ) from None
    if not (abs(x) <= _FARTHEST and abs(y) <= _FARTHEST and 0 <= time < np.inf):
        raise ValueError(f"line {number}: {line[:40]!r} is out of range")
    return x, y, time


def fitted(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Move a drawing to the middle, and its size into the usual range.

    The middle is where Omniglot's bounding boxes have theirs, and nine in ten of its
    drawings have their longer side within ``USUAL_SIZES``. Dots are not blown up.
    """
    if not strokes:
        return []
    points = np.concatenate([stroke.points for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    side = (high - low).max()
    scale = np.clip(side, *USUAL_SIZES) / max(side, USUAL_SIZES[0] / _MOST_ENLARGED)
    middle = (low + high) / 2
    return [
        stroke._replace(points=(stroke.points - middle) * scale + MIDDLE)
        for stroke in strokes
    ]


def render(strokes: Sequence[Stroke]) -> Picture:
    """Draw one picture, [105, 105]."""
    picture: Picture = render_all([strokes])[0]
    return picture


def render_all(drawings: Sequence[Sequence[Stroke]]) -> Picture:
    """Draw many pictures, [drawings, 105, 105]."""
    strokes = [stroke for drawing in drawings for stroke in drawing]
    if not strokes:
        return np.zeros((len(drawings), SIZE, SIZE), np.uint8)
    lengths = [len(stroke.points) for stroke in strokes]
    owners = np.repeat(np.arange(len(drawings)), [len(strokes) for strokes in drawings])
    starts = np.zeros(sum(lengths), bool)
    starts[np.cumsum([0, *lengths[:-1]])] = True
    return render_points(
        np.concatenate([stroke.points for stroke in strokes]),
        starts,
        np.repeat(owners, lengths),
        len(drawings),
        np.concatenate([_pressure(stroke) for stroke in strokes]),
    )


def _pressure(stroke: Stroke) -> Floats:
    return np.ones(len(stroke.points)) if stroke.pressure is None else stroke.pressure


def render_points(
    points: Floats,
    starts: NDArray[np.bool_],
    drawing: Integers,
    drawings: int,
    pressure: Floats | None = None,
) -> Picture:
    """Draw many pictures from one list of points, [drawings, 105, 105].

    ``points`` is [P, 2]; ``starts`` says where the pen touches down, and ``drawing``
    (ascending) to which picture a point belongs.
    """
    pictures = np.zeros((drawings, _CANVAS, _CANVAS), np.uint8)
    for first in range(0, drawings, _BATCH):
        low, high = np.searchsorted(drawing, (first, first + _BATCH))
        if low < high:
            part = slice(low, high)
            columns = [points[part], drawing[part, None] - first]
            columns.append(
                np.ones((high - low, 1)) if pressure is None else pressure[part, None]
            )
            dense = _interpolate(np.concatenate(columns, axis=1), starts[part])
            _stamp(dense, pictures[first : first + _BATCH])
    inside = slice(_MARGIN, _MARGIN + SIZE)
    return pictures[:, inside, inside]


def _interpolate(rows: Floats, starts: NDArray[np.bool_]) -> Floats:
    """Return rows (x, y, ...) on the lines between the given ones, closely spaced."""
    before = np.maximum(np.arange(len(rows)) - 1, 0)
    before[starts] = np.flatnonzero(starts)
    steps = rows - rows[before]
    length = np.hypot(steps[:, 0], steps[:, 1])
    counts = np.maximum(np.ceil(length / _SPACING), 1).astype(np.intp)
    ends = np.cumsum(counts)
    left = np.repeat(ends, counts) - np.arange(ends[-1]) - 1
    fraction = left / np.repeat(counts, counts)
    dense: Floats = np.repeat(rows, counts, axis=0)
    dense -= np.repeat(steps, counts, axis=0) * fraction[:, None]
    return dense


def _stamp(rows: Floats, pictures: Picture) -> None:
    """Ink the pen's disc at rows (x, y, picture, pressure), in place."""
    centres = (rows[:, :2] + PEN_OFFSET).clip(-4, SIZE + 4) + _MARGIN
    cells = (centres * _PHASES).astype(np.intp)
    pixels, phases = np.divmod(cells, _PHASES)
    weight = np.rint(rows[:, 3] * 10).astype(np.intp).clip(_LIGHTEST, _HEAVIEST)
    offsets, sizes = _discs()
    disc = (weight - _LIGHTEST) * _PHASES**2 + phases[:, 1] * _PHASES + phases[:, 0]
    place = (
        rows[:, 2].astype(np.intp) * _CANVAS**2 + pixels[:, 1] * _CANVAS + pixels[:, 0]
    )
    inked = place[:, None] + offsets[disc, : sizes[disc].max()]
    pictures.reshape(-1)[inked] = 255


@cache
def _discs() -> tuple[Integers, Integers]:
    """Return the canvas offsets of every disc, [discs, longest], and their counts."""
    reach = np.arange(-_MARGIN // 2, _MARGIN // 2 + 1)
    y, x = (axis.ravel() for axis in np.meshgrid(reach, reach, indexing="ij"))
    middles = (np.arange(_PHASES) + 0.5) / _PHASES
    discs = [
        (y * _CANVAS + x)[
            np.hypot(x - middle_x, y - middle_y) <= PEN_RADIUS * weight / 10
        ]
        for weight in range(_LIGHTEST, _HEAVIEST + 1)
        for middle_y in middles
        for middle_x in middles
    ]
    sizes = np.array([len(disc) for disc in discs])
    offsets = np.stack([np.resize(disc, sizes.max()) for disc in discs])
    return offsets, sizes


def reduce(pictures: Picture, side: int = REDUCED_SIZE) -> Picture:
    """Reduce [..., 105, 105] to [..., side, side], to the bit as Pillow's LANCZOS."""
    if side == SIZE:
        return pictures
    weights = _lanczos(side)
    rows = _to_bytes(pictures.astype(np.float64) @ weights.T)
    return _to_bytes(weights @ rows).astype(np.uint8)


def likeness(first: Picture, second: Picture) -> Floats:
    """Return how alike pictures are, one by one: the correlation of their pixels."""
    one, two = (np.asarray(pictures, np.float64) for pictures in (first, second))
    one = one - one.mean(axis=(-2, -1), keepdims=True)
    two = two - two.mean(axis=(-2, -1), keepdims=True)
    norms = np.linalg.norm(one, axis=(-2, -1)) * np.linalg.norm(two, axis=(-2, -1))
    correlation: Floats = (one * two).sum(axis=(-2, -1)) / np.maximum(norms, 1e-12)
    return correlation


def _to_bytes(sums: Floats) -> Floats:
    levels: Floats = np.floor(sums / _FIXED_POINT + 0.5).clip(0, 255)
    return levels


@cache
def _lanczos(side: int) -> Floats:
    """Return Pillow's fixed-point weights, [side, 105], as whole numbers."""
    scale = SIZE / side
    centres = (np.arange(side) + 0.5)[:, None] * scale
    pixels = np.arange(SIZE)
    near = (pixels >= np.floor(centres - 3 * scale + 0.5)) & (
        pixels < np.floor(centres + 3 * scale + 0.5)
    )
    at = (pixels + 0.5 - centres) / scale
    weights = np.where(near & (np.abs(at) < 3), np.sinc(at) * np.sinc(at / 3), 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    fixed: Floats = np.trunc(weights * _FIXED_POINT + np.copysign(0.5, weights))
    return fixed
