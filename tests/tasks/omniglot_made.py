"""Stand-ins for Omniglot's zips: the same form, and few distinct drawings."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image, ImageDraw

from workbench.tasks.omniglot_archive import HALVES

FEW: dict[str, dict[str, int]] = {
    "images_background": {"Alphabet_of_the_Magi": 3, "Greek": 8},
    "images_evaluation": {"Angelic": 4, "Tibetan": 2},
}
"""Alphabets of a few characters, for tests to put in the place of all."""

Change = Callable[[str, bytes], "dict[str, bytes]"]


@functools.cache
def drawing(seed: int, side: int = 105) -> bytes:
    """A picture like Omniglot's: 1-bit PNG, ink dark."""
    picture = Image.new("1", (side, side), 1)
    left = 10 + seed % 60
    ImageDraw.Draw(picture).line((left, 12, left + 25, 80), fill=0, width=3)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def half(title: str) -> dict[str, bytes]:
    """Every file of a half, by its name in the zip."""
    first = 1 if title == "images_background" else 965
    files, number = {}, first
    for alphabet, characters in HALVES[title].items():
        for character in range(1, characters + 1):
            for drawer in range(1, 21):
                name = (
                    f"{alphabet}/character{character:02d}/{number:04d}_{drawer:02d}.png"
                )
                files[f"{title}/{name}"] = drawing(number % 7 + drawer)
            number += 1
    return files


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files into a zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files below a folder."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


def write_both(folder: Path) -> Path:
    """Write both zips into a folder."""
    for title in HALVES:
        write_zip(folder / f"{title}.zip", half(title))
    return folder
