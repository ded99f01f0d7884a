"""Sketched alphabets: sessions kept in the data folder, one file a drawer.

    DATA/sketches/ALPHABET/DRAWER.json

Every file is a sketch session. Characters of one name are one class, whoever drew them;
queries that were judged are drawings of what they turned out to be.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workbench.core.base.errors import DataError
from workbench.core.drawing.strokes import REDUCED_SIZE, Picture
from workbench.core.pictures.class_list import ClassList
from workbench.core.pictures.store import PictureIndex, StoredPictures
from workbench.core.sketch.pictures import ink, png, seen
from workbench.core.sketch.session import (
    Drawing,
    Sketch,
    file_name,
    load,
    save,
)

FOLDER = "sketches"


def drawings_of(sketch: Sketch) -> dict[str, list[Drawing]]:
    """Return every drawing of every class, judged queries among them."""
    drawn = {each.name: list(each.drawn) for each in sketch.classes if each.drawn}
    for answer in sketch.answers:
        of_it = drawn.get(answer.right)
        # What was added to its class is there already.
        if of_it and not answer.drawing.is_empty and answer.drawing not in of_it:
            of_it.append(answer.drawing)
    return drawn


def keep_alphabet(sketch: Sketch, data: Path, alphabet: str, drawer: str) -> Path:
    """Keep a session as one drawer's part of an alphabet; return its file."""
    if not drawings_of(sketch):
        raise DataError("There is nothing drawn yet: draw at least one character.")
    folder = data / FOLDER / file_name(alphabet)
    path = folder / f"{file_name(drawer)}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"Cannot write to {folder}: {error.strerror}.") from error
    save(sketch.changed(drawer=drawer[:60]), path)
    return path


def alphabet_files(data: Path) -> dict[str, list[Path]]:
    """Return the files of every alphabet that is kept, by its name."""
    found: dict[str, list[Path]] = {}
    for path in sorted((data / FOLDER).glob("*/*.json")):
        found.setdefault(path.parent.name, []).append(path)
    return found


def sketched_pictures(data: Path) -> StoredPictures:
    """Return all that was sketched as pictures in memory; DataError if nothing was."""
    names: list[str] = []
    counts: list[int] = []
    groups: list[int] = []
    titles: list[str] = []
    left_out: list[str] = []
    pictures: list[Picture] = []
    alphabets = alphabet_files(data)
    for group, (alphabet, files) in enumerate(alphabets.items()):
        for name, drawn in _drawings(files, left_out).items():
            names.append(f"{alphabet}/{name}")
            counts.append(len(drawn))
            groups.append(group)
            titles += [title for title, _, _ in drawn]
            pictures += [seen(drawing, fit) for _, drawing, fit in drawn]
    if not names:
        raise DataError(
            "No alphabet has been sketched yet: draw one in the Sketch tab and export "
            "it, or import a saved sketch session."
        )
    shape = (1, REDUCED_SIZE, REDUCED_SIZE)
    index = PictureIndex(
        shape,
        tuple(names),
        tuple(counts),
        tuple(groups),
        tuple(alphabets),
        picture_names=tuple(titles),
        left_out=tuple(left_out),
    )
    return StoredPictures(index, np.stack(pictures)[:, None])


def sketched_classes(data: Path) -> ClassList | None:
    """Return the characters sketched; files are read only where they are others."""
    stamps = []
    for paths in alphabet_files(data).values():
        for path in paths:
            about = path.stat()
            stamps.append((path, about.st_mtime_ns, about.st_size))
    return _classes_at(data, tuple(stamps)) if stamps else None


@functools.lru_cache(maxsize=4)
def _classes_at(data: Path, _stamps: object) -> ClassList:
    counts: dict[str, int] = {}
    groups: list[int] = []
    for group, (alphabet, files) in enumerate(alphabet_files(data).items()):
        found = _drawings(files, [])
        counts |= {f"{alphabet}/{name}": len(drawn) for name, drawn in found.items()}
        groups += [group] * len(found)
    return ClassList(tuple(counts), tuple(counts.values()), tuple(groups), {})


def write_pictures(sketch: Sketch, folder: Path) -> int:
    """Write every drawing as a PNG of 105 x 105; return how many there are."""
    count = 0
    try:
        for name, drawn in drawings_of(sketch).items():
            place = folder / file_name(name)
            place.mkdir(parents=True, exist_ok=True)
            for number, drawing in enumerate(drawn, 1):
                picture = ink(drawing, sketch.fit)
                (place / f"{number:02d}.png").write_bytes(png(picture))
                count += 1
    except OSError as error:
        raise DataError(f"Cannot write to {folder}: {error.strerror}.") from error
    if not count:
        raise DataError("There is nothing drawn yet to export.")
    return count


class _Drawn(NamedTuple):
    """A drawing, what to call it, and how it is fitted into a picture."""

    title: str
    drawing: Drawing
    fit: bool


def _drawings(files: list[Path], left_out: list[str]) -> dict[str, list[_Drawn]]:
    """Return each character's drawings over all drawers."""
    found: dict[str, list[_Drawn]] = {}
    for path in files:
        try:
            sketch = load(path)
        except DataError as error:
            left_out.append(str(error))
            continue
        for name, drawn in drawings_of(sketch).items():
            found.setdefault(name, []).extend(
                _Drawn(f"{path.stem} {number}", drawing, sketch.fit)
                for number, drawing in enumerate(drawn, 1)
            )
    return found
