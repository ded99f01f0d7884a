"""Lists of pictures from anyone: each picture goes where its line says, or nowhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from tests.fuzz.damage import damaged
from tests.fuzz.holding import Holder, state_of
from workbench.core.base.errors import DataError
from workbench.core.pictures.store import open_pictures
from workbench.tasks.mini_imagenet import MiniImageNetData

CLASSES = {"train": ("cat", "dog"), "val": ("emu",), "test": ("fox", "gnu")}
EACH = 2


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder of pictures with the three lists that say of which class they are."""
    folder = tmp_path / "given"
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for short, names in CLASSES.items():
        for line in lines_of(names):
            pixels = rng.integers(0, 256, (84, 84, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "images" / line[0], "PNG")
        (folder / f"{short}.csv").write_text(written([HEADER, *lines_of(names)]))
    return folder


HEADER = ["filename", "label"]


def lines_of(names: Sequence[str]) -> list[list[str]]:
    return [[f"{name}{row}.png", name] for name in names for row in range(EACH)]


def written(lines: Sequence[Sequence[str]], **how: str) -> str:
    file = io.StringIO()
    csv.writer(file, **how).writerows(lines)  # type: ignore[arg-type]
    return file.getvalue()


def odd_list(names: Sequence[str], draw: Random) -> bytes:
    """Write a list as another program, or a careless hand, would."""
    lines = [HEADER, *lines_of(names)]
    for _ in range(draw.choice((0, 1, 1, 2))):
        at, other = draw.randrange(len(lines)), draw.choice(lines[1:] or lines)
        first, last = (*lines[at], "", "")[:2]
        lines[at : at + 1] = draw.choice(
            (
                [[first]],
                [[], lines[at]],
                [[first, last, "more"]],
                [[last, first]],
                [[first, ""]],
                [["", last]],
                [lines[at], lines[at]],
                [lines[at], other],
                [[first, *other[-1:]]],
                [[f"images/{first}", last]],
                [[f"elsewhere/{first}", last]],
                [[f"../given/images/{first}", last]],
                [[f" {first} ", f" {last} "]],
                [[first, "x" * draw.choice((1000, 131_072, 131_073, 200_000))]],
                [["x" * 200_000, last]],
                [[first, draw.choice(ODD_LABELS)]],
                [[draw.choice(ODD_LABELS), last]],
                [[first, last]] * 3000,
            )
        )
    how = {
        "delimiter": draw.choice(",,,,,;\t"),
        "lineterminator": draw.choice(("\n", "\r\n", "\r", "\n\n", "\n\r")),
        "quotechar": draw.choice('"""\''),
    }
    quoting = draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    text = written(lines, quoting=quoting, **how)  # type: ignore[arg-type]
    code = draw.choice(("utf-8", "utf-8", "utf-8-sig", "latin1", "utf-16", "cp1252"))
    return text.encode(code, errors="replace")


ODD_LABELS = (
    'a "quoted" one',
    "a, b",
    "a\nb",
    "a\rb",
    "a\0b",
    "äöü",
    "ÄÖÜ",
    "../../x",
    "/x",
    "a/b",
    "None",
    "=1+1",
    "\u202ex",
)


def odd_quotes(content: bytes, draw: Random) -> bytes:
    """Put a quote, a comma or the end of a line anywhere."""
    at = draw.randrange(len(content) + 1)
    sign = draw.choice((b'"', b'""', b'"\n', b',"', b",", b"\n", b"\r", b"\0", b"\xe9"))
    return content[:at] + sign + content[at:]


def test_an_odd_list_puts_each_picture_where_it_says_or_is_refused(
    given: Path, holder: Holder
) -> None:
    data = holder.folder / "data"
    MiniImageNetData().import_from(data, given)
    whole = pictures_in(data)
    lists = {short: (given / f"{short}.csv").read_bytes() for short in CLASSES}

    def case(draw: Random) -> None:
        short = draw.choice([*CLASSES])
        content = odd_list(CLASSES[short], draw)
        if draw.random() < 0.6:
            content = damaged(content, draw, odd_quotes)
        file = given / f"{short}.csv"
        holder.hold(file, content, read, "given")
        file.write_bytes(lists[short])

    def read(file: Path) -> None:
        before = state_of(data)
        try:
            MiniImageNetData().import_from(data, given)
        except DataError:
            assert state_of(data) == before
            raise
        text = file.read_bytes().decode("utf-8-sig")
        text += text.replace('""', '"')
        found = pictures_in(data)
        assert found.keys() <= whole.keys()
        for name, (label, pixels) in found.items():
            own_label, own_pixels = whole[name]
            assert np.array_equal(pixels, own_pixels)
            assert label == own_label or (name in text and label in text)

    holder.each(case, share=0.5)


def pictures_in(data: Path) -> dict[str, tuple[str, np.ndarray]]:
    """Return each picture that was imported by its name, with its class: once."""
    stored = open_pictures(data / "mini-imagenet")
    assert stored is not None
    index, found = stored.index, {}
    in_splits = [name for names in index.splits.values() for name in names]
    assert sorted(in_splits) == sorted({*index.names})
    labels = [
        label
        for label, count in zip(index.names, index.counts, strict=True)
        for _ in range(count)
    ]
    for row, name in enumerate(index.picture_names):
        assert name not in found, f"{name} is there twice"
        found[name] = (labels[row], stored.pictures[row].copy())
    return found
