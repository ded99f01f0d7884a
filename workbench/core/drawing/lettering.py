"""Text in pictures, in any script: each character in a font that has it.

Pillow's own font knows little more than English. What it lacks is looked for in the
system's fonts; a character that none of them has is written as its code point, which
still tells two names apart, where boxes would not.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

    Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

_ABSENT = "\ufffe"
"""A code point that is no character: a font draws what it draws for those it lacks."""
_ENDINGS = frozenset((".ttf", ".otf", ".ttc"))
_FIRST = ("dejavusans.", "notosans-", "segoeui.", "arial.", "helvetica")
_VARIANT = re.compile(r"bold|italic|oblique|light|black|thin|condensed|narrow|mono")
_RIGHT_TO_LEFT = ("R", "AL")


class Piece(NamedTuple):
    """Characters of a line that are drawn in one font."""

    text: str
    font: Font


class Lettering:
    """Measures, shortens and draws lines of text of one size."""

    def __init__(self, size: int) -> None:
        from PIL import ImageFont

        self._size = size
        self._own = ImageFont.load_default(size)
        self._ascent = _ascent(self._own)

    def pieces(self, text: str) -> list[Piece]:
        """Return the line in pieces, from left to right."""
        fonts: list[tuple[str, Font]] = []
        for character in _visible(text):
            before = fonts[-1][1] if fonts else self._own
            fonts += self._fonts(character, before)
        return [
            Piece(_ordered("".join(character for character, _ in some)), font)
            for font, some in groupby(fonts, key=lambda each: each[1])
        ]

    def width(self, text: str) -> float:
        """Return how many pixels wide the line is."""
        return sum(piece.font.getlength(piece.text) for piece in self.pieces(text))

    def elided(self, text: str, width: float) -> str:
        """Return the line, cut short where it would be wider than ``width``."""
        if self.width(text) <= width:
            return text
        while text and self.width(text + "…") > width:
            text = text[:-1]
        return text + "…" if text else ""

    def draw(
        self, on: ImageDraw.ImageDraw, place: tuple[float, float], text: str, ink: str
    ) -> None:
        """Draw the line with its upper left corner at ``place``."""
        x, y = place
        for piece in self.pieces(text):
            top = y + self._ascent - _ascent(piece.font)
            on.text((x, top), piece.text, ink, piece.font)
            x += piece.font.getlength(piece.text)

    def _fonts(self, character: str, before: Font) -> Iterator[tuple[str, Font]]:
        """Yield a character with the first font that has it, or its code point."""
        for font in dict.fromkeys((self._own, before)):
            # A blank belongs to the words around it, which may run right to left.
            if _has(font, character) and not (character == " " and font is not before):
                yield character, font
                return
        for path in _system_fonts():
            found = _opened(path, self._size)
            if found is not None and _has(found, character):
                yield character, found
                return
        yield from ((each, self._own) for each in f"[{ord(character):04X}]")


def _visible(text: str) -> str:
    """Return text without marks that only steer how it is set."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(each for each in composed if unicodedata.category(each) != "Cf")


def _ordered(text: str) -> str:
    """Return text as it is to be handed to Pillow, which may not know right from left.

    Without its layout engine letters of Arabic stay unjoined, but in their order.
    """
    if _lays_out() or unicodedata.bidirectional(text[0]) not in _RIGHT_TO_LEFT:
        return text
    return text[::-1]


@functools.cache
def _lays_out() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


def _ascent(font: Font) -> int:
    from PIL import ImageFont

    return font.getmetrics()[0] if isinstance(font, ImageFont.FreeTypeFont) else 0


@functools.lru_cache(maxsize=8192)
def _has(font: Font, character: str) -> bool:
    """Return whether a font draws a character otherwise than one that it lacks."""
    if character.isspace():
        return True
    plain = _unshaped(font)
    drawn, lacking = plain.getmask(character), plain.getmask(_ABSENT)
    return bool(drawn.size[0]) and bytes(drawn) != bytes(lacking)


@functools.cache
def _unshaped(font: Font) -> Font:
    """Return a font that draws a mark alone, without the circle to put it on."""
    from PIL import ImageFont

    if not isinstance(font, ImageFont.FreeTypeFont):
        return font
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=512)
def _opened(path: Path, size: int) -> Font | None:
    """Return a font; None for one that only has pictures, or is none."""
    from PIL import ImageFont

    try:
        return ImageFont.truetype(path, size)
    except (OSError, ValueError):
        return None


@functools.cache
def _system_fonts() -> tuple[Path, ...]:
    """Return the plain fonts of the system, those with many scripts first."""
    found = [
        Path(folder, name)
        for top in _font_folders()
        for folder, _, names in os.walk(top)
        for name in sorted(names)
        if Path(name).suffix.lower() in _ENDINGS and not _VARIANT.search(name.lower())
    ]
    return tuple(
        sorted(found, key=lambda path: not path.name.lower().startswith(_FIRST))
    )


def _font_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts")]
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = [home / ".local/share/fonts", home / ".fonts"]
    return [*(Path(part, "fonts") for part in shared.split(":")), *own]
