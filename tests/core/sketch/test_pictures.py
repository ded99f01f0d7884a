"""Drawings become what the network knows; odd pictures are taken or refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from workbench.core.base.errors import DataError
from workbench.core.drawing.strokes import Stroke, likeness, reduce, render
from workbench.core.sketch.pictures import import_picture, ink, png, seen
from workbench.core.sketch.session import EMPTY, Drawing, PenStroke


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def a_cross(mode: str = "L", paper: object = 255, pen: object = 0) -> Image.Image:
    image = Image.new(mode, (300, 200), paper)  # type: ignore[arg-type]
    draw = ImageDraw.Draw(image)
    draw.line((20, 20, 120, 120), fill=pen, width=12)  # type: ignore[arg-type]
    draw.line((120, 20, 20, 120), fill=pen, width=12)  # type: ignore[arg-type]
    return image


def drawn(*points: tuple[float, float]) -> Drawing:
    x, y = zip(*points, strict=True)
    even = (0.5,) * len(x)
    return Drawing(strokes=(PenStroke(x=x, y=y, milliseconds=even, pressure=even),))


def test_a_drawing_is_rendered_as_omniglots_strokes_are() -> None:
    line = np.array([[20.0, 30.0], [80.0, 70.0]])
    expected = render([Stroke(line, np.zeros(2))])
    drawing = drawn((20, 30), (80, 70))
    assert np.array_equal(ink(drawing, False), expected)
    assert np.array_equal(seen(drawing, False), reduce(expected))


def test_a_drawing_is_seen_at_the_size_a_network_takes() -> None:
    drawing = drawn((20, 30), (80, 70))
    for side in (40, 105):
        assert np.array_equal(
            seen(drawing, False, side), reduce(ink(drawing, False), side)
        )
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    enlarged = seen(Drawing.of_picture(pixels), True, 56)
    back = enlarged.reshape(28, 2, 28, 2).mean((1, 3)).astype(np.uint8)
    assert likeness(back, pixels) > 0.9


def test_a_small_drawing_in_a_corner_is_centred_and_scaled_if_asked() -> None:
    small = drawn((5, 5), (20, 20))
    rows, columns = np.nonzero(ink(small, True))
    assert abs(rows.mean() - 52) < 3
    assert np.ptp(columns) > 40
    assert np.nonzero(ink(small, False))[0].max() < 30


def test_nothing_drawn_is_blank() -> None:
    assert not seen(EMPTY, True).any()


def test_a_picture_is_seen_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    assert np.array_equal(seen(Drawing.of_picture(pixels), True), pixels)
    large = np.zeros((105, 105), np.uint8)
    large[40:60, 40:60] = 255
    assert np.array_equal(seen(Drawing.of_picture(large), True), reduce(large))


def test_a_png_is_dark_ink_on_white() -> None:
    with Image.open(io.BytesIO(png(ink(drawn((50, 50)), False)))) as image:
        assert image.size == (105, 105)
        assert np.asarray(image)[0, 0] == 255
        assert np.asarray(image).min() == 0


@pytest.mark.parametrize(
    "content",
    [
        encoded(a_cross()),
        encoded(a_cross(paper=0, pen=255)),
        encoded(a_cross("RGB", (250, 240, 200), (30, 20, 120)), "JPEG"),
        encoded(a_cross("RGBA", (0, 0, 0, 0), (0, 0, 0, 255))),
        encoded(a_cross("RGBA", (0, 0, 0, 0), (255, 255, 255, 255))),
        encoded(a_cross().convert("P")),
        encoded(a_cross("1", 1, 0)),
    ],
)
def test_dark_on_light_light_on_dark_and_transparent_are_one_drawing(
    content: bytes,
) -> None:
    pixels = import_picture(content, "cross").pixels
    expected = import_picture(encoded(a_cross()), "cross").pixels
    assert pixels.shape == (105, 105)
    rows, columns = np.nonzero(pixels > 127)
    assert abs(rows.mean() - 52) < 2
    assert abs(columns.mean() - 52) < 2
    assert np.corrcoef(pixels.ravel(), expected.ravel())[0, 1] > 0.95


def test_an_animated_picture_gives_its_first_frame_and_says_so() -> None:
    frames = [a_cross(), Image.new("L", (300, 200), 255)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    found = import_picture(content, "moving.gif")
    assert "first frame" in found.remark
    assert found.pixels.any()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no picture that can be read"),
        (b"GIF89a not really", "no picture that can be read"),
        (encoded(a_cross())[:200], "no picture that can be read"),
        (encoded(Image.new("L", (40, 40), 255)), "blank or transparent"),
        (encoded(Image.new("RGBA", (40, 40))), "blank or transparent"),
        (encoded(Image.new("1", (9000, 6000))), "huge (9000 x 6000)"),
        (b"\x89PNG" + bytes(41 * 2**20), "too large"),
    ],
)
def test_an_odd_picture_gets_a_clear_message(content: bytes, message: str) -> None:
    with pytest.raises(DataError) as raised:
        import_picture(content, "odd.png")
    assert message in str(raised.value)
