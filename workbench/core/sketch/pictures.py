"""Drawings as pictures: what a network sees, and pictures from outside."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from workbench.core.base.errors import DataError
from workbench.core.drawing.strokes import (
    REDUCED_SIZE,
    SIZE,
    USUAL_SIZES,
    Picture,
    fitted,
    reduce,
    render,
)
from workbench.core.pictures.files import picture_errors
from workbench.core.sketch.session import Drawing

MOST_BYTES = 40 * 2**20
MOST_PIXELS = 50_000_000
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF")
_FAINTEST = 24
_USUAL_SIDE = round(sum(USUAL_SIZES) / 2)


class ImportedPicture(NamedTuple):
    """A picture from outside, [105, 105] with ink 255, and a remark if one is due."""

    pixels: Picture
    remark: str = ""


@lru_cache(maxsize=512)
def ink(drawing: Drawing, fit: bool) -> Picture:
    """Return the drawing as Omniglot would have it, [105, 105]."""
    strokes = [stroke.rendered for stroke in drawing.strokes]
    picture = render(fitted(strokes) if fit and drawing.picture == "" else strokes)
    if drawing.pixels is not None:
        picture = np.maximum(picture, _enlarged(drawing.pixels))
    picture.setflags(write=False)
    return picture


@lru_cache(maxsize=512)
def seen(drawing: Drawing, fit: bool, side: int = REDUCED_SIZE) -> Picture:
    """Return what a network sees of the drawing, [side, side]."""
    if drawing.pixels is not None and len(drawing.pixels) == side != SIZE:
        strokes = [stroke.rendered for stroke in drawing.strokes]
        picture = np.maximum(drawing.pixels, reduce(render(strokes), side))
    else:
        # A copy, for what is not reduced at all is the ink itself, which is kept.
        picture = reduce(ink(drawing, fit), side).copy()
    picture.setflags(write=False)
    return picture


def png(picture: Picture) -> bytes:
    """Return a picture as a PNG file, dark ink on white as Omniglot's are."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(255 - picture).save(buffer, "PNG")
    return buffer.getvalue()


def import_picture(content: bytes, name: str) -> ImportedPicture:
    """Make a drawing of an image file; DataError says why that cannot be done.

    Whichever of light and dark is rarer is the ink; it is cut out, brought to the
    usual size and centred.
    """
    from PIL import Image

    if len(content) > MOST_BYTES:
        raise DataError(f"{name} is too large: at most 40 MB are accepted.")
    with (
        picture_errors(name),
        Image.open(io.BytesIO(content), formats=_FORMATS) as image,
    ):
        if image.width * image.height > MOST_PIXELS:
            raise DataError(
                f"{name} is huge ({image.width} x {image.height}): make it smaller "
                "than 50 megapixels."
            )
        is_animated = getattr(image, "is_animated", False)
        image.draft("L", (1024, 1024))
        grey = _on_white(image)
    remark = f"{name} is animated: its first frame was taken." if is_animated else ""
    return ImportedPicture(_cut_out(grey, name), remark)


def _on_white(image: object) -> Picture:
    from PIL import Image

    assert isinstance(image, Image.Image)
    image.thumbnail((1024, 1024))
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    if has_alpha:
        shown = image.convert("RGBA")
        alpha = np.asarray(shown.getchannel("A"))
        white = Image.new("RGBA", shown.size, "white")
        grey = np.asarray(Image.alpha_composite(white, shown).convert("L"))
        # White ink on nothing, as of a dark-mode drawing, is seen by its alpha.
        return grey if np.ptp(grey) >= _FAINTEST else 255 - alpha
    return np.asarray(image.convert("L"))


def _cut_out(grey: Picture, name: str) -> Picture:
    dark = 255 - grey.astype(np.float64)
    if np.median(dark) > 127:
        dark = 255 - dark
    paper, full = np.median(dark), np.quantile(dark, 0.999)
    if dark.max() - paper < _FAINTEST:
        raise DataError(f"{name} is blank or transparent: there is nothing to see.")
    full = max(full, paper + _FAINTEST)
    strength = ((dark - paper) / (full - paper)).clip(0, 1)
    rows, columns = (np.flatnonzero((strength > 0.4).any(axis)) for axis in (1, 0))
    cut = strength[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _centred((cut * 255).round().astype(np.uint8))


def _centred(cut: Picture) -> Picture:
    from PIL import Image

    scale = _USUAL_SIDE / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    small = Image.fromarray(cut).resize((width, height), Image.Resampling.LANCZOS)
    picture = np.zeros((SIZE, SIZE), np.uint8)
    top, left = (SIZE - height) // 2, (SIZE - width) // 2
    picture[top : top + height, left : left + width] = np.asarray(small)
    return picture


def _enlarged(pixels: Picture) -> Picture:
    from PIL import Image

    if len(pixels) == SIZE:
        return pixels
    enlarged = Image.fromarray(pixels).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return np.asarray(enlarged)
