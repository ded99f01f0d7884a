"""Pickles of a data set, damaged down to single operations: nothing in them is run."""

from __future__ import annotations

import contextlib
import pickle
import pickletools
import struct
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.fuzz.damage import damaged
from tests.fuzz.holding import Holder, state_of
from workbench.core.base.errors import DataError
from workbench.core.pictures.store import open_pictures
from workbench.core.pictures.unpickling import read_pickle
from workbench.tasks.mini_imagenet import MiniImageNetData

SHORT = ("train", "val", "test")
OPERATIONS = [code.code.encode("latin1") for code in pickletools.opcodes]


def pictures(classes: int, seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    shape = (2 * classes, 84, 84, 3)
    rows = {f"n{seed}{row}": [2 * row, 2 * row + 1] for row in range(classes)}
    return {"image_data": rng.integers(0, 256, shape, np.uint8), "class_dict": rows}


def operation(content: bytes, draw: Random) -> bytes:
    """Take an operation out, put one in, or let two change their places."""
    places = places_of(content)
    if len(places) < 3:
        return content
    at, to = sorted(draw.sample(places, 2))
    after = places[places.index(to) + 1] if to != places[-1] else len(content)
    match draw.randrange(4):
        case 0:
            return content[:at] + content[places[places.index(at) + 1] :]
        case 1:
            return content[:at] + draw.choice(OPERATIONS) + content[at:]
        case 2:
            return content[:at] + content[to:after] + content[at:]
        case _:
            return content[:at] + odd_operation(draw) + content[at:]


def places_of(content: bytes) -> list[int]:
    """Return where operations begin, as far as they make sense."""
    places = []
    with contextlib.suppress(ValueError):  # it is damaged from here on
        for _, _, at in pickletools.genops(content):
            places.append(at)
    return places


def odd_operation(draw: Random) -> bytes:
    """Return an operation that asks for much, or for what is not there."""
    many = draw.choice((0, 255, 2**31 - 1, 2**34, 2**63 - 1, 2**64 - 1))
    return draw.choice(
        (
            b"\x95" + struct.pack("<Q", many),  # FRAME
            b"\x8e" + struct.pack("<Q", many),  # BINBYTES8
            b"\x8d" + struct.pack("<Q", many),  # BINUNICODE8
            b"\x96" + struct.pack("<Q", many),  # BYTEARRAY8
            b"B" + struct.pack("<I", many % 2**32),
            b"X" + struct.pack("<I", many % 2**32),
            b"T" + struct.pack("<I", many % 2**31),
            b"\x8b" + struct.pack("<I", many % 2**31) + b"\1" * 50,  # LONG4
            b"r" + struct.pack("<I", many % 2**32),  # LONG_BINPUT
            b"j" + struct.pack("<I", many % 2**32),  # LONG_BINGET
            b"I" + b"9" * 10_000 + b"\n",
            b"L" + b"9" * 10_000 + b"L\n",
            b"F1e999\n",
            b"cos\nsystem\n(S'true'\ntR",
            b"Pabc\n",
            b"\x97",
            b"2" * 50,
            b"(" * 50,
            b"}" * 50 + b"s",
            b"\x8f" + b"\x90",
            b"\x80" + bytes([draw.randrange(256)]),
        )
    )


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_damaged_pickle_is_read_or_refused(holder: Holder, protocol: int) -> None:
    file = holder.folder / "damaged.pkl"
    content = {
        "image_data": np.arange(60, dtype=np.uint8).reshape(5, 4, 3),
        "class_dict": {"a": [0, 1], "b": list(np.arange(2, 4)), "c": (1.5, None, True)},
    }
    original = pickle.dumps(content, protocol)

    def case(draw: Random) -> None:
        holder.hold(file, damaged(original, draw, operation), read)

    def read(path: Path) -> None:
        check_plain(read_pickle(path))

    holder.each(case, share=0.5)


def check_plain(value: object) -> None:
    """What was read is plain values all through."""
    if isinstance(value, dict):
        for key, held in value.items():
            assert isinstance(key, str | int)
            check_plain(held)
    elif isinstance(value, list):
        for held in value:
            check_plain(held)
    elif isinstance(value, np.ndarray):
        assert value.dtype.kind in "buif"
    else:
        assert value is None or isinstance(value, str | bytes | bytearray | int | float)


def test_a_damaged_data_set_is_kept_whole_or_not_at_all(holder: Holder) -> None:
    given, data = holder.folder / "given", holder.folder / "data"
    given.mkdir()
    whole = [pickle.dumps(pictures(2, seed), 4) for seed in range(3)]
    for short, content in zip(SHORT, whole, strict=True):
        (given / f"mini-{short}.pkl").write_bytes(content)
    MiniImageNetData().import_from(data, given)
    before = state_of(data)

    def case(draw: Random) -> None:
        at = draw.randrange(3)
        file = given / f"mini-{SHORT[at]}.pkl"
        holder.hold(file, damaged(whole[at], draw, operation), read)
        file.write_bytes(whole[at])

    def read(_: Path) -> None:
        try:
            MiniImageNetData().import_from(data, given)
        except DataError:
            assert state_of(data) == before
            raise
        stored = open_pictures(data / "mini-imagenet")
        assert stored is not None
        assert stored.pictures.shape == (stored.index.total, 3, 84, 84)
        MiniImageNetData().import_from(data, holder_whole())

    def holder_whole() -> Path:
        folder = holder.folder / "whole"
        folder.mkdir(exist_ok=True)
        for short, content in zip(SHORT, whole, strict=True):
            (folder / f"mini-{short}.pkl").write_bytes(content)
        return folder

    holder.each(case, share=0.5)
