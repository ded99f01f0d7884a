"""Plots in pixels, drawn by Pillow: the inks, an empty picture, a frame with axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from workbench.core.drawing.lettering import Lettering
from workbench.core.drawing.svg_plot import ticks

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

BACKGROUND, TEXT, MUTED = "#ffffff", "#1b1f24", "#5c6470"
LINE, SUPPORT, QUERY = "#d5d9df", "#0072b2", "#d55e00"
LETTERS = 12
"""The height of letters, in pixels."""

_LEFT_OF_NUMBERS, _ABOVE_NUMBERS = 6, 4


class Frame(NamedTuple):
    """Where values are in a picture: from where to where they go, and its edges.

    ``box`` are the left, upper, right and lower edge.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    box: tuple[int, int, int, int]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point."""
        left, top, right, bottom = self.box
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return left + across * (right - left), bottom - up * (bottom - top)

    def draw(self, draw: ImageDraw.ImageDraw, letters: Lettering) -> None:
        """Draw the axes: lines at round values, and what these are."""
        left, top, right, bottom = self.box
        for value in ticks(*self.x):
            across, _ = self.at(value, self.y[0])
            draw.line([(across, top), (across, bottom)], fill=LINE)
            text = f"{value:g}"
            place = across - letters.width(text) / 2, bottom + _ABOVE_NUMBERS
            letters.draw(draw, place, text, MUTED)
        for value in ticks(*self.y):
            _, down = self.at(self.x[0], value)
            draw.line([(left, down), (right, down)], fill=LINE)
            text = f"{value:g}"
            begins = left - _LEFT_OF_NUMBERS - letters.width(text)
            letters.draw(draw, (begins, down - LETTERS / 2 - 1), text, MUTED)


def canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return an empty picture, and what draws on it."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), BACKGROUND)
    return image, ImageDraw.Draw(image)
