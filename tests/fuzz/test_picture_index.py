"""Imported pictures whose index or array is damaged: read rightly, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from tests.fuzz.damage import Damage, damaged, json_nested, json_value
from tests.fuzz.holding import Holder
from workbench.core.base.splits import SPLITS
from workbench.core.pictures.class_bank import ClassBank
from workbench.core.pictures.store import PictureIndex, StoredPictures, open_pictures
from workbench.core.pictures.writer import PictureWriter
from workbench.tasks.image_folder import ImageFolder, ImageFolderData

SHAPE = (3, 8, 8)
WHOLE = PictureIndex(
    shape=SHAPE,
    names=tuple("abcdef"),
    counts=(2, 3, 4, 2, 3, 4),
    groups=(0, 0, 0, 1, 1, 1),
    group_names=("one", "other"),
    splits={"train": ("a", "b"), "validation": ("c", "d"), "test": ("e", "f")},
    picture_names=tuple(f"{number}.png" for number in range(18)),
    left_out=("odd.txt: no picture",),
    split_choice={"split": "by ratio", "train_share": 0.5, "split_seed": 3},
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with pictures named mine."""
    with PictureWriter(tmp_path / "data" / "pictures" / "mine", SHAPE) as writer:
        pixels = np.arange(18 * 3 * 8 * 8, dtype=np.uint64) % 251
        writer.append(pixels.astype(np.uint8).reshape(18, *SHAPE))
        writer.finish(WHOLE)
    return tmp_path / "data"


def look_at(data: Path) -> StoredPictures:
    """Use the pictures as lists, forms and tasks do; the list never refuses."""
    for each in ImageFolderData.all_in(data):
        report = each.report(data)
        assert report.classes >= 0
        assert report.pictures >= 0
    stored = open_pictures(data / "pictures" / "mine")
    assert stored is not None
    index, listed = stored.index, stored.index.listed
    assert len(stored.pictures) == index.total == sum(listed.counts)
    parts = [stored.of_class(row) for row in range(len(index.names))]
    assert [len(part) for part in parts] == [*index.counts]
    assert len({*index.names}) == len(index.names)
    in_splits = [row for rows in index.given_splits.values() for row in rows]
    assert len({*in_splits}) == len(in_splits)
    for text in (*index.names, *index.group_names, *index.picture_names):
        assert isinstance(text, str)
    bank = ClassBank.of(stored)
    assert [*bank.listed.counts] == [*listed.counts]
    return stored


def draw_from(data: Path) -> None:
    """Draw an episode of each split, as training does."""
    task = ImageFolder.of(data, "mine").model_copy(update={"ways": 2, "queries": 1})
    family = task.open(data, torch.device("cpu"))
    for split in SPLITS:
        generator = torch.Generator().manual_seed(0)
        episode = family.sample(split, 2, generator, (1, 1))
        assert episode.query.x.shape == (2, 2, 3, 8, 8)


@pytest.mark.parametrize("own", [json_value, json_nested])
def test_a_damaged_index_of_pictures_is_read_or_refused(
    data: Path, holder: Holder, own: Damage
) -> None:
    file = data / "pictures" / "mine" / "index.json"
    original = file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, own)
        if holder.hold(file, content, lambda _: look_at(data), "pictures-"):
            holder.hold(file, content, lambda _: draw_from(data), "split", "mine")

    holder.each(case, share=0.5)


def test_odd_sizes_in_an_index_are_refused(data: Path, holder: Holder) -> None:
    file = data / "pictures" / "mine" / "index.json"
    original = json.loads(file.read_bytes())

    def case(draw: Random) -> None:
        record = json.loads(json.dumps(original))
        for _ in range(draw.choice((1, 2))):
            name = draw.choice(("shape", "counts", "groups"))
            at = draw.randrange(len(record[name]))
            record[name][at] = draw.choice(
                (0, 1, 2, 3, 5, -1, 2.5, "3", True, None, 8.0, 2**31, 2**62, 2**63)
            )
        if draw.random() < 0.3:
            split = draw.choice(SPLITS)
            record["splits"][draw.choice((*SPLITS, "more"))] = record["splits"][split]
        content = json.dumps(record).encode()
        if holder.hold(file, content, lambda _: look_at(data), "pictures-"):
            index = look_at(data).index
            assert (index.shape, index.total) == (SHAPE, 18)

    holder.each(case, share=0.5)


ODD_WORDS = {
    b"(18, 3, 8, 8)": (
        b"(18, 8, 8, 3)",
        b"(9, 3, 8, 8)",
        b"(10**9, 3, 8)",
        b"(999999999999999999, 3, 8, 8)",
        b"(18L, 3L, 8, 8)",
        b"(-18, 3, 8, 8)",
        b"(True, 3, 8, 8)",
    ),
    b"False": (b"True",),
    b"|u1": (b"|i1", b"|O", b"<u8"),
    b"'|u1'": (b"[('a', '|u1')]", b"'\\q'"),
    b"{": (b"-" * 9000 + b"{", b"(" * 150 + b"{"),
    b"NUMPY\x01": (b"NUMPY\x02", b"NUMPY\x09"),
}


def header(content: bytes, draw: Random) -> bytes:
    """Write something odd into the words that an array begins with."""
    old, new = draw.choice([(old, new) for old in ODD_WORDS for new in ODD_WORDS[old]])
    changed = content.replace(old, new, 1)
    if draw.random() < 0.5 and changed[:6] == b"\x93NUMPY":
        length = min(changed[10:].find(b"\n") + 1, 2**16 - 1)
        changed = changed[:8] + length.to_bytes(2, "little") + changed[10:]
    return changed


def test_a_damaged_array_of_pictures_is_read_or_refused(
    data: Path, holder: Holder
) -> None:
    (file,) = data.rglob("*.npy")
    original = file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, header)
        holder.hold(file, content, lambda _: look_at(data), "index.json")

    holder.each(case)
