"""mini-ImageNet in its usual forms, made small, and in hostile ones."""

from __future__ import annotations

import io
import pathlib
import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from workbench.core.base.errors import DataError
from workbench.core.base.splits import SPLITS
from workbench.core.pictures.datasets import DataState
from workbench.core.pictures.store import open_pictures
from workbench.tasks.mini_imagenet import (
    CLASSES,
    TEST,
    VALIDATION,
    MiniImageNet,
    MiniImageNetData,
)

NAMES = {
    "train": ["n01532829", "n01558993", "n01704323"],
    "validation": VALIDATION[:2],
    "test": TEST[:2],
}
SHORT = {"train": "train", "validation": "val", "test": "test"}
EACH = 4


def pictures_of(split: str) -> np.ndarray:
    """Pictures [n, 84, 84, 3] of the classes of a split, in order."""
    rng = np.random.default_rng(SPLITS.index(split))  # type: ignore[arg-type]
    shape = (len(NAMES[split]) * EACH, 84, 84, 3)
    return rng.integers(0, 256, shape, dtype=np.uint8)


def png(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def rows_of(split: str) -> dict[str, list[int]]:
    return {
        n: list(range(EACH * i, EACH * (i + 1))) for i, n in enumerate(NAMES[split])
    }


def as_pickles(folder: Path, protocol: int = 4) -> Path:
    folder.mkdir(exist_ok=True)
    for split, short in SHORT.items():
        content = {"image_data": pictures_of(split), "class_dict": rows_of(split)}
        path = folder / f"mini-imagenet-cache-{short}.pkl"
        path.write_bytes(pickle.dumps(content, protocol))
    return folder


def as_one_of_the_pickles(folder: Path) -> Path:
    return as_pickles(folder, 2) / "mini-imagenet-cache-train.pkl"


def as_lists(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    for split, short in SHORT.items():
        lines = ["filename,label"]
        for name, rows in rows_of(split).items():
            for row in rows:
                lines.append(f"{name}{row:08d}.jpg,{name}")
                file = folder / "images" / f"{name}{row:08d}.jpg"
                file.write_bytes(png(pictures_of(split)[row]))
        (folder / f"{short}.csv").write_text("\n".join(lines))
    return folder


def as_folders_by_split(folder: Path) -> Path:
    for split, short in SHORT.items():
        for name, rows in rows_of(split).items():
            place = folder / short / name
            place.mkdir(parents=True)
            for row in rows:
                (place / f"{row:04d}.png").write_bytes(png(pictures_of(split)[row]))
    return folder


def as_folders_by_class(folder: Path) -> Path:
    as_folders_by_split(folder)
    for split in SHORT.values():
        for place in (folder / split).iterdir():
            place.rename(folder / place.name)
        (folder / split).rmdir()
    return folder


@pytest.mark.parametrize(
    "form",
    [
        as_pickles,
        as_one_of_the_pickles,
        as_lists,
        as_folders_by_split,
        as_folders_by_class,
    ],
)
def test_every_usual_form_gives_the_same_classes_pictures_and_splits(
    tmp_path: Path, form: Callable[[Path], Path]
) -> None:
    told: list[tuple[str, int, int]] = []
    report = MiniImageNetData().import_from(
        tmp_path / "data",
        form(tmp_path / "copy"),
        None,
        lambda *what: told.append(what),
    )
    assert report.state is DataState.READY
    assert (report.classes, report.pictures) == (7, 28)
    assert "3 / 2 / 2 classes of 4 pictures or more" in report.message
    assert told[-1][1] == told[-1][2]
    settings = MiniImageNet(ways=2, shots=1, queries=3)
    family = settings.open(tmp_path / "data", torch.device("cpu"))
    for split in SPLITS:
        rows = family.splits[split]
        assert [family.bank.names[row] for row in rows] == NAMES[split]
        expected = pictures_of(split).transpose(0, 3, 1, 2)
        for place, row in enumerate(rows):
            first = int(family.bank.first[row])
            found = family.bank.pictures[first : first + EACH].numpy()
            np.testing.assert_array_equal(found, expected[EACH * place :][:EACH])
    episode = family.sample("test", 2, torch.Generator().manual_seed(0), (1, 3))
    assert episode.query.x.shape == (2, 6, 3, 84, 84)


def test_validation_with_more_ways_borrows_training_classes(tmp_path: Path) -> None:
    MiniImageNetData().import_from(tmp_path / "data", as_pickles(tmp_path / "copy"))
    settings = MiniImageNet(ways=3, shots=1, queries=3)
    family = settings.open(tmp_path / "data", torch.device("cpu"))
    by_name = {s: [family.bank.names[row] for row in family.splits[s]] for s in SPLITS}
    assert by_name["validation"] == [*NAMES["validation"], NAMES["train"][0]]
    assert by_name["train"] == NAMES["train"]
    assert by_name["test"] == NAMES["test"]
    assert MiniImageNet(ways=20).limits("validation").classes == 20
    assert MiniImageNet(ways=5).limits("validation").classes == 16


def test_the_published_split_names_every_class_once() -> None:
    assert len(set(VALIDATION)) == CLASSES["validation"]
    assert len(set(TEST)) == CLASSES["test"]
    assert not {*VALIDATION} & {*TEST}


class Payload:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return pathlib.Path.touch, (self.mark,)


def hostile(folder: Path, **changes: Any) -> Path:
    """Pickles of which the one for validation is not what it should be."""
    as_pickles(folder)
    split = "validation"
    content = {"image_data": pictures_of(split), "class_dict": rows_of(split)}
    content |= {key: value for key, value in changes.items() if value is not None}
    path = folder / "mini-imagenet-cache-val.pkl"
    path.write_bytes(pickle.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_data": "x"}, "has no image_data and class_dict"),
        (
            {"image_data": np.zeros((8, 32, 32, 3), np.uint8)},
            r"not uint8 \[n, 84, 84, 3\]",
        ),
        ({"image_data": np.zeros((8, 84, 84, 3))}, "are float64"),
        ({"class_dict": {"a": [0]}}, "class a has 1 pictures among the 8"),
        ({"class_dict": {"a": [0, 8]}}, "class a has 2 pictures among the 8"),
        ({"class_dict": {"a": [-1, 0]}}, "a class needs two or more"),
        ({"class_dict": {"a": ["x", "y"]}}, "the rows of class a are no numbers"),
        ({"class_dict": {"a": [0] * 9}}, "more than the 8 pictures there are"),
        ({"class_dict": {"n01532829": [0, 1]}}, "class n01532829 is there twice"),
    ],
)
def test_a_pickle_that_is_something_else_is_refused_and_the_old_set_stays(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    data = tmp_path / "data"
    MiniImageNetData().import_from(data, as_pickles(tmp_path / "good"))
    with pytest.raises(DataError, match=message):
        MiniImageNetData().import_from(data, hostile(tmp_path / "bad", **changes))
    stored = open_pictures(data / "mini-imagenet")
    assert stored is not None
    assert len(stored.pictures) == 28
    assert not list(data.rglob("*.partial"))


def test_a_payload_is_refused_and_not_run(tmp_path: Path) -> None:
    folder = hostile(tmp_path / "bad", more=Payload(tmp_path / "run"))
    with pytest.raises(
        DataError, match=r"would use pathlib.*\.touch|would use .*getattr"
    ):
        MiniImageNetData().import_from(tmp_path / "data", folder)
    assert not (tmp_path / "run").exists()
    assert MiniImageNetData().report(tmp_path / "data").state is DataState.MISSING


def test_a_missing_pickle_is_named(tmp_path: Path) -> None:
    folder = as_pickles(tmp_path / "copy")
    (folder / "mini-imagenet-cache-val.pkl").unlink()
    with pytest.raises(DataError, match=r"mini-imagenet-cache-val\.pkl is missing"):
        MiniImageNetData().import_from(tmp_path / "data", folder)


def test_listed_files_that_are_not_there_are_left_out_by_name(tmp_path: Path) -> None:
    folder = as_lists(tmp_path / "copy")
    (folder / "images" / "n0153282900000002.jpg").unlink()
    report = MiniImageNetData().import_from(tmp_path / "data", folder)
    assert report.pictures == 27
    assert len(report.left_out) == 1
    assert "n0153282900000002.jpg" in report.left_out[0]


def test_lists_that_point_outside_read_nothing_there(tmp_path: Path) -> None:
    folder = as_lists(tmp_path / "copy")
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(pictures_of("train")[0]))
    with (folder / "train.csv").open("a") as lines:
        lines.write("\n../secret.png,n01532829")
    report = MiniImageNetData().import_from(tmp_path / "data", folder)
    assert report.pictures == 28
    assert "secret.png" in report.left_out[0]


HEAD = "filename,label\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + "x" * 200_000, "field larger"),
        ("name,class\na,b", "does not begin"),
        (HEAD + "a.jpg\n", "line 2 has no filename, or no label"),
        (HEAD + ",n01\n", "line 2 has no filename, or no label"),
        (HEAD + "a.jpg,n01\na.jpg,n02\n", "'a.jpg' is listed twice"),
        (HEAD + "a.jpg,n01532829\n", "'n01532829' is in two splits"),
        (HEAD + "a.jpg,caf\udce9\n", "can't decode"),
    ],
)
def test_lists_that_are_none_are_named(tmp_path: Path, text: str, why: str) -> None:
    folder = as_lists(tmp_path / "copy")
    content = text.encode(errors="surrogateescape")
    (folder / "val.csv").write_bytes(content)
    said = rf"^val\.csv in .* no such list .*{why}.*take Ravi"
    with pytest.raises(DataError, match=said):
        MiniImageNetData().import_from(tmp_path / "data", folder)


def test_a_list_of_any_system_s_lines_is_read(tmp_path: Path) -> None:
    folder = as_lists(tmp_path / "copy")
    for end, short in (("\r", "train"), ("\r\n", "val")):
        file = folder / f"{short}.csv"
        file.write_bytes(file.read_text().replace("\n", end).encode())
    report = MiniImageNetData().import_from(tmp_path / "data", folder)
    assert (report.classes, report.pictures) == (7, 28)


def test_pictures_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    folder = as_lists(tmp_path / "copy")
    lists = [folder / f"{short}.csv" for short in SHORT.values()]
    for file in (folder / "images").iterdir():
        inner = folder / "images" / file.name[:9]
        inner.mkdir(exist_ok=True)
        file.rename(inner / file.name[9:])
    for file in lists:
        file.write_text(re.sub(r"(?m)^(n\d{8})(\d{8})", r"\1/\2", file.read_text()))
    MiniImageNetData().import_from(tmp_path / "data", folder)
    stored = open_pictures(tmp_path / "data" / "mini-imagenet")
    assert stored is not None
    expected = [pictures_of(split) for split in SPLITS]
    whole = np.concatenate(expected).transpose(0, 3, 1, 2)
    assert np.array_equal(stored.pictures, whole)
    lists[0].write_text(HEAD + "00000000.jpg,n01532829\n")
    with pytest.raises(DataError, match=r"'00000000\.jpg' may be one of several"):
        MiniImageNetData().import_from(tmp_path / "data", folder)


def test_a_class_whose_pictures_lie_in_two_folders_is_named(tmp_path: Path) -> None:
    folder = as_folders_by_class(tmp_path / "copy")
    shutil.copytree(folder / TEST[0], folder / "more" / TEST[0])
    with pytest.raises(DataError, match=f"class {TEST[0]} is there twice"):
        MiniImageNetData().import_from(tmp_path / "data", folder)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(3):
            file = tmp_path / "pets" / name / f"{number}.png"
            file.write_bytes(png(pictures_of("test")[number]))
    with pytest.raises(DataError, match="in none of its usual forms"):
        MiniImageNetData().import_from(tmp_path / "data", tmp_path / "pets")


def test_a_list_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "n0153282900000005.jpg").write_bytes(b"")
    for short in ("train", "test"):
        (tmp_path / f"{short}.csv").write_text("filename,label\n")
    with pytest.raises(DataError, match=r"^val\.csv missing in .* all three lists"):
        MiniImageNetData().import_from(tmp_path / "data", tmp_path)


def test_opening_what_is_not_here_says_what_to_import(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not in .* a folder that holds mini-imagenet"):
        MiniImageNet().open(tmp_path, torch.device("cpu"))
