"""Entries of a zip: as they were packed, and never larger than they say they are."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from workbench.core.base.errors import DataError
from workbench.core.pictures.files import ReadLimits, ZipSource

LIMITS = ReadLimits(entry_bytes=2**28, total_bytes=2**40)
BEGIN = b"PK\x01\x02"
every_way = pytest.mark.parametrize(
    "way",
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA],
)


def zipped(way: int, *entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as made:
        for number, content in enumerate(entries):
            made.writestr(f"{number}.png", content)
    return file.getvalue()


def read(path: Path, content: bytes) -> list[bytes]:
    path.write_bytes(content)
    with ZipSource(path, LIMITS) as source:
        return [source.read(name) for name in source.names]


@every_way
def test_an_entry_is_what_was_packed(tmp_path: Path, way: int) -> None:
    entries = (b"", b"a", random.Random(1).randbytes(1_200_000), bytes(1_200_000))
    assert read(tmp_path / "whole.zip", zipped(way, *entries)) == [*entries]


@every_way
@pytest.mark.parametrize("is_also_cut", [False, True])
def test_an_entry_larger_than_it_says_takes_no_memory(
    tmp_path: Path, way: int, is_also_cut: bool
) -> None:
    content = bytearray(zipped(way, bytes(12_000_000)))
    at = content.rfind(BEGIN) + 20
    if is_also_cut:
        content[at : at + 4] = struct.pack("<I", 2**32 - 2)
    content[at + 4 : at + 8] = struct.pack("<I", 320)
    (tmp_path / "odd.zip").write_bytes(content)
    with ZipSource(tmp_path / "odd.zip", LIMITS) as source:
        tracemalloc.start()
        with pytest.raises(DataError, match=r"0\.png in .*odd\.zip cannot be read"):
            source.read(source.names[0])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2**22


@every_way
def test_what_is_cut_short_is_refused(tmp_path: Path, way: int) -> None:
    content = bytearray(zipped(way, random.Random(1).randbytes(1_200_000)))
    at = content.rfind(BEGIN) + 20
    content[at : at + 4] = struct.pack("<I", 500_000)
    with pytest.raises(DataError, match=r"0\.png in .*cut\.zip cannot be read"):
        read(tmp_path / "cut.zip", bytes(content))


def test_an_entry_without_a_name_is_left_out(tmp_path: Path) -> None:
    content = zipped(zipfile.ZIP_STORED, b"a", b"b")
    (tmp_path / "odd.zip").write_bytes(content.replace(b"0.png", b"././."))
    with ZipSource(tmp_path / "odd.zip", LIMITS) as source:
        assert [str(name) for name in source.names] == ["1.png"]


@pytest.mark.parametrize("name", ["\x1b[2J\n.png", "x" * 9000, "../\x1b" + "x" * 9000])
@pytest.mark.parametrize("field", [16, 24], ids=["checksum", "size"])
def test_an_odd_name_is_told_in_one_line(tmp_path: Path, name: str, field: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(name, b"a")
    content = bytearray(file.getvalue())
    at = content.rfind(BEGIN) + field
    content[at : at + 4] = struct.pack("<I", 2**31)
    with pytest.raises(DataError, match=r"odd\.zip") as refused:
        read(tmp_path / "odd.zip", bytes(content))
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000
