"""A folder of pictures, one sub-folder per class, made into one array.

Files that are no pictures are listed and left out. Pictures are read a few at a time,
so that memory does not grow with their number.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from workbench.core.base.cancelling import CancelFlag, Progress, stop_if
from workbench.core.base.errors import DataError
from workbench.core.base.phrases import one_line
from workbench.core.base.splits import SPLITS, Split
from workbench.core.pictures.files import PICTURE_ENDINGS, PictureSource, ReadLimits
from workbench.core.pictures.reduction import Reducer, Reduction
from workbench.core.pictures.store import PictureIndex, Pictures, StoredPictures
from workbench.core.pictures.writer import PictureWriter

LIMITS = ReadLimits(entry_bytes=256 * 2**20, total_bytes=2**40)
_AT_ONCE = 64
_MOST_SIGNS = 500
LEAST_PICTURES = 2
_UNKNOWN = "no picture in a known format"
_SPLIT_FOLDERS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}


class FoundClasses(NamedTuple):
    """The files of each class, and the classes of each split where folders say so.

    ``loose`` are pictures that lie in no sub-folder, ``unknown`` the sub-folders with
    files of which none is a picture in a known format, ``strays`` what else lies among
    the pictures of a class. ``unsplit`` says why folders named train, val and test are
    no splits. ``split_choice`` is kept with the pictures, as the splits that their task
    begins with.
    """

    files: dict[str, list[PurePosixPath]]
    splits: dict[Split, list[str]]
    loose: list[PurePosixPath]
    split_choice: Mapping[str, Any] = MappingProxyType({})
    unknown: tuple[str, ...] = ()
    strays: tuple[PurePosixPath, ...] = ()
    unsplit: str = ""


def find_classes(source: PictureSource) -> FoundClasses:
    """Return the classes of a folder: every sub-folder that holds pictures.

    Sub-folders named train, val and test at the top are splits. If a class is in more
    than one of them its pictures are put together and there are no splits: in few-shot
    learning no class may be in two. Nor are there if another folder lies beside them.
    """
    paths = [n for n in source.names if n.suffix.lower() in PICTURE_ENDINGS]
    depth = _wrapping(paths)
    has_splits = _has_splits([path.parts[depth:] for path in paths])
    files: dict[str, list[PurePosixPath]] = {}
    splits_of: dict[str, set[Split | None]] = {}
    others: dict[str, list[PurePosixPath]] = {}
    for path in source.names:
        folders, split = _class_of(path.parts[depth:-1], has_splits)
        name = _as_text(folders)
        if path.suffix.lower() not in PICTURE_ENDINGS:
            others.setdefault(name, []).append(path)
            continue
        files.setdefault(name, []).append(path)
        splits_of.setdefault(name, set()).add(split)
    loose = files.pop("", [])
    splits_of.pop("", None)
    unsplit = _why_unsplit(splits_of) if has_splits else ""
    splits: dict[Split, list[str]] = {}
    for name, found in splits_of.items():
        for split in found:
            if split is not None and not unsplit:
                splits.setdefault(split, []).append(name)
    held = {
        str(above)
        for name in files
        for above in (PurePosixPath(name), *PurePosixPath(name).parents)
    }
    unknown = tuple(name for name in others if name and name not in held)
    strays = tuple(path for name in others if name in files for path in others[name])
    return FoundClasses(
        files, splits, loose, unknown=unknown, strays=strays, unsplit=unsplit
    )


def keep(
    folder: Path,
    source: PictureSource,
    found: FoundClasses,
    reduction: Reduction,
    progress: Progress,
    cancel: CancelFlag | None,
) -> StoredPictures:
    """Reduce every picture and keep them in ``folder``; DataError if there are none."""
    shape = (reduction.channels, reduction.size, reduction.size)
    workers = max(1, min(4, os.cpu_count() or 1))
    kept: dict[str, list[str]] = {}
    left_out = [f"{name}: it is in no sub-folder" for name in found.loose]
    left_out += [f"class {name}: {_UNKNOWN}" for name in found.unknown]
    left_out += [f"{name}: {_UNKNOWN}" for name in found.strays]
    total, done = sum(map(len, found.files.values())), 0
    with (
        PictureWriter(folder, shape) as writer,
        ThreadPoolExecutor(1) as alone,
        ThreadPoolExecutor(workers) as pool,
    ):
        reducer = Reducer(source, reduction, alone)
        for name, files in found.files.items():
            readable = _Readable(name, [], [], [])
            for start in range(0, len(files), _AT_ONCE):
                stop_if(cancel)
                some = files[start : start + _AT_ONCE]
                results = pool.map(reducer.reduced, some)
                readable.add(some, results)
                readable.write(writer)
                done += len(some)
                progress("Reading pictures", done, total)
            if readable.names:
                kept[name] = readable.names
            left_out += readable.complaints()
        _check_enough(source.path, kept, left_out)
        return writer.finish(_index(shape, found, kept, left_out))


class _Readable(NamedTuple):
    """The pictures of one class: those ``waiting`` are not written yet."""

    class_name: str
    names: list[str]
    waiting: list[tuple[str, Pictures]]
    unreadable: list[str]

    def add(
        self, files: list[PurePosixPath], results: Iterable[Pictures | str]
    ) -> None:
        for file, result in zip(files, results, strict=True):
            if isinstance(result, str):
                self.unreadable.append(result)
            else:
                self.waiting.append((_as_text(file.name), result))

    def write(self, writer: PictureWriter) -> None:
        """Write those waiting, unless the class would stay too small to be used."""
        if self.waiting and len(self.names) + len(self.waiting) >= LEAST_PICTURES:
            writer.append(np.stack([picture for _, picture in self.waiting]))
            self.names.extend(name for name, _ in self.waiting)
            self.waiting.clear()

    def complaints(self) -> list[str]:
        if not self.waiting and self.names:
            return self.unreadable
        return [
            *self.unreadable,
            f"class {self.class_name}: it has {len(self.waiting) or 'no'} "
            f"picture{'s' * (not self.waiting)} that can be read, and needs "
            f"{LEAST_PICTURES}: one to learn from, one to be judged on",
        ]


def _wrapping(paths: list[PurePosixPath]) -> int:
    """Return how many folders hold everything else, as a zip's single top folder."""
    depth = 0
    while paths and all(len(path.parts) > depth + 2 for path in paths):
        if len({path.parts[depth] for path in paths}) > 1:
            break
        depth += 1
    return depth


def _has_splits(paths: list[tuple[str, ...]]) -> bool:
    """Return whether two or more folders of classes are named as splits are."""
    tops = {_SPLIT_FOLDERS.get(path[0].lower()) for path in paths if len(path) > 2}
    return len(tops - {None}) > 1


def _class_of(folders: tuple[str, ...], has_splits: bool) -> tuple[str, Split | None]:
    """Return the class that files in these folders are of, and its split if any."""
    split = None
    if has_splits and folders:
        split = _SPLIT_FOLDERS.get(folders[0].lower())
    return "/".join(folders if split is None else folders[1:]), split


def _as_text(name: str) -> str:
    """Return a name whose bytes are no text, as some old zips have, with their codes.

    Two that differ stay two.
    """
    return name.encode(errors="backslashreplace").decode()


def _as_line(text: str) -> str:
    """Return a text as one line, whatever the names in it are."""
    signs = _as_text(text[:_MOST_SIGNS])
    line = "".join(sign if sign.isprintable() else "�" for sign in signs)
    return f"{line}…" if len(text) > _MOST_SIGNS else line


def _why_unsplit(splits_of: Mapping[str, set[Split | None]]) -> str:
    """Return why folders named as splits are none; empty if they are."""
    for name, found in splits_of.items():
        if None in found:
            return f"{one_line(name)} lies beside train, val and test"
        if len(found) > 1:
            where = " and ".join(split for split in SPLITS if split in found)
            return f"the class {one_line(name)} is in {where}, and may be in one only"
    there = set().union(*splits_of.values())
    missing = [split for split in ("train", "test") if split not in there]
    return f"there is no folder {missing[0]}" if missing else ""


def _check_enough(path: Path, kept: Mapping[str, object], left_out: list[str]) -> None:
    if len(kept) < 2:
        reason = f" ({_as_line(left_out[0])})" if left_out else ""
        raise DataError(
            f"{path} has {len(kept)} classes that can be used{reason}: put the "
            "pictures of each class (PNG, JPEG, BMP or WebP) in a sub-folder of its own"
        )


def _index(
    shape: tuple[int, int, int],
    found: FoundClasses,
    kept: Mapping[str, list[str]],
    left_out: list[str],
) -> PictureIndex:
    split_of = {name: split for split, names in found.splits.items() for name in names}
    groups = [
        "/".join(name.split("/")[:-1]) or split_of.get(name, "all") for name in kept
    ]
    group_names = list(dict.fromkeys(groups))
    return PictureIndex(
        shape=shape,
        names=tuple(kept),
        counts=tuple(map(len, kept.values())),
        groups=tuple(map(group_names.index, groups)),
        group_names=tuple(group_names),
        splits={
            split: tuple(name for name in names if name in kept)
            for split, names in found.splits.items()
        },
        picture_names=tuple(name for names in kept.values() for name in names),
        left_out=tuple(map(_as_line, left_out)),
        split_choice=dict(found.split_choice),
    )
