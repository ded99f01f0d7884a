"""Pictures from anyone: of odd kinds, with odd words about themselves, and cut."""

from __future__ import annotations

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.fuzz.damage import damaged
from tests.fuzz.holding import Holder
from workbench.core.base.errors import DataError
from workbench.core.pictures.files import FolderSource
from workbench.core.pictures.folders import LIMITS
from workbench.core.pictures.reduction import Reducer, Reduction
from workbench.core.sketch.pictures import import_picture

KINDS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF")
CHUNKS = (
    *("tEXt", "zTXt", "iTXt", "iCCP", "tRNS", "PLTE", "eXIf", "acTL", "fcTL", "fdAT"),
    *("IHDR", "IEND", "pHYs", "gAMA", "sRGB", "cHRM"),
)
MODES = {
    "PNG": ("RGB", "L", "P", "LA", "RGBA", "1", "I;16"),
    "JPEG": ("RGB", "L", "CMYK"),
    "BMP": ("RGB", "L", "P", "1"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P", "L"),
    "TIFF": ("RGB", "L", "P", "CMYK", "1", "F", "I", "LAB"),
}

_MOST_EXIF = 60_000
"""A JPEG has no place for more."""


def a_picture(draw: Random) -> tuple[bytes, str]:
    """Return a whole picture, mostly with something odd about itself, and its kind."""
    kind = draw.choice(KINDS)
    mode = draw.choice(MODES[kind])
    size = draw.choice(((40, 30), (1, 1), (1, 300), (200, 7)))
    seed = draw.randrange(100)
    colours = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8)
    picture = Image.fromarray(colours)
    if mode == "I;16":
        picture = Image.fromarray(colours[:, :, 0].astype(np.uint16) * 200)
    elif mode == "LAB":
        picture = Image.merge("LAB", picture.split())
    else:
        picture = picture.convert(mode)
    about: dict[str, Any] = {}
    if kind in ("PNG", "JPEG", "WEBP") and draw.random() < 0.5:
        about["exif"] = odd_exif(draw)
    if kind in ("GIF", "TIFF", "WEBP") and draw.random() < 0.3:
        about |= {"save_all": True, "append_images": [picture] * 3}
    if kind in ("PNG", "JPEG", "TIFF", "WEBP") and draw.random() < 0.2:
        about["icc_profile"] = draw.randbytes(200)
    file = io.BytesIO()
    picture.save(file, kind, **about)
    return file.getvalue(), kind


def odd_exif(draw: Random) -> bytes:
    """Return what a camera says of a picture, after an accident."""
    exif = Image.Exif()
    exif[0x0112] = draw.choice((0, 1, 3, 6, 8, 9, 65535))
    exif[0x010E] = "a text"
    exif[0x0132] = "2026:01:01 00:00:00"
    content = exif.tobytes()
    content = damaged(content, draw) if draw.random() < 0.7 else content
    return content[:_MOST_EXIF]


def odd_chunk(content: bytes, draw: Random) -> bytes:
    """Put a chunk into a PNG, with a right checksum."""
    name = draw.choice(CHUNKS)
    laughs = zlib.compress(bytes(20_000_000))
    body = draw.choice(
        (b"", b"\0" * 13, draw.randbytes(40), b"a\0\0" + laughs, b"\xff" * 30)
    )
    chunk = struct.pack(">I", len(body)) + name.encode() + body
    chunk += struct.pack(">I", zlib.crc32(name.encode() + body))
    return content[:33] + chunk + content[33:]


def odd_number(content: bytes, draw: Random) -> bytes:
    """Write an odd number among those that a picture begins with."""
    at = draw.randrange(min(len(content), 200) + 1)
    number = draw.choice((b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\xff\xff"))
    return content[:at] + number[: draw.choice((1, 2, 4))] + content[at + 4 :]


def a_damaged_one(draw: Random) -> tuple[bytes, str]:
    content, kind = a_picture(draw)
    if draw.random() < 0.2:
        return content, kind
    own = (odd_number, odd_chunk) if kind == "PNG" else (odd_number,)
    return damaged(content, draw, *own), kind


def test_an_odd_picture_is_reduced_or_left_out_with_the_reason(holder: Holder) -> None:
    folder = holder.folder / "class"
    folder.mkdir()

    def case(draw: Random) -> None:
        content, kind = a_damaged_one(draw)
        reduction = Reduction(
            draw.choice((8, 84)),
            draw.choice((1, 3)),
            draw.choice(("crop", "pad", "stretch")),
            inverted=draw.random() < 0.5,
            exact=draw.random() < 0.5,
        )

        def read(path: Path) -> None:
            source = FolderSource(folder, LIMITS)
            with ThreadPoolExecutor(1) as alone:
                reducer = Reducer(source, reduction, alone)
                found = reducer.reduced(source.names[0])
            if isinstance(found, str):
                raise DataError(found)
            side = (reduction.size,) * 2
            assert (found.shape, found.dtype) == ((reduction.channels, *side), np.uint8)

        holder.hold(folder / f"odd.{kind.lower()}", content, read)
        (folder / f"odd.{kind.lower()}").unlink()

    holder.each(case)


def test_an_odd_picture_is_put_on_a_pad_or_refused(holder: Holder) -> None:
    file = holder.folder / "odd.png"

    def read(path: Path) -> None:
        found = import_picture(path.read_bytes(), path.name)
        assert (found.pixels.shape, found.pixels.dtype) == ((105, 105), np.uint8)
        assert found.pixels.max() > 0

    def case(draw: Random) -> None:
        holder.hold(file, a_damaged_one(draw)[0], read)

    holder.each(case)
