"""An entry of a zip, unpacked to no more bytes than it says that it has.

A zip of a few bytes can hold thousands of millions, and ``zipfile`` unpacks them all
where it is asked for a whole entry; one packed by bzip2 or LZMA, whatever is asked for.
"""

from __future__ import annotations

import copy
import io
import shutil
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from bz2 import BZ2Decompressor
    from lzma import LZMADecompressor

_PIECE_BYTES = 2**20
_UNBOUNDED = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_UNKNOWN_SIZE = b"\xff" * 8


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return what an entry holds; where it is damaged, an error as of ``zipfile``."""
    with archive.open(entry) as file:  # it refuses what this Python cannot unpack
        if entry.compress_type not in _UNBOUNDED:
            content = io.BytesIO()
            shutil.copyfileobj(file, content, _PIECE_BYTES)
            return content.getvalue()
    packed = copy.copy(entry)
    packed.compress_type, packed.file_size = zipfile.ZIP_STORED, entry.compress_size
    del packed.CRC  # it is of what is unpacked
    with archive.open(packed) as file:
        found = _unpacked(file, _unpacker(file, entry), entry.file_size)
    if zlib.crc32(found) != entry.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {entry.filename!r}")
    return found


def _unpacked(
    file: IO[bytes], unpacker: BZ2Decompressor | LZMADecompressor, most: int
) -> bytes:
    content = io.BytesIO()
    while (room := most - content.tell()) and not unpacker.eof:
        piece = file.read(_PIECE_BYTES) if unpacker.needs_input else b""
        if unpacker.needs_input and not piece:  # it was cut
            break
        content.write(unpacker.decompress(piece, room))
    return content.getvalue()


def _unpacker(
    file: IO[bytes], entry: zipfile.ZipInfo
) -> BZ2Decompressor | LZMADecompressor:
    if entry.compress_type == zipfile.ZIP_BZIP2:
        from bz2 import BZ2Decompressor

        return BZ2Decompressor()
    from lzma import FORMAT_ALONE, LZMADecompressor

    unpacker = LZMADecompressor(FORMAT_ALONE)
    _version, length, settings, reach = struct.unpack("<HHBI", file.read(9))
    if length != 5:
        raise ValueError("it is packed in an unknown way")
    # What lies before the beginning need not be kept, and is asked memory for.
    reach = min(reach, max(entry.file_size, 2**12))
    unpacker.decompress(struct.pack("<BI", settings, reach) + _UNKNOWN_SIZE, 0)
    return unpacker
