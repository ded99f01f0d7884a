"""mini-ImageNet's lists: train.csv, val.csv and test.csv beside the pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from workbench.core.base.errors import DataError
from workbench.core.base.phrases import one_line, quoted
from workbench.core.base.splits import Split
from workbench.core.pictures.files import PictureSource
from workbench.core.pictures.folders import FoundClasses


def listed_classes(
    source: PictureSource, lists: Mapping[Split, PurePosixPath]
) -> FoundClasses:
    """Return the classes that a list for each split names; DataError if one is none.

    A picture is of one class, and a class in one split.
    """
    places: dict[str, list[PurePosixPath]] = {}
    for file in source.names:
        places.setdefault(file.name, []).append(file)
    files: dict[str, list[PurePosixPath]] = {}
    splits: dict[Split, list[str]] = {}
    taken: set[PurePosixPath] = set()
    for split, path in lists.items():
        listed: dict[str, list[PurePosixPath]] = {}
        try:
            for name, label in _pairs(source.read(path)):
                place = _place(PurePosixPath(name), places)
                if place in taken:
                    raise csv.Error(f"{quoted(name)} is listed twice")
                if label in files:
                    raise csv.Error(f"{quoted(label)} is in two splits")
                taken.add(place)
                listed.setdefault(label, []).append(place)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"{one_line(str(path))} in {source.path} is no such list ({error}): "
                "take Ravi and Larochelle's lists"
            ) from error
        files |= listed
        splits[split] = list(listed)
    return FoundClasses(files, splits, [])


def _place(
    name: PurePosixPath, places: Mapping[str, Sequence[PurePosixPath]]
) -> PurePosixPath:
    """Return where a listed picture is, whatever folder the list says it is in.

    One that is not there is listed as left out when it is read.
    """
    found = places.get(name.name, ())
    if len(found) > 1:
        parts = name.parts
        found = [place for place in found if place.parts[-len(parts) :] == parts]
        if len(found) != 1:
            raise csv.Error(f"{quoted(str(name))} may be one of several pictures")
    return found[0] if found else name


def _pairs(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield file and label of each row; an error if it is no such list."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    rows = csv.DictReader(text)
    if not {"filename", "label"} <= {*(rows.fieldnames or ())}:
        raise csv.Error("it does not begin with filename,label")
    for row in rows:
        if not (row["filename"] and row["label"]):
            raise csv.Error(f"line {rows.line_num:,} has no filename, or no label")
        yield row["filename"], row["label"]
