"""Zips from anyone: what they hold is kept whole, or the old pictures stay."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from tests.fuzz.damage import damaged
from tests.fuzz.holding import Holder, state_of
from workbench.core.base.errors import DataError
from workbench.core.pictures.store import open_pictures
from workbench.tasks.image_folder import ImageFolderData, ImportOptions
from workbench.tasks.mini_imagenet import MiniImageNetData
from workbench.tasks.omniglot import OmniglotData

same_names = pytest.mark.filterwarnings("ignore:Duplicate name")
OPTIONS = ImportOptions(name="mine", size=8)


def png(seed: int) -> bytes:
    file = io.BytesIO()
    colours = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    Image.fromarray(colours).save(file, "PNG")
    return file.getvalue()


def entries() -> dict[str, bytes]:
    return {f"{name}/{row}.png": png(row) for name in "abc" for row in range(3)}


ODD_NAMES = (
    "../out.png",
    "/etc/passwd.png",
    "C:/x.png",
    "a/../../b/0.png",
    "a\\..\\b.png",
    "a//b///0.png",
    "./a/0.png",
    "a/.png",
    ".hidden/0.png",
    "__MACOSX/a/0.png",
    "loose.png",
    "train/a/0.png",
    "a/" * 100 + "0.png",
    "x" * 60_000 + ".png",
    "\ud55c/ü.PNG",
    "a/\x01\n\x7f.png",
    "a/0.png/1.png",
    "train.csv",
    "images_background/Greek/character01/0001_01.png",
)
ODD_CONTENTS = (
    b"",
    b"text",
    b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    bytes(3_000_000),
    b"filename,label\n../x,a\n\0,\n" + b"," * 1000,
)


def zipped(draw: Random) -> bytes:
    """Return a zip, mostly with an odd entry or two."""
    file = io.BytesIO()
    kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
    with zipfile.ZipFile(file, "w", draw.choice((*kinds, zipfile.ZIP_LZMA))) as made:
        for name, content in entries().items():
            made.writestr(name, content)
        for _ in range(draw.choice((0, 0, 1, 2))):
            odd = draw.choice((*ODD_CONTENTS, png(3), damaged(png(4), draw)))
            made.writestr(draw.choice((*ODD_NAMES, "b/9.png")), odd)
        made.comment = draw.choice((b"", b"PK\x05\x06" * 10))
    return file.getvalue()


def odd_field(content: bytes, draw: Random) -> bytes:
    """Write an odd number into the record of an entry."""
    begin = draw.choice((b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"))
    places = [at for at in range(len(content)) if content.startswith(begin, at)]
    if not places:
        return content
    at = draw.choice(places) + draw.randrange(4, 46)
    number = draw.choice((0, 1, 9, 255, 2**16 - 1, 2**31, 2**32 - 1))
    field = struct.pack("<I", number)[: draw.choice((1, 2, 4))]
    return content[:at] + field + content[at + len(field) :]


@same_names
def test_an_odd_zip_is_kept_whole_or_the_old_pictures_stay(holder: Holder) -> None:
    data, file = holder.folder / "data", holder.folder / "odd.zip"
    file.write_bytes(zipped(Random(1)))
    before: dict[str, bytes] = {}

    def read(path: Path) -> None:
        try:
            ImageFolderData().import_from(data, path, OPTIONS)
        except DataError:
            assert state_of(data) == before
            raise
        stored = open_pictures(data / "pictures" / "mine")
        assert stored is not None
        assert stored.pictures.shape == (stored.index.total, 3, 8, 8)
        assert all(line.isprintable() for line in stored.index.left_out)
        before.clear()
        before.update(state_of(data))

    def case(draw: Random) -> None:
        content = zipped(draw)
        if draw.random() < 0.7:
            content = damaged(content, draw, odd_field)
        holder.hold(file, content, read)

    holder.each(case)


@same_names
def test_a_zip_that_is_no_data_set_is_refused_by_each(holder: Holder) -> None:
    data, file = holder.folder / "data", holder.folder / "odd.zip"

    def case(draw: Random) -> None:
        content = zipped(draw)
        if draw.random() < 0.5:
            content = damaged(content, draw, odd_field)
        for each in (OmniglotData(), MiniImageNetData()):
            is_kept = holder.hold(
                file, content, lambda path, each=each: each.import_from(data, path)
            )
            assert not is_kept
            assert not data.exists()

    holder.each(case, share=0.5)
