"""Pictures in a folder or a zip that may come from anyone: read with limits.

Nothing is ever unpacked to the disk. A zip is refused whole for a name that leads out
of it, an entry too large for what it should be, or a total too large to be meant; a
file that is no picture is refused by name.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol, Self

from workbench.core.base.errors import MALFORMED, DataError
from workbench.core.base.files import open_to_read
from workbench.core.base.phrases import one_line, quoted
from workbench.core.pictures.unpacking import unpacked

if TYPE_CHECKING:
    from PIL import Image

try:
    from lzma import LZMAError
except ImportError:  # a Python without it refuses such zips by itself
    LZMAError = zlib.error  # type: ignore[misc, assignment]

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
_HONEST_BYTES = 2**31
_HONEST_RATIO = 50
"""A zip larger than that when unpacked, and by more than this, is meant to harm."""
_ADDED_BY_SYSTEMS = {"__macosx", "thumbs.db", "desktop.ini"}
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP")


class ReadLimits(NamedTuple):
    """How much a source may hold before it is refused."""

    entry_bytes: int
    total_bytes: int
    entries: int = 2_000_000


class PictureSource(Protocol):
    """Files by their path inside a folder or a zip."""

    path: Path
    names: tuple[PurePosixPath, ...]
    """Every file, sorted, without the hidden ones that some systems add."""

    def read(self, name: PurePosixPath) -> bytes:
        """Return a file's content; DataError names it where it cannot be read."""

    def open(self, name: PurePosixPath) -> BinaryIO:
        """Return what reads a file bit by bit; DataError where it cannot be read."""

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(self, *raised: object) -> None:
        """Close it."""


class FolderSource:
    """The files below a folder; links to elsewhere are not followed."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        self.path = path
        self._limits = limits
        self.names = tuple(sorted(self._walk()))
        self._known = frozenset(self.names)

    def __enter__(self) -> Self:
        """Return itself: nothing is kept open."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Do nothing: nothing is kept open."""

    def read(self, name: PurePosixPath) -> bytes:
        """Return a file's content."""
        try:
            with self.open(name) as file:
                return file.read(self._limits.entry_bytes)
        except OSError as error:
            raise DataError(f"cannot read {name}: {error.strerror or error}") from error

    def open(self, name: PurePosixPath) -> BinaryIO:
        """Open a file, which is not read yet."""
        file = self.path / name
        if name not in self._known:
            raise DataError(f"{name} is not in {self.path}")
        try:
            about = file.stat()
            if not stat.S_ISREG(about.st_mode):
                raise DataError(f"{file} is no ordinary file: remove it")
            _check_size(file, about.st_size, self._limits)
            return open_to_read(file)
        except OSError as error:
            raise DataError(f"cannot read {file}: {error.strerror or error}") from error

    def _walk(self) -> Iterator[PurePosixPath]:
        def refuse(error: OSError) -> None:
            raise DataError(
                f"cannot read {error.filename}: {error.strerror}"
            ) from error

        for folder, folders, files in os.walk(self.path, onerror=refuse):
            folders.sort()
            inside = Path(folder).relative_to(self.path)
            for file in files:
                name = PurePosixPath(inside.as_posix(), file)
                if not _is_hidden(name):
                    yield name


class ZipSource:
    """The files in a zip, read without unpacking it."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        self.path = path
        self._limits = limits
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            why = one_line(str(error))
            raise DataError(
                f"{path} is no whole zip ({why}): get it again, or import the "
                "unpacked folder"
            ) from error
        try:
            entries = [entry for entry in self._zip.infolist() if not _is_folder(entry)]
            self._check(entries)
        except DataError:
            self._zip.close()
            raise
        named = {PurePosixPath(entry.filename): entry for entry in entries}
        self._entries = {name: named[name] for name in named if not _is_hidden(name)}
        self.names = tuple(sorted(self._entries))

    def __enter__(self) -> Self:
        """Return itself: it is open."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close the file."""
        self._zip.close()

    def read(self, name: PurePosixPath) -> bytes:
        """Return an entry's content, never more than its header says."""
        if name not in self._entries:
            raise DataError(f"{name} is not in {self.path}")
        try:
            return unpacked(self._zip, self._entries[name])
        except (
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            ValueError,
            struct.error,
            zipfile.BadZipFile,
            zlib.error,
            LZMAError,
        ) as error:
            raise DataError(
                f"{one_line(str(name))} in {self.path} cannot be read "
                f"({one_line(str(error))}): get the zip again"
            ) from error

    def open(self, name: PurePosixPath) -> BinaryIO:
        """Return what reads an entry, which is unpacked at once."""
        return io.BytesIO(self.read(name))

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        for entry in entries:
            name = entry.filename
            if name.startswith("/") or ":" in name[:2] or ".." in name.split("/"):
                raise DataError(
                    f"{self.path} has a file named {quoted(name)}, which leads out of "
                    "the zip: it is not what was published, get it again"
                )
            where = self.path / one_line(name)
            _check_size(where, entry.file_size, self._limits)
        total = sum(entry.file_size for entry in entries)
        honest = max(_HONEST_BYTES, _HONEST_RATIO * self.path.stat().st_size)
        most = min(self._limits.total_bytes, honest)
        if total > most or len(entries) > self._limits.entries:
            raise DataError(
                f"{self.path} would unpack to {total:,} bytes in {len(entries):,} "
                f"files; at most {most:,} bytes in {self._limits.entries:,} are "
                "accepted: is it the right file?"
            )


def open_source(path: Path, limits: ReadLimits) -> PictureSource:
    """Open a folder or a zip; DataError where it is neither."""
    if path.is_dir():
        return FolderSource(path, limits)
    if not path.exists():
        raise DataError(f"{path} does not exist: give a zip or a folder")
    if not path.is_file():
        raise DataError(f"{path} is no ordinary file: give a zip or a folder")
    return ZipSource(path, limits)


def decode(
    content: bytes, name: object, most_pixels: int, enough: int = 0
) -> Image.Image:
    """Return the picture that a file's content is; DataError if it is none.

    With sides longer than ``enough`` a JPEG may come smaller, but not below that.
    """
    return load(look_at(io.BytesIO(content), name, most_pixels), name, enough)


def load(picture: Image.Image, name: object, enough: int = 0) -> Image.Image:
    """Read the rest of a picture that was looked at; DataError if that is damaged."""
    with picture_errors(name):
        if enough:
            picture.draft(None, (enough, enough))
        picture.load()
        return picture


def look_at(file: BinaryIO, name: object, most_pixels: int) -> Image.Image:
    """Return the picture that a file holds, of which only the size is read."""
    from PIL import Image

    with picture_errors(name):
        picture = Image.open(file, formats=_FORMATS)
        if picture.width * picture.height > most_pixels:
            raise DataError(
                f"{name} is {picture.width} x {picture.height}: more than "
                f"{most_pixels:,} pixels are not accepted"
            )
        return picture


@contextmanager
def picture_errors(name: object) -> Iterator[None]:
    """Turn what a file that is no whole picture leads to into a DataError naming it."""
    from PIL import Image

    try:
        yield
    except DataError:
        raise
    except (
        *MALFORMED,
        OSError,
        SyntaxError,
        struct.error,
        MemoryError,
        Warning,
        Image.DecompressionBombError,
    ) as error:
        why = str(error).split("<")[0].strip() or type(error).__name__
        raise DataError(f"{name} is no picture that can be read ({why})") from error


def _is_hidden(name: PurePosixPath) -> bool:
    return not name.parts or any(
        part.startswith(".") or part.casefold() in _ADDED_BY_SYSTEMS
        for part in name.parts
    )


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.endswith("/")  # also of none, for which zipfile fails


def _check_size(name: object, size: int, limits: ReadLimits) -> None:
    if size > limits.entry_bytes:
        raise DataError(
            f"{name} would be {size:,} bytes; at most {limits.entry_bytes:,} are "
            "accepted: is it the right file?"
        )
