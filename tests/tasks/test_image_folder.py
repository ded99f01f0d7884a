"""Pictures of one's own: of any kind, in any language, and some that are none."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from pydantic import ValidationError

from workbench.core.base.errors import DataError
from workbench.core.base.splits import SPLITS
from workbench.core.config.run_config import RunConfig
from workbench.core.pictures import reduction
from workbench.core.pictures.datasets import DataState, data_set
from workbench.core.pictures.store import open_pictures
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train
from workbench.tasks.image_folder import ImageFolder, ImageFolderData, ImportOptions

CPU = torch.device("cpu")


def picture(mode: str = "RGB", size: tuple[int, int] = (30, 20)) -> Image.Image:
    made = Image.new("RGB", size, "white")
    ImageDraw.Draw(made).rectangle((4, 4, size[0] - 8, size[1] - 6), fill=(200, 40, 10))
    return made.convert(mode)


def folder_of(
    root: Path, classes: dict[str, int], mode: str = "RGB", ending: str = "png"
) -> Path:
    """A folder with so many pictures of each class."""
    for name, count in classes.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            picture(mode, (30 + number, 20)).save(root / name / f"{number}.{ending}")
    return root


def bring_in(tmp_path: Path, folder: Path, **options: Any) -> Any:
    chosen = ImportOptions(**{"size": 16, **options})
    return ImageFolderData().import_from(tmp_path / "data", folder, chosen)


def stored_in(tmp_path: Path, name: str = "mine") -> Any:
    stored = open_pictures(tmp_path / "data" / "pictures" / name)
    assert stored is not None
    return stored


@pytest.mark.parametrize(
    ("mode", "ending"),
    [
        ("RGB", "png"),
        ("RGB", "jpg"),
        ("L", "JPEG"),
        ("CMYK", "jpg"),
        ("RGB", "bmp"),
        ("1", "bmp"),
        ("RGB", "webp"),
        ("RGBA", "WEBP"),
        ("RGBA", "png"),
        ("LA", "png"),
        ("P", "png"),
        ("1", "png"),
        ("I;16", "png"),
    ],
)
def test_every_kind_of_picture_is_read(tmp_path: Path, mode: str, ending: str) -> None:
    folder = folder_of(
        tmp_path / "mine", {"a": 2, "b": 2}, "L" if ";" in mode else mode, ending
    )
    if mode == "I;16":
        for file in folder.rglob("*.png"):
            wide = np.asarray(picture("L"), dtype=np.uint16) * 257
            Image.fromarray(wide).save(file)
    report = bring_in(tmp_path, folder, colour="grey")
    assert report.left_out == ()
    assert report.pictures == 4
    pictures = stored_in(tmp_path).pictures
    assert pictures.shape == (4, 1, 16, 16)
    assert pictures[0, 0, 0, 0] > 200, "the paper is light"
    middle = pictures[0, 0, 7, 7]
    assert middle < 130, "the rectangle is dark"


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    for file in folder.rglob("*.png"):
        Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file)
    bring_in(tmp_path, folder)
    assert (stored_in(tmp_path).pictures == 255).all()


def test_inversion_makes_dark_ink_bright(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    bring_in(tmp_path, folder, colour="grey", name="plain")
    bring_in(tmp_path, folder, colour="grey", inverted=True, name="inverted")
    plain = stored_in(tmp_path, "plain").pictures
    np.testing.assert_array_equal(stored_in(tmp_path, "inverted").pictures, 255 - plain)


@pytest.mark.parametrize(("fit", "rows"), [("crop", 16), ("pad", 8), ("stretch", 16)])
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize(("paper", "ink"), [(250, 0), (5, 255)])
def test_pictures_that_are_not_square_are_made_so_with_their_own_background(
    tmp_path: Path, fit: str, rows: int, inverted: bool, paper: int, ink: int
) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    drawn = Image.new("L", (40, 20), paper)
    drawn.paste(ink, (18, 0, 22, 20))  # from the top to the bottom
    for file in folder.rglob("*.png"):
        drawn.save(file)
    bring_in(tmp_path, folder, colour="grey", fit=fit, inverted=inverted)
    first = stored_in(tmp_path).pictures[0, 0].astype(int)
    background = 255 - paper if inverted else paper
    assert abs(first[0, 0] - background) < 3
    assert (abs(first - background).max(1) > 100).sum() == rows


def test_padding_in_colour_takes_the_colour_of_the_edge(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    for file in folder.rglob("*.png"):
        Image.new("RGB", (40, 20), (200, 100, 50)).save(file)
    bring_in(tmp_path, folder, fit="pad")
    assert (stored_in(tmp_path).pictures[0].T == (200, 100, 50)).all()


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    lying = Image.new("L", (20, 20), 0)
    lying.paste(255, (0, 0, 10, 20))  # its left half is light
    about = Image.Exif()
    about[0x0112] = 6  # to be turned right by a quarter: the left becomes the top
    for file in folder.rglob("*.png"):
        lying.save(file.with_suffix(".jpg"), exif=about, quality=95)
        file.unlink()
    bring_in(tmp_path, folder, colour="grey")
    first = stored_in(tmp_path).pictures[0, 0]
    assert first[:6].min() > 200
    assert first[10:].max() < 60


def test_names_in_arabic_and_emoji_are_kept(tmp_path: Path) -> None:
    classes = {"قطط": 3, "🐶 كلاب": 3, "👩‍🎨": 2}
    folder = folder_of(tmp_path / "صوري 🖼️", classes)
    report = bring_in(tmp_path, folder)
    assert report.state is DataState.READY
    assert data_set("pictures/صوري 🖼️", tmp_path / "data").title == "صوري 🖼️"
    assert set(stored_in(tmp_path, "صوري 🖼️").index.names) == set(classes)


def test_unreadable_files_are_listed_and_the_rest_is_imported(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 3, "b": 3})
    (folder / "a" / "text.png").write_text("<html>")
    (folder / "a" / "empty.jpg").write_bytes(b"")
    whole = (folder / "b" / "0.png").read_bytes()
    (folder / "b" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("no picture, and not named like one")
    (folder / "loose.png").write_bytes(whole)
    report = bring_in(tmp_path, folder)
    assert report.pictures == 6
    assert [line.split()[0].strip(":") for line in report.left_out] == [
        "loose.png",
        "a/empty.jpg",
        "a/text.png",
        "b/cut.png",
    ]


def test_a_class_with_one_picture_is_left_out_with_the_reason(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 3, "lonely": 1, "b": 2, "half": 2})
    (folder / "half" / "1.png").write_text("?")
    report = bring_in(tmp_path, folder)
    assert report.classes == 2
    assert report.pictures == 5
    for name in ("lonely", "half"):
        complaint = f"class {name}: it has 1 picture that can be read"
        assert any(complaint in line for line in report.left_out)
    names = stored_in(tmp_path).index.picture_names
    assert names == ("0.png", "1.png", "2.png", "0.png", "1.png")


def nothing(folder: Path) -> Path:
    folder.mkdir()
    return folder


def only_text(folder: Path) -> Path:
    folder.mkdir()
    (folder / "read me.txt").write_text("hello")
    return folder


def one_class(folder: Path) -> Path:
    return folder_of(folder, {"only": 5})


def one_picture_each(folder: Path) -> Path:
    return folder_of(folder, {"a": 1, "b": 1})


def nowhere(folder: Path) -> Path:
    return folder


def bad_zip(folder: Path) -> Path:
    folder.with_suffix(".zip").write_bytes(b"PK\x03\x04 and nothing more")
    return folder.with_suffix(".zip")


def zip_that_leads_out(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../a/evil.png", b"")
    return path


def zip_bomb(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a/bomb.png", "w") as bomb,
    ):
        for _ in range(257):
            bomb.write(bytes(2**20))
    return path


@pytest.mark.parametrize(
    ("hostile", "message"),
    [
        (nothing, "has 0 classes that can be used: put the pictures"),
        (only_text, "has 0 classes"),
        (one_class, "has 1 classes"),
        (one_picture_each, r"has 0 classes that can be used \(class a: it has 1 pict"),
        (nowhere, "does not exist"),
        (bad_zip, "is no whole zip"),
        (zip_that_leads_out, "leads out of the zip"),
        (zip_bomb, r"bomb\.png would be 269,484,032 bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_and_the_old_set_stays(
    tmp_path: Path, hostile: Callable[[Path], Path], message: str
) -> None:
    bring_in(tmp_path, folder_of(tmp_path / "good", {"a": 2, "b": 2}), name="mine")
    with pytest.raises(DataError, match=message):
        bring_in(tmp_path, hostile(tmp_path / "bad"), name="mine")
    assert len(stored_in(tmp_path).pictures) == 4
    assert not list((tmp_path / "data").rglob("*.partial"))
    assert not list(tmp_path.rglob("evil.png"))


@pytest.mark.parametrize(
    "name", ["..", "a/b", "a\\b", ".hidden", " ", "x" * 81, "a\nb"]
)
def test_a_name_that_is_no_folder_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be the name of a data set"):
        ImportOptions(name=name)
    with pytest.raises(DataError, match="cannot be the name of a data set"):
        ImageFolderData(name).import_from(tmp_path, tmp_path)


def test_a_folder_s_whole_name_is_taken_and_a_zip_s_without_its_ending(
    tmp_path: Path,
) -> None:
    for year in (2024, 2025):
        bring_in(tmp_path, folder_of(tmp_path / f"birds.{year}", {"a": 2, "b": 2}))
    made = tmp_path / "data" / "pictures"
    assert {each.name for each in made.iterdir()} == {"birds.2024", "birds.2025"}
    assert ImageFolderData().made_by(tmp_path / "birds.zip") == "pictures/birds"


def test_sub_folders_named_train_val_and_test_are_the_splits(tmp_path: Path) -> None:
    classes = {"train/x/a": 4, "train/b": 4, "train/c": 4, "Val/d": 4, "test/e": 4}
    bring_in(tmp_path, folder_of(tmp_path / "mine", {**classes, "test/f": 4}))
    family = ImageFolder.of(tmp_path / "data", "mine").model_copy(
        update={"ways": 2, "queries": 2}
    )
    drawn = family.open(tmp_path / "data", CPU)
    by_name = {s: [drawn.bank.names[row] for row in drawn.splits[s]] for s in SPLITS}
    assert by_name == {
        "train": ["b", "c", "x/a"],
        "validation": ["d"],
        "test": ["e", "f"],
    }
    assert set(drawn.bank.group_names) == {"train", "validation", "test", "x"}
    by_ratio = family.model_copy(update={"split": "by ratio"})
    assert by_ratio.open(tmp_path / "data", CPU).split_hash != drawn.split_hash


SPLIT = {f"{split}/{split} {n}": 3 for split in SPLITS for n in range(4)}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"train/shared": 3, "test/shared": 3}, "the class shared is in train and tes"),
        ({"other/x": 3}, "other/x lies beside train, val and test"),
        ({"other": 3}, "other lies beside train, val and test"),
    ],
)
def test_own_splits_that_cannot_be_are_refused_unless_split_by_ratio(
    tmp_path: Path, more: dict[str, int], why: str
) -> None:
    folder = folder_of(tmp_path / "mine", {**SPLIT, **more})
    with pytest.raises(DataError, match=why):
        bring_in(tmp_path, folder, split="by folders")
    assert not (tmp_path / "data" / "pictures" / "mine").exists()
    report = bring_in(tmp_path, folder, split="by ratio")
    assert report.classes == 13
    assert report.pictures == 36 + sum(more.values())
    assert "split by ratio" in report.message


def test_own_splits_without_one_for_test_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"train/a": 3, "val/b": 3, "train/c": 3})
    with pytest.raises(DataError, match="there is no folder test"):
        bring_in(tmp_path, folder)


def test_a_loose_picture_does_not_undo_the_splits(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", SPLIT)
    for stray in (folder / "stray.png", folder / "train" / "stray.png"):
        picture().save(stray)
    report = bring_in(tmp_path, folder)
    assert {*report.left_out} == {
        "stray.png: it is in no sub-folder",
        "train/stray.png: it is in no sub-folder",
    }
    assert {
        split: len(n) for split, n in stored_in(tmp_path).index.splits.items()
    } == dict.fromkeys(SPLITS, 4)


@pytest.mark.skipif(sys.platform != "linux", reason="such names are Linux's alone")
def test_names_that_are_no_text_are_kept_apart(tmp_path: Path) -> None:
    classes = {os.fsdecode(name): 2 for name in (b"caf\xe9", b"caf\xe8", b"tea")}
    folder = folder_of(tmp_path / os.fsdecode(b"na\xefve"), classes)
    (folder / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xe9.png")).write_text("?")
    report = bring_in(tmp_path, folder)
    assert report.made == "pictures/na\N{REPLACEMENT CHARACTER}ve"
    assert len(report.left_out) == 1
    names = stored_in(tmp_path, report.made.rpartition("/")[2]).index.names
    assert {*names} == {r"caf\udce9", r"caf\udce8", "tea"}
    for text in (*names, *report.left_out):
        text.encode()


def test_what_is_in_no_known_format_is_listed_as_left_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "group/b": 2})
    for ending in ("gif", "tif"):
        folder_of(folder, {ending: 2}, ending=ending)
    (folder / "read me.txt").write_text("about all")
    (folder / "group" / "read me.txt").write_text("about the group")
    (folder / "a" / "read me.txt").write_text("about the class")
    (folder / "a" / "wave.GIF").write_bytes(b"GIF89a")
    assert bring_in(tmp_path, folder).left_out == (
        "class gif: no picture in a known format",
        "class tif: no picture in a known format",
        "a/read me.txt: no picture in a known format",
        "a/wave.GIF: no picture in a known format",
    )


def test_what_systems_add_is_not_listed_as_left_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (folder / "a" / name).write_bytes(b"?")
    assert bring_in(tmp_path, folder).left_out == ()


def test_the_ratio_and_the_seed_decide_the_split(tmp_path: Path) -> None:
    classes = {f"class {number}": 4 for number in range(20)}
    bring_in(tmp_path, folder_of(tmp_path / "mine", classes), colour="grey")
    settings = ImageFolder(
        dataset="mine", size=16, colour="grey", ways=2, queries=2, train_share=0.5,
        validation_share=0.2,
    )  # fmt: skip
    family = settings.open(tmp_path / "data", CPU)
    assert [len(family.splits[split]) for split in SPLITS] == [10, 4, 6]
    assert family.split_hash == settings.open(tmp_path / "data", CPU).split_hash
    other = settings.model_copy(update={"split_seed": 1}).open(tmp_path / "data", CPU)
    assert other.split_hash != family.split_hash
    episode = family.sample("train", 2, torch.Generator().manual_seed(0), (1, 2))
    assert episode.support.x.shape == (2, 2, 1, 16, 16)
    draw = family.draw("train", 1, torch.Generator().manual_seed(0), (1, 2))
    assert family.describe(draw)[0][0][0].picture.endswith(".png")


def test_the_report_counts_the_classes_of_each_split(tmp_path: Path) -> None:
    ten = folder_of(tmp_path / "ten", {str(number): 2 for number in range(10)})
    assert bring_in(tmp_path, ten).splits == ("6 / 2 / 2 classes, by ratio",)
    two = folder_of(tmp_path / "two", {"train/a": 2, "train/b": 2, "test/c": 2})
    assert bring_in(tmp_path, two).splits == (
        "2 / 0 / 1 classes, by folders: too few to train on, a task needs 2 in each "
        "split",
    )


def test_shares_that_leave_nothing_for_test_are_refused() -> None:
    with pytest.raises(ValidationError, match="leave no classes for test"):
        ImageFolder(train_share=0.8, validation_share=0.2)


def test_classes_too_small_for_the_task_are_left_out_or_named(tmp_path: Path) -> None:
    bring_in(tmp_path, folder_of(tmp_path / "mine", {"a": 9, "b": 9, "c": 9, "d": 3}))
    settings = ImageFolder(
        dataset="mine", size=16, ways=2, queries=5, train_share=0.9, validation_share=0
    )
    family = settings.open(tmp_path / "data", CPU)
    assert len(family.splits["train"]) == 3
    keeping = settings.model_copy(update={"leave_out_small": False})
    with pytest.raises(DataError, match="has only 3 pictures"):
        keeping.open(tmp_path / "data", CPU).sample(
            "train", 1, torch.Generator().manual_seed(0), (1, 5)
        )


def test_more_examples_than_any_class_has_are_named(tmp_path: Path) -> None:
    bring_in(tmp_path, folder_of(tmp_path / "mine", {"a": 6, "b": 5, "c": 4}))
    settings = ImageFolder(dataset="mine", size=16, ways=2, queries=15)
    with pytest.raises(
        DataError, match=r"1 shots \+ 15 queries = 16, but no class of mine has more "
    ):
        settings.open(tmp_path / "data", CPU)


def test_settings_that_do_not_suit_the_pictures_say_what_would(tmp_path: Path) -> None:
    bring_in(tmp_path, folder_of(tmp_path / "mine", {"a": 3, "b": 3}))
    with pytest.raises(
        DataError, match=r"imported with size 16 and colour: set task\.size"
    ):
        ImageFolder(dataset="mine", size=28).open(tmp_path / "data", CPU)
    with pytest.raises(DataError, match=r"no pictures named 'hers' .* there are: mine"):
        ImageFolder(dataset="hers").open(tmp_path / "data", CPU)


def test_a_zip_is_as_good_as_its_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 3, "b": 3})
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, f"wrapped/{file.relative_to(folder)}")
    bring_in(tmp_path, folder)
    bring_in(tmp_path, tmp_path / "zipped.zip")
    one, other = stored_in(tmp_path), stored_in(tmp_path, "zipped")
    assert one.index == other.index
    np.testing.assert_array_equal(one.pictures, other.pictures)


def test_memory_does_not_grow_with_the_number_of_pictures(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        folder = folder_of(tmp_path / f"of {count}", {"a": 2, "b": 2})
        content = (folder / "a" / "0.png").read_bytes()
        for number in range(count):
            (folder / "a" / f"more {number:05d}.png").write_bytes(content)
        tracemalloc.start()
        bring_in(tmp_path, folder, size=84)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(200), peak(1200)
    assert many - few < 1000 * 3 * 84 * 84 / 4, "it does not hold the pictures"


def test_those_imported_are_listed_each_by_its_name(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 3, "b": 3})
    bring_in(tmp_path, folder, name="one")
    bring_in(tmp_path, folder, name="two")
    names = [found.name for found in ImageFolderData.all_in(tmp_path / "data")]
    assert names == ["pictures", "pictures/one", "pictures/two"]
    report = data_set("pictures/two", tmp_path / "data").report(tmp_path / "data")
    assert report.message == "16 x 16, colour; split by ratio, 0.64 / 0.16 / 0.2"


def test_a_run_is_not_resumed_on_other_pictures_of_the_same_names(
    tmp_path: Path,
) -> None:
    data, classes = tmp_path / "data", dict.fromkeys("abcdefgh", 4)
    bring_in(tmp_path, folder_of(tmp_path / "mine", classes))
    task = ImageFolder.of(data, "mine").model_dump(mode="json")
    config = RunConfig.from_dict(
        {
            "task": {**task, "ways": 2, "shots": 1, "queries": 1, "split": "by ratio"},
            "model": {"kind": "conv4", "filters": 2},
            "algorithm": {"kind": "maml"},
            "training": {"iterations": 2, "meta_batch": 1},
            "evaluation": {"validation_tasks": 2, "tasks": 2},
        }
    )
    folder = RunFolder.create(tmp_path / "runs", config)
    with contextlib.closing(train(folder, data=data)) as events:
        next(events)
    before = stored_in(tmp_path).digest
    for file in (tmp_path / "mine").rglob("*.png"):
        picture("L", (40, 40)).save(file)
    bring_in(tmp_path, tmp_path / "mine")
    now = stored_in(tmp_path).digest
    assert now != before
    with pytest.raises(RunError, match=rf"pictures {before}, .* pictures {now}"):
        list(train(folder, data=data))


def test_odd_notes_in_a_picture_cost_that_picture_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 3, "b": 2}, ending="jpg")
    cut = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0"
    picture().save(folder / "a" / "1.jpg", exif=cut)
    report = bring_in(tmp_path, folder)
    assert report.classes == 2
    assert stored_in(tmp_path).index.counts in ((2, 2), (3, 2))
    draws = random.Random(0)
    whole = (folder / "a" / "1.jpg").read_bytes()
    for _ in range(30):
        broken = bytearray(whole)
        for _ in range(3):
            broken[draws.randrange(20, 80)] = draws.randrange(256)
        (folder / "a" / "1.jpg").write_bytes(broken)
        bring_in(tmp_path, folder)
        assert stored_in(tmp_path).index.names == ("a", "b")


def test_a_garbled_entry_of_a_packed_zip_costs_itself_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", {"a": 3, "b": 2})
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
        first = archive.infolist()[0]
    content = bytearray(path.read_bytes())
    content[first.header_offset + 30 + len(first.filename) + 20] ^= 0xFF
    path.write_bytes(content)
    bring_in(tmp_path, path)
    index = stored_in(tmp_path).index
    assert index.counts == (2, 2)
    assert first.filename in index.left_out[0]


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")
def test_a_pipe_or_a_device_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(DataError, match=f"{path} is no ordinary file"):
            bring_in(tmp_path, path)
    folder = folder_of(tmp_path / "mine", {"a": 2, "b": 2})
    os.mkfifo(folder / "a" / "9.png")
    report = bring_in(tmp_path, folder)
    assert report.classes == 2
    assert "9.png is no ordinary file" in stored_in(tmp_path).index.left_out[0]


def test_large_pictures_are_reduced_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.pictures.reduction._LARGE_PIXELS", 100)
    now, most, lock = [0], [0], threading.Lock()
    load = reduction.load

    def counted(*arguments: Any) -> Any:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return load(*arguments)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(reduction, "load", counted)
    bring_in(tmp_path, folder_of(tmp_path / "mine", {"a": 20, "b": 20}))
    assert most[0] == 1


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "RGB", "L"])
def test_a_large_picture_is_reduced_to_the_same_without_a_second_one(
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    channels: Literal[1, 3],
    fit: reduction.Fit,
) -> None:
    draw = np.random.default_rng(0)
    levels = draw.integers(0, 2**16 if mode == "I;16" else 256, (70, 40, 4))
    if mode == "I;16":
        picture = Image.fromarray(levels[..., 0].astype(np.uint16))
    else:
        picture = Image.fromarray(levels.astype(np.uint8)).convert(mode)
    if mode in ("P", "RGB"):
        picture.info["transparency"] = 3 if mode == "P" else (1, 2, 3)
    small = reduction.Reduction(12, channels, fit)
    at_once = small.apply(picture.copy())
    monkeypatch.setattr(reduction, "_LARGE_PIXELS", 100)
    monkeypatch.setattr(reduction, "_ROWS", 16)
    rows: list[int] = []
    opaque = reduction._opaque
    monkeypatch.setattr(
        reduction, "_opaque", lambda part: rows.append(part.height) or opaque(part)
    )
    np.testing.assert_array_equal(small.apply(picture.copy()), at_once)
    is_plain = mode == {1: "L", 3: "RGB"}[channels] and not picture.info
    assert is_plain or max(rows) == 16
