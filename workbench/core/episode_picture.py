"""An episode as one picture: support on top, queries below, a column for each class.

The layout is shared with the window; the picture itself is drawn without one, by
Pillow, and shows every pixel that the learner sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.lettering import Lettering
from workbench.core.shown_episode import ShownEpisode, TrueCurve

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Part = Literal["support", "query"]

GAP = 4
COLUMN_GAP, NARROW_GAP = 12, 6
MARGIN = 8
TITLE = 20
NAMES = 34
CAPTION = 20
SMALLEST, LARGEST = 24, 168
_LARGEST_IN_FILE = 96
_FEW = 10
_NAMED, _READ = 48, 132
"""How wide a column is for a name to be begun above it, and to be read."""
_LOST_TO_WHOLE_PIXELS = 0.2

_BACKGROUND, _TEXT, _MUTED = "#ffffff", "#1b1f24", "#5c6470"
_LINE, _SUPPORT, _QUERY = "#d5d9df", "#0072b2", "#d55e00"
_SCALE = 3
_LETTERS = 12
_PLOT = (720, 400)


class Cell(NamedTuple):
    """A place for a picture: ``row`` counts the pictures of the part, as in x."""

    part: Part
    label: int
    row: int
    x: int
    y: int
    side: int

    def holds(self, x: float, y: float) -> bool:
        """Return whether a point lies in it."""
        return 0 <= x - self.x < self.side and 0 <= y - self.y < self.side


@dataclass(frozen=True)
class Layout:
    """Where everything of an episode is, in pixels.

    ``abreast`` is how many pictures of a class lie side by side in its column, which
    is ``wider`` than they are, for its name.
    """

    ways: int
    shots: int
    queries: int
    side: int
    abreast: int
    wider: int = 0

    @classmethod
    def fitting(
        cls, counts: tuple[int, int, int], width: int, height: int, pixels: int
    ) -> Layout:
        """Return the layout with the largest pictures that fit a place.

        ``counts`` are ways, shots and queries. Where not even small ones fit, the
        layout is larger than the place. Pixels are whole where little is lost by that.
        """
        layouts = [
            cls(*counts, cls._side(counts, abreast, width, height), abreast)
            for abreast in range(1, max(counts[1:]) + 1)
        ]
        best = max(layouts, key=lambda layout: (layout.side, -layout.abreast))
        side = min(max(best.side, SMALLEST), LARGEST)
        if side >= pixels and side % pixels <= _LOST_TO_WHOLE_PIXELS * side:
            side -= side % pixels
        layout = cls(*counts, side, best.abreast)
        free = (width - layout.width) // layout.ways
        return replace(layout, wider=max(0, min(free, _READ - layout.column)))

    @staticmethod
    def _side(
        counts: tuple[int, int, int], abreast: int, width: int, height: int
    ) -> int:
        ways, shots, queries = counts
        lines = -(-shots // abreast) + -(-queries // abreast)
        gaps = (ways - 1) * column_gap(ways) + ways * (abreast - 1) * GAP
        across = width - 2 * MARGIN - gaps
        down = height - 2 * MARGIN - TITLE - NAMES - 2 * CAPTION - (lines - 2) * GAP
        return min(across // (ways * abreast), down // lines)

    @property
    def column(self) -> int:
        """The width of a class's column."""
        return self.abreast * (self.side + GAP) - GAP + self.wider

    @property
    def width(self) -> int:
        """The width of everything."""
        gap = column_gap(self.ways)
        return 2 * MARGIN + self.ways * (self.column + gap) - gap

    @property
    def height(self) -> int:
        """The height of everything."""
        return self.top("query") + self._lines(self.queries) + MARGIN

    def left(self, label: int) -> int:
        """Return where the column of a class begins."""
        return MARGIN + label * (self.column + column_gap(self.ways))

    def top(self, part: Part) -> int:
        """Return where the pictures of a part begin; its caption is above them."""
        support = MARGIN + TITLE + NAMES + CAPTION
        if part == "support":
            return support
        return support + self._lines(self.shots) + CAPTION

    def cells(self, part: Part) -> list[Cell]:
        """Return the places of all pictures of a part, in the order of its rows."""
        each, top = (self.shots if part == "support" else self.queries), self.top(part)
        step = self.side + GAP
        return [
            Cell(
                part,
                label,
                label * each + index,
                self.left(label) + index % self.abreast * step,
                top + index // self.abreast * step,
                self.side,
            )
            for label in range(self.ways)
            for index in range(each)
        ]

    def _lines(self, each: int) -> int:
        return -(-each // self.abreast) * (self.side + GAP) - GAP


def caption(shown: ShownEpisode) -> str:
    """Return which episode it is, as one line."""
    split, seed, number = shown.address
    meta_batch, task, together = shown.meta_batch
    return (
        f"Episode {number:,} of {split}, seed {seed}: task {task + 1} of {together} of "
        f"meta-batch {meta_batch:,}"
    )


def column_gap(ways: int) -> int:
    """Return the gap between the columns of so many classes."""
    return COLUMN_GAP if ways <= _FEW else NARROW_GAP


def heading(label: int, name: str, width: int) -> tuple[str, str]:
    """Return the two lines above a class's column: label and group, and its name."""
    if width < _NAMED:
        return "", str(label)
    group, _, own = name.rpartition("/")
    return (f"{label}: {group}", own) if group else (f"{label}: {own}", "")


def render(shown: ShownEpisode) -> NDArray[np.uint8]:
    """Return the episode as a picture, uint8 [height, width, 3]."""
    if shown.curve is not None:
        return _render_curve(shown, shown.curve)
    if len(shown.config.task.input_shape) == 3:
        return _render_pictures(shown)
    return _render_numbers(shown)


def as_rgb(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pictures [n, C, H, W] as [n, H, W, 3]."""
    last = np.moveaxis(pictures, 1, -1)
    return last if last.shape[-1] == 3 else np.repeat(last[..., :1], 3, axis=-1)


def _render_pictures(shown: ShownEpisode) -> NDArray[np.uint8]:
    from PIL import Image

    _, height, width = shown.config.task.input_shape
    pixels = max(height, width)
    side = pixels * max(1, min(_SCALE, _LARGEST_IN_FILE // pixels))
    abreast = max(1, min(5, math.isqrt(shown.queries)))
    layout = Layout(shown.ways, shown.shots, shown.queries, side, abreast)
    least = MARGIN * 2 + round(7 * len(caption(shown)))
    image, draw = _canvas(max(layout.width, least), layout.height)
    letters = Lettering(_LETTERS)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), _TEXT)
    for part, colour in (("support", _SUPPORT), ("query", _QUERY)):
        top = layout.top("support" if part == "support" else "query") - CAPTION + 3
        letters.draw(draw, (MARGIN, top), part.capitalize(), colour)
    for label, name in enumerate(shown.class_names):
        for line, text in enumerate(heading(label, name, layout.column)):
            place = (layout.left(label), MARGIN + TITLE + 16 * line)
            fitting = letters.elided(text, layout.column)
            letters.draw(draw, place, fitting, (_TEXT, _MUTED)[line])
    pictures = as_rgb(shown.pictures())
    for cell, picture in zip(
        layout.cells("support") + layout.cells("query"), pictures, strict=True
    ):
        tile = Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST)
        image.paste(tile, (cell.x, cell.y))
    return np.asarray(image)


def _render_curve(shown: ShownEpisode, curve: TrueCurve) -> NDArray[np.uint8]:
    width, height = _PLOT
    image, draw = _canvas(width, height)
    letters = Lettering(_LETTERS)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), _TEXT)
    x, y = curve
    points = {
        "support": (shown.episode.support, _SUPPORT),
        "query": (shown.episode.query, _QUERY),
    }
    most = max(
        float(np.abs(y).max()),
        *(float(part.y.abs().max()) for part, _ in points.values()),
    )
    left, top, right, bottom = 48, 40, width - 16, height - 32

    def at(place: tuple[float, float]) -> tuple[float, float]:
        across = (place[0] - x[0]) / (x[-1] - x[0])
        up = place[1] / (1.1 * most) / 2 + 0.5
        return left + across * (right - left), bottom - up * (bottom - top)

    draw.line([at((x[0], 0)), at((x[-1], 0))], fill=_LINE)
    draw.line([at(place) for place in zip(x, y, strict=True)], fill=_TEXT, width=2)
    for offset, (name, (part, colour)) in enumerate(points.items()):
        below = (left + 80 * offset, bottom + 8)
        letters.draw(draw, below, name.capitalize(), colour)
        for place in zip(part.x[:, 0].tolist(), part.y[:, 0].tolist(), strict=True):
            across, down = at(place)
            box = (across - 4, down - 4, across + 4, down + 4)
            if name == "support":
                draw.ellipse(box, fill=colour)
            else:
                draw.rectangle(box, outline=colour, width=2)
    return np.asarray(image)


def _render_numbers(shown: ShownEpisode) -> NDArray[np.uint8]:
    """Return a picture that says what there is: numbers have no look of their own."""
    image, draw = _canvas(_PLOT[0], 80)
    shape = shown.config.task.input_shape
    support, query = len(shown.episode.support.y), len(shown.episode.query.y)
    letters = Lettering(_LETTERS)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), _TEXT)
    text = f"{support} support and {query} query examples of {shape[0]} numbers each"
    letters.draw(draw, (MARGIN, 40), text, _MUTED)
    return np.asarray(image)


def _canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), _BACKGROUND)
    return image, ImageDraw.Draw(image)
