"""Text in pictures: every script, in the fonts there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from workbench.core.drawing import lettering
from workbench.core.drawing.lettering import Lettering

NAMES = ("مرحبا بالعالم", "漢字の名前", "😀🎉", "עברית", "हिन्दी", "é", "plain")


def drawn(text: str) -> np.ndarray:
    picture = Image.new("RGB", (400, 30), "white")
    Lettering(12).draw(ImageDraw.Draw(picture), (4, 4), text, "#000000")
    return np.asarray(picture)


def boxes(text: str) -> int:
    """Count the pieces that hold a character which their font does not have."""
    return sum(
        not lettering._has(piece.font, character)
        for piece in Lettering(12).pieces(text)
        for character in piece.text
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_character_is_drawn_as_a_box(name: str) -> None:
    assert boxes(f"0: {name}") == 0
    assert (drawn(name) < 128).any()


def test_two_names_never_look_alike() -> None:
    pictures = [drawn(name).tobytes() for name in NAMES]
    assert len({*pictures}) == len(NAMES)


@pytest.fixture
def fontless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "Broken.ttf").write_bytes(b"no font")
    monkeypatch.setattr(lettering, "_font_folders", lambda: [tmp_path, Path("/none")])
    lettering._system_fonts.cache_clear()
    yield
    lettering._system_fonts.cache_clear()


@pytest.mark.usefixtures("fontless")
def test_without_a_font_a_character_is_its_code_point() -> None:
    pieces = Lettering(12).pieces("1: 漢😀")
    assert "".join(piece.text for piece in pieces) == "1: [6F22][1F600]"
    assert boxes("漢😀") == 0


def test_marks_that_turn_text_around_are_dropped() -> None:
    pieces = Lettering(12).pieces("a\u202eevil\u200b")
    assert [piece.text for piece in pieces] == ["aevil"]


def test_without_a_layout_engine_letters_keep_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lettering, "_lays_out", lambda: False)
    word = "שלום"
    assert "".join(piece.text for piece in Lettering(12).pieces(word)) in (
        word[::-1],
        "".join(f"[{ord(letter):04X}]" for letter in word),
    )


@pytest.mark.parametrize("name", [*NAMES, "", "漢" * 50])
def test_a_shortened_name_fits(name: str) -> None:
    letters = Lettering(12)
    short = letters.elided(name, 40)
    assert letters.width(short) <= 40
    assert short == name or short.endswith("…") or not short
