"""The system's trash: folders go there, and come back from where it keeps them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote


class Thrown(NamedTuple):
    """A folder in the trash: where it was, and what the trash keeps of it.

    ``kept`` and ``info`` follow the freedesktop.org trash specification; they are None
    where the system does not tell, and then only it can bring the folder back.
    """

    folder: Path
    kept: Path | None = None
    info: Path | None = None


def throw_away(folder: Path) -> Thrown:
    """Move a folder to the trash; OSError if that cannot be."""
    import send2trash

    folder = folder.absolute()
    send2trash.send2trash(str(folder))
    entries = (entry for trash in _trashes(folder) for entry in _entries(trash, folder))
    return max(entries, key=_thrown_at, default=Thrown(folder))


def put_back(thrown: Thrown) -> None:
    """Move a folder to where it was; OSError if that cannot be."""
    if thrown.kept is None:
        raise OSError(f"only the system's trash can bring back {thrown.folder}")
    if thrown.folder.exists():
        raise FileExistsError(f"there is another {thrown.folder} now")
    thrown.folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(thrown.kept, thrown.folder)
    if thrown.info is not None:
        thrown.info.unlink(missing_ok=True)


def _trashes(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield where the folder's trash may be, and what the paths in it start from."""
    if sys.platform in ("win32", "darwin"):
        return
    home = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    yield home / "Trash", home
    top = folder.parent.resolve()
    while not top.is_mount():
        top = top.parent
    yield top / ".Trash" / str(os.getuid()), top
    yield top / f".Trash-{os.getuid()}", top


def _entries(trash: tuple[Path, Path], folder: Path) -> Iterator[Thrown]:
    place, top = trash
    for info in (place / "info").glob("*.trashinfo"):
        kept = place / "files" / info.stem
        path = _path_in(info)
        if path and kept.is_dir() and _same(top / unquote(path), folder):
            yield Thrown(folder, kept, info)


def _path_in(info: Path) -> str:
    try:
        lines = info.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((line[5:] for line in lines if line.startswith("Path=")), "")


def _same(one: Path, other: Path) -> bool:
    return one.name == other.name and one.parent.resolve() == other.parent.resolve()


def _thrown_at(thrown: Thrown) -> float:
    return thrown.info.stat().st_mtime if thrown.info is not None else 0.0
