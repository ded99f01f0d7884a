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

from workbench.core.drawing.lettering import Lettering
from workbench.core.drawing.pixel_plot import (
    LETTERS,
    MUTED,
    QUERY,
    SUPPORT,
    TEXT,
    Frame,
    canvas,
)
from workbench.core.episodes.shown_episode import ShownEpisode, TrueCurve
from workbench.core.pictures.rgb import as_rgb

if TYPE_CHECKING:
    from PIL import ImageDraw

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

_INKS = {"Support": SUPPORT, "Query": QUERY}
_SCALE = 3
_PLOT, _LEFT = (720, 400), 48


class PictureCell(NamedTuple):
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

    def cells(self, part: Part) -> list[PictureCell]:
        """Return the places of all pictures of a part, in the order of its rows."""
        each, top = (self.shots if part == "support" else self.queries), self.top(part)
        step = self.side + GAP
        return [
            PictureCell(
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


def _render_pictures(shown: ShownEpisode) -> NDArray[np.uint8]:
    from PIL import Image

    _, height, width = shown.config.task.input_shape
    pixels = max(height, width)
    side = pixels * max(1, min(_SCALE, _LARGEST_IN_FILE // pixels))
    abreast = max(1, min(5, math.isqrt(shown.queries)))
    layout = Layout(shown.ways, shown.shots, shown.queries, side, abreast)
    least = MARGIN * 2 + round(7 * len(caption(shown)))
    image, draw = canvas(max(layout.width, least), layout.height)
    letters = Lettering(LETTERS)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), TEXT)
    for part, colour in _INKS.items():
        top = layout.top("support" if part == "Support" else "query") - CAPTION + 3
        letters.draw(draw, (MARGIN, top), part, colour)
    for label, name in enumerate(shown.class_names):
        for line, text in enumerate(heading(label, name, layout.column)):
            place = (layout.left(label), MARGIN + TITLE + 16 * line)
            fitting = letters.elided(text, layout.column)
            letters.draw(draw, place, fitting, (TEXT, MUTED)[line])
    pictures = as_rgb(shown.pictures())
    for cell, picture in zip(
        layout.cells("support") + layout.cells("query"), pictures, strict=True
    ):
        tile = Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST)
        image.paste(tile, (cell.x, cell.y))
    return np.asarray(image)


def _render_curve(shown: ShownEpisode, curve: TrueCurve) -> NDArray[np.uint8]:
    image, draw = canvas(*_PLOT)
    letters = Lettering(LETTERS)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), TEXT)
    parts = {"Support": shown.episode.support, "Query": shown.episode.query}
    values = [curve.y, *(part.y.numpy().ravel() for part in parts.values())]
    most = 1.1 * float(np.abs(np.concatenate(values)).max())
    right, bottom = _PLOT[0] - 2 * MARGIN, _PLOT[1] - 3 * MARGIN
    box = _LEFT, MARGIN + TITLE + CAPTION + MARGIN, right, bottom
    frame = Frame((float(curve.x[0]), float(curve.x[-1])), (-most, most), box)
    frame.draw(draw, letters)
    line = [frame.at(*place) for place in zip(*curve, strict=True)]
    draw.line(line, fill=TEXT, width=2)
    across, down = float(_LEFT), MARGIN + TITLE + 2
    for name in ("True function", *parts):
        middle = (across + 8, down + LETTERS / 2 + 1)
        if name in parts:
            _draw_point(draw, middle, name)
        else:
            draw.line([(across, middle[1]), (across + 16, middle[1])], TEXT, 2)
        letters.draw(draw, (across + 22, down), name, _INKS.get(name, TEXT))
        across += 22 + letters.width(name) + 2 * COLUMN_GAP
    for name, part in parts.items():
        for place in zip(part.x[:, 0].tolist(), part.y[:, 0].tolist(), strict=True):
            _draw_point(draw, frame.at(*place), name)
    return np.asarray(image)


def _draw_point(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], name: str
) -> None:
    across, down = place
    box = (across - 4, down - 4, across + 4, down + 4)
    if name == "Support":
        draw.ellipse(box, fill=SUPPORT)
    else:
        draw.rectangle(box, outline=QUERY, width=2)


def _render_numbers(shown: ShownEpisode) -> NDArray[np.uint8]:
    """Return a picture that says what there is: numbers have no look of their own."""
    image, draw = canvas(_PLOT[0], 80)
    shape = shown.config.task.input_shape
    support, query = len(shown.episode.support.y), len(shown.episode.query.y)
    letters = Lettering(LETTERS)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), TEXT)
    text = f"{support} support and {query} query examples of {shape[0]} numbers each"
    letters.draw(draw, (MARGIN, 40), text, MUTED)
    return np.asarray(image)
