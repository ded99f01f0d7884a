"""Omniglot as it is published: recognised by its structure, and made small."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from workbench.core.base.cancelling import CancelFlag, Progress, stop_if
from workbench.core.base.errors import DataError
from workbench.core.pictures.files import (
    PictureSource,
    ReadLimits,
    decode,
    open_source,
)
from workbench.core.pictures.store import (
    PictureIndex,
    Pictures,
    StoredPictures,
    open_pictures,
)
from workbench.core.pictures.writer import PictureWriter

BACKGROUND = {
    "Alphabet_of_the_Magi": 20,
    "Anglo-Saxon_Futhorc": 29,
    "Arcadian": 26,
    "Armenian": 41,
    "Asomtavruli_(Georgian)": 40,
    "Balinese": 24,
    "Bengali": 46,
    "Blackfoot_(Canadian_Aboriginal_Syllabics)": 14,
    "Braille": 26,
    "Burmese_(Myanmar)": 34,
    "Cyrillic": 33,
    "Early_Aramaic": 22,
    "Futurama": 26,
    "Grantha": 43,
    "Greek": 24,
    "Gujarati": 48,
    "Hebrew": 22,
    "Inuktitut_(Canadian_Aboriginal_Syllabics)": 16,
    "Japanese_(hiragana)": 52,
    "Japanese_(katakana)": 47,
    "Korean": 40,
    "Latin": 26,
    "Malay_(Jawi_-_Arabic)": 40,
    "Mkhedruli_(Georgian)": 41,
    "N_Ko": 33,
    "Ojibwe_(Canadian_Aboriginal_Syllabics)": 14,
    "Sanskrit": 42,
    "Syriac_(Estrangelo)": 23,
    "Tagalog": 17,
    "Tifinagh": 55,
}
"""Characters of each alphabet in Lake's background set: 964 in all."""

EVALUATION = {
    "Angelic": 20,
    "Atemayar_Qelisayer": 26,
    "Atlantean": 26,
    "Aurek-Besh": 26,
    "Avesta": 26,
    "Ge_ez": 26,
    "Glagolitic": 45,
    "Gurmukhi": 45,
    "Kannada": 41,
    "Keble": 26,
    "Malayalam": 47,
    "Manipuri": 40,
    "Mongolian": 30,
    "Old_Church_Slavonic_(Cyrillic)": 45,
    "Oriya": 46,
    "Sylheti": 28,
    "Syriac_(Serto)": 23,
    "Tengwar": 25,
    "Tibetan": 42,
    "ULOG": 26,
}
"""Characters of each alphabet in Lake's evaluation set: 659 in all."""

HALVES: dict[str, dict[str, int]] = {
    "images_background": BACKGROUND,
    "images_evaluation": EVALUATION,
}
"""What is published together, by the name of its zip and of the folder inside."""

DRAWERS = 20
SIDE = 28
_PUBLISHED_SIDE = 105
_LIMITS = ReadLimits(entry_bytes=64 * 2**20, total_bytes=512 * 2**20, entries=200_000)
_CHARACTER = re.compile(r"character(\d\d)")
_DRAWING = re.compile(r"\d{4}_(\d\d)\.png")
_EXPECTED = "ALPHABET/characterNN/NNNN_NN.png"


class Half(NamedTuple):
    """The files of a half that is complete, by class and then by drawer."""

    source: PictureSource
    files: dict[str, list[PurePosixPath]]


def class_names(alphabets: Mapping[str, int]) -> tuple[str, ...]:
    """Return the classes of the alphabets, like ``Greek/character07``."""
    return tuple(
        f"{alphabet}/character{number:02d}"
        for alphabet, characters in alphabets.items()
        for number in range(1, characters + 1)
    )


def find_halves(path: Path, open_until: contextlib.ExitStack) -> dict[str, Half]:
    """Return the halves found in a zip, a folder of zips or an unpacked folder.

    DataError says what is missing where there is something, but not all of it.
    """
    named = _named_as_published(path)
    found: dict[str, Half] = {}
    complaints: list[DataError] = []
    for candidate in named or _others(path):
        try:
            source = open_source(candidate, _LIMITS)
            found = {**_survey(open_until.enter_context(source)), **found}
        except DataError as error:
            if named:
                raise
            complaints.append(error)
    if not found:
        raise complaints[0] if complaints else _nothing(path)
    return found


def build(
    folder: Path | None,
    halves: Mapping[str, Half],
    progress: Progress,
    cancel: CancelFlag | None,
    side: int = SIDE,
) -> StoredPictures:
    """Keep the halves, and what there is of the other one, as one array."""
    total = sum(len(half.files) for half in halves.values())
    done, names = 0, list[str]()
    with PictureWriter(folder, (1, side, side)) as writer:
        old = readable(folder)
        for title, alphabets in HALVES.items():
            classes = class_names(alphabets)
            if title in halves:
                half = halves[title]
                for name in classes:
                    stop_if(cancel)
                    writer.append(_drawings(half.source, half.files[name], side))
                    done += 1
                    progress("Making Omniglot small", done, total)
            elif old is not None and set(classes) <= set(old.index.names):
                first = old.index.firsts[old.index.names.index(classes[0])]
                writer.append(old.pictures[first : first + DRAWERS * len(classes)])
            else:
                continue
            names += classes
        return writer.finish(_index(names, side))


def readable(folder: Path | None) -> StoredPictures | None:
    """Return the pictures kept in a folder; None if missing or damaged."""
    if folder is None:
        return None
    with contextlib.suppress(DataError):
        return open_pictures(folder)
    return None


def _index(names: list[str], side: int) -> PictureIndex:
    alphabets = list(dict.fromkeys(name.partition("/")[0] for name in names))
    return PictureIndex(
        shape=(1, side, side),
        names=tuple(names),
        counts=(DRAWERS,) * len(names),
        groups=tuple(alphabets.index(name.partition("/")[0]) for name in names),
        group_names=tuple(alphabets),
    )


def _named_as_published(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    places = [
        folder / f"{half}{ending}"
        for half in HALVES
        for folder in (path, path / "python")
        for ending in (".zip", "")
    ]
    found: dict[str, Path] = {}
    for place in places:
        if place.exists():
            found.setdefault(place.stem, place)
    return list(found.values())


def _others(path: Path) -> list[Path]:
    return [*sorted(path.glob("*.zip")), path] if path.is_dir() else [path]


def _survey(source: PictureSource) -> dict[str, Half]:
    """Return the halves that are complete; DataError where one is not."""
    files: dict[str, dict[int, PurePosixPath]] = {}
    known = {alphabet for alphabets in HALVES.values() for alphabet in alphabets}
    for name in source.names:
        *_, alphabet, character, drawing = ("", "", *name.parts)
        number, drawer = _CHARACTER.fullmatch(character), _DRAWING.fullmatch(drawing)
        if alphabet in known and number and drawer:
            files.setdefault(f"{alphabet}/{character}", {})[int(drawer[1])] = name
    halves = {}
    for title, alphabets in HALVES.items():
        classes = class_names(alphabets)
        if any(name in files for name in classes):
            _check_complete(source.path, title, classes, files)
            halves[title] = Half(
                source,
                {
                    name: [files[name][d + 1] for d in range(DRAWERS)]
                    for name in classes
                },
            )
    if not halves:
        raise _nothing(source.path)
    return halves


def _check_complete(
    path: Path,
    title: str,
    classes: Iterable[str],
    files: Mapping[str, Mapping[int, PurePosixPath]],
) -> None:
    alphabets = {name.partition("/")[0] for name in classes}
    here = {name.partition("/")[0] for name in files} & alphabets
    if here != alphabets:
        raise DataError(
            f"{path} has {len(here)} of the {len(alphabets)} alphabets of {title}; "
            f"{min(alphabets - here)} is missing: import the whole {title}.zip"
        )
    for name in classes:
        drawers = set(files.get(name, ()))
        if drawers != set(range(1, DRAWERS + 1)):
            raise DataError(
                f"{path} has {len(drawers)} drawings of {name}, not {DRAWERS} from 01 "
                f"to {DRAWERS}: import the whole {title}.zip"
            )


def _nothing(path: Path) -> DataError:
    return DataError(
        f"{path} holds nothing of Omniglot: expected images_background.zip and "
        f"images_evaluation.zip, or the files in them, {_EXPECTED}"
    )


def _drawings(
    source: PictureSource, names: Iterable[PurePosixPath], side: int
) -> Pictures:
    """Return the drawings as [n, 1, side, side] with ink 255."""
    from PIL import Image

    small = []
    for name in names:
        where = f"{name} in {source.path}"
        drawing = decode(source.read(name), where, most_pixels=1_000_000)
        if drawing.size != (_PUBLISHED_SIDE, _PUBLISHED_SIDE):
            raise DataError(
                f"{where} is {drawing.width} x {drawing.height}, not "
                f"{_PUBLISHED_SIDE} x {_PUBLISHED_SIDE}: import Omniglot as published"
            )
        grey = drawing.convert("L").resize((side, side), Image.Resampling.LANCZOS)
        small.append(255 - np.asarray(grey))
    return np.stack(small)[:, None]
