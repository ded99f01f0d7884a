"""Omniglot: its splits, its import in every form, and what hostile files come to."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import re
import shutil
import threading
import zipfile
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tasks import omniglot_made as made
from workbench.cli._wording import told_of
from workbench.core.base.cancelling import Cancelled
from workbench.core.base.errors import DataError
from workbench.core.base.splits import Split
from workbench.core.pictures.class_bank import split_hash
from workbench.core.pictures.datasets import DataState
from workbench.core.pictures.downloads import RemoteFile
from workbench.core.pictures.image_family import ImageFamily
from workbench.core.pictures.store import PictureIndex, open_pictures, read_index
from workbench.core.pictures.writer import PictureWriter
from workbench.tasks import omniglot
from workbench.tasks.omniglot import (
    Omniglot,
    OmniglotData,
    omniglot_pictures,
    published_zips,
    split_classes,
)
from workbench.tasks.omniglot_archive import BACKGROUND, EVALUATION, HALVES, class_names

ALL = class_names({**BACKGROUND, **EVALUATION})
CPU = torch.device("cpu")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Omniglot have a few characters only, so that making it takes no time."""
    for title, alphabets in made.FEW.items():
        monkeypatch.setitem(HALVES, title, alphabets)


@pytest.fixture
def zips(few: None, tmp_path: Path) -> Path:
    return made.write_both(tmp_path / "zips")


@pytest.fixture
def imported(zips: Path, tmp_path: Path) -> Path:
    OmniglotData().import_from(tmp_path / "imported", zips)
    return tmp_path / "imported"


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with every class of Omniglot, and noise for pictures."""
    data = tmp_path_factory.mktemp("whole")
    alphabets = list(dict.fromkeys(name.partition("/")[0] for name in ALL))
    groups = tuple(alphabets.index(name.partition("/")[0]) for name in ALL)
    counts = (20,) * len(ALL)
    index = PictureIndex((1, 28, 28), ALL, counts, groups, tuple(alphabets))
    with PictureWriter(data / "omniglot", index.shape) as writer:
        shape = (index.total, *index.shape)
        writer.append(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
        writer.finish(index)
    return data


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("split", "sizes"),
    [
        ("lake", (813, 151, 659)),
        ("vinyals", (1100, 100, 423)),
        ("minimal-1", (110, 26, 659)),
        ("minimal-2", (130, 26, 659)),
    ],
)
def test_a_split_has_its_published_sizes_and_no_class_twice(
    split: str, sizes: tuple[int, int, int]
) -> None:
    classes = split_classes(split)
    assert tuple(len(names) for names in classes.values()) == sizes
    every = [name for names in classes.values() for name in names]
    assert len(set(every)) == len(every)
    assert set(every) <= set(ALL)


def test_the_whole_background_is_trained_on_and_nothing_of_the_evaluation() -> None:
    lake, whole = split_classes("lake"), split_classes("lake-whole")
    assert {*whole["train"]} == {*lake["train"], *lake["validation"]}
    assert (whole["validation"], whole["test"]) == (lake["validation"], lake["test"])


def test_there_are_as_many_characters_as_published() -> None:
    assert len(class_names(BACKGROUND)) == 964
    assert len(class_names(EVALUATION)) == 659


def test_the_random_split_is_decided_by_its_seed() -> None:
    assert split_classes("vinyals", 3) == split_classes("vinyals", 3)
    assert split_classes("vinyals", 3) != split_classes("vinyals", 4)


def test_the_split_hashes_stay_what_they_are() -> None:
    hashes = {
        split: split_hash(split_classes(split))[:12]
        for split in ("lake", "lake-whole", "vinyals", "minimal-1", "minimal-2")
    }
    assert hashes == {
        "lake": "0dd78fa0e684",
        "lake-whole": "6a5bf092ccac",
        "vinyals": "e368ec9c2bc8",
        "minimal-1": "fc75d8b84792",
        "minimal-2": "d6deacc7aa87",
    }


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize(
    "name", ["lake", "lake-whole", "vinyals", "minimal-1", "minimal-2"]
)
@pytest.mark.parametrize("rotation", ["drawn", "classes"])
@pytest.mark.parametrize("within", [True, False])
def test_the_limits_known_without_the_data_are_those_of_the_family(
    whole: Path, split: Split, name: Any, rotation: Any, within: bool
) -> None:
    settings = Omniglot(split=name, rotation=rotation, within_alphabet=within)
    most = settings.limits(split)
    family = settings.open(whole, CPU)

    def with_ways(ways: int) -> ImageFamily:
        asked = settings.model_copy(update={"ways": ways})
        return ImageFamily(family.bank, family.splits, asked)

    widest = with_ways(most.classes)
    episode = widest.sample(split, 1, seeded(), (1, most.examples - 1))
    assert len(episode.support.y[0]) == most.classes
    with pytest.raises(DataError, match="split has"):
        with_ways(most.classes + 1).sample(split, 1, seeded(), (1, 1))
    with pytest.raises(DataError, match="has only 20 pictures"):
        widest.sample(split, 1, seeded(), (1, most.examples))


def test_an_episode_is_of_the_split_and_can_be_told_in_words(whole: Path) -> None:
    family = Omniglot(split="lake").open(whole, CPU)
    draw = family.draw("validation", 8, seeded(), (1, 3))
    for task in family.describe(draw):
        for way in task:
            for drawing in way:
                assert drawing.class_name in split_classes("lake")["validation"]
                assert 1 <= int(drawing.picture) <= 20
                assert drawing.degrees in (0, 90, 180, 270)
    assert family.split_hash == split_hash(split_classes("lake"))
    assert family.gather(draw, 1).support.x.shape == (8, 5, 1, 28, 28)


def as_folder_of_zips(folder: Path) -> list[Path]:
    return [made.write_both(folder)]


def as_zips_one_after_the_other(folder: Path) -> list[Path]:
    made.write_both(folder)
    return [folder / "images_evaluation.zip", folder / "images_background.zip"]


def as_unpacked_folder(folder: Path) -> list[Path]:
    for title in HALVES:
        made.write_folder(folder, made.half(title))
    return [folder]


def as_unpacked_repository(folder: Path) -> list[Path]:
    made.write_zip(
        folder / "python" / "images_background.zip", made.half("images_background")
    )
    made.write_folder(folder / "python", made.half("images_evaluation"))
    (folder / "README.md").write_text("Omniglot")
    return [folder]


def as_one_zip_with_other_folders(folder: Path) -> list[Path]:
    both = {**made.half("images_background"), **made.half("images_evaluation")}
    junk = {"__MACOSX/images_background/Greek/._x.png": b"?", "notes.txt": b"hello"}
    files = {f"my copy/{name}": content for name, content in both.items()}
    return [made.write_zip(folder / "mine 🖋.zip", {**files, **junk})]


@pytest.mark.parametrize(
    "form",
    [
        as_folder_of_zips,
        as_zips_one_after_the_other,
        as_unpacked_folder,
        as_unpacked_repository,
        as_one_zip_with_other_folders,
    ],
)
def test_every_form_of_a_local_copy_gives_the_same_array(
    imported: Path, tmp_path: Path, form: Callable[[Path], list[Path]]
) -> None:
    data = tmp_path / "data"
    copies = form(tmp_path / "copy")
    for path in copies:
        report = OmniglotData().import_from(data, path)
        if path is not copies[-1]:
            assert report.state is DataState.PARTLY
            assert "images_background.zip is missing" in report.message
    assert report.state is DataState.READY
    assert (report.classes, report.pictures, report.groups) == (17, 340, 4)
    expected, found = (
        open_pictures(imported / "omniglot"),
        open_pictures(data / "omniglot"),
    )
    assert expected is not None
    assert found is not None
    assert found.index == expected.index
    np.testing.assert_array_equal(found.pictures, expected.pictures)


def test_pictures_are_reduced_as_published_with_ink_255(imported: Path) -> None:
    stored = omniglot_pictures(imported)
    row = stored.index.names.index("Greek/character07")
    number = row + 1
    picture = Image.open(io.BytesIO(made.drawing(number % 7 + 3))).convert("L")
    small = picture.resize((28, 28), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(stored.of_class(row)[2, 0], 255 - np.asarray(small))
    assert stored.pictures.max() > 150
    assert np.median(stored.pictures) == 0


@pytest.mark.parametrize("side", [48, 105])
def test_larger_pictures_are_made_of_the_zips_that_an_import_kept(
    side: int, imported: Path
) -> None:
    task = Omniglot(side=side)
    assert task.input_shape == (1, side, side)
    bank = task.bank(imported, CPU)
    row = bank.names.index("Greek/character07")
    picture = Image.open(io.BytesIO(made.drawing((row + 1) % 7 + 3))).convert("L")
    expected = picture.resize((side, side), Image.Resampling.LANCZOS)
    found = bank.pictures[int(bank.first[row]) + 2, 0].numpy()
    np.testing.assert_array_equal(found, 255 - np.asarray(expected))
    assert omniglot_pictures(imported).index.shape == (1, 28, 28)


def test_without_the_zips_larger_pictures_say_what_they_are_made_of(
    imported: Path, tmp_path: Path
) -> None:
    shutil.copytree(imported, tmp_path / "data")
    for zipped in published_zips(tmp_path / "data" / "omniglot"):
        zipped.unlink()
    assert omniglot_pictures(tmp_path / "data").index.shape == (1, 28, 28)
    with pytest.raises(DataError, match=r"40 x 40 pixels are made of images_back"):
        omniglot_pictures(tmp_path / "data", side=40)


def test_zips_in_the_data_folder_are_used_without_an_import(
    zips: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(zips, data)
    assert OmniglotData().report(data).state is DataState.READY
    assert omniglot_pictures(data).folder == data / "omniglot"
    assert OmniglotData().report(data).folder == data / "omniglot"


def test_a_data_folder_that_may_not_be_written_is_left_alone(
    zips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    shutil.copytree(zips, data)
    data.chmod(0o555)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    try:
        stored = omniglot_pictures(data)
        assert stored.folder is not None
        assert stored.folder.is_relative_to(tmp_path / "cache")
        kept = stored.folder / "index.json"
        written = kept.stat().st_mtime_ns
        omniglot_pictures(data)
        assert kept.stat().st_mtime_ns == written
        (tmp_path / "closed").mkdir(mode=0o555)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "closed"))
        in_memory = omniglot_pictures(data)
        assert in_memory.folder is None
        np.testing.assert_array_equal(in_memory.pictures, stored.pictures)
        assert sorted(file.name for file in data.iterdir()) == sorted(
            f"{title}.zip" for title in HALVES
        )
        with pytest.raises(DataError, match="may not be written to"):
            OmniglotData().import_from(data, zips)
    finally:
        data.chmod(0o755)


def without(title: str, ending: str) -> dict[str, bytes]:
    return {n: c for n, c in made.half(title).items() if not n.endswith(ending)}


def replaced(ending: str, content: bytes) -> dict[str, bytes]:
    files = made.half("images_background")
    return {n: content if n.endswith(ending) else c for n, c in files.items()}


def truncated_zip(folder: Path) -> Path:
    path = made.write_zip(
        folder / "images_background.zip", made.half("images_background")
    )
    path.write_bytes(path.read_bytes()[:-5_000])
    return path


def zip_with_a_damaged_entry(folder: Path) -> Path:
    path = made.write_zip(
        folder / "images_background.zip", made.half("images_background")
    )
    content = bytearray(path.read_bytes())
    content[100:140] = bytes(40)
    path.write_bytes(content)
    return path


def zip_that_leads_out(folder: Path) -> Path:
    files = {**made.half("images_background"), "../../evil.png": made.drawing(1)}
    return made.write_zip(folder / "images_background.zip", files)


def zip_bomb(folder: Path) -> Path:
    files = {**made.half("images_background"), "bomb.png": bytes(65 * 2**20)}
    return made.write_zip(folder / "images_background.zip", files)


def zip_bomb_of_many(folder: Path) -> Path:
    return made.write_zip(
        folder / "b.zip", {f"{n}.png": bytes(60 * 2**20) for n in range(9)}
    )


def picture_that_is_none(folder: Path) -> Path:
    return made.write_zip(folder / "b.zip", replaced("0001_03.png", b"<html>not found"))


def picture_cut_short(folder: Path) -> Path:
    files = replaced("0001_03.png", made.drawing(1)[:-30])
    return made.write_zip(folder / "b.zip", files)


def huge_picture(folder: Path) -> Path:
    files = replaced("0001_03.png", made.drawing(1, side=12_000))
    return made.write_zip(folder / "b.zip", files)


def picture_of_another_size(folder: Path) -> Path:
    return made.write_zip(
        folder / "b.zip", replaced("0001_03.png", made.drawing(1, side=28))
    )


def zip_of_one_alphabet(folder: Path) -> Path:
    files = {n: c for n, c in made.half("images_background").items() if "/Greek/" in n}
    return made.write_zip(folder / "b.zip", files)


def zip_without_a_drawing(folder: Path) -> Path:
    files = without("images_background", "0001_03.png")
    return made.write_zip(folder / "b.zip", files)


def empty_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def empty_zip(folder: Path) -> Path:
    return made.write_zip(folder / "b.zip", {})


def no_zip_at_all(folder: Path) -> Path:
    folder.mkdir()
    (folder / "b.zip").write_text("<html>Sign in to the café network</html>")
    return folder / "b.zip"


def nowhere(folder: Path) -> Path:
    return folder / "nowhere"


def zip_of_pictures_in_arabic(folder: Path) -> Path:
    return made.write_zip(folder / "🖋.zip", {"حروف/ألف/1.png": made.drawing(1)})


@pytest.mark.parametrize(
    ("hostile", "message"),
    [
        (truncated_zip, r"images_background\.zip is no whole zip .*get it again"),
        (zip_with_a_damaged_entry, r"cannot be read .*get the zip again|no whole zip"),
        (zip_that_leads_out, r"'\.\./\.\./evil\.png', which leads out of the zip"),
        (zip_bomb, r"bomb\.png would be 68,157,440 bytes; at most 67,108,864"),
        (zip_bomb_of_many, r"would unpack to 566,231,040 bytes in 9 files"),
        (picture_that_is_none, r"0001_03\.png in .* is no picture"),
        (picture_cut_short, r"0001_03\.png in .* is no picture"),
        (huge_picture, r"0001_03\.png in .* (is 12000 x 12000|is no picture)"),
        (picture_of_another_size, r"0001_03\.png in .* is 28 x 28, not 105 x 105"),
        (zip_of_one_alphabet, r"1 of the 2 alphabets of images_background"),
        (zip_without_a_drawing, r"19 drawings of .*/character.., not 20"),
        (empty_folder, "holds nothing of Omniglot: expected images_background"),
        (empty_zip, "holds nothing of Omniglot"),
        (no_zip_at_all, "is no whole zip"),
        (nowhere, "nowhere does not exist"),
        (zip_of_pictures_in_arabic, "holds nothing of Omniglot"),
    ],
)
def test_what_cannot_be_imported_is_refused_and_the_old_data_set_stays(
    imported: Path,
    tmp_path: Path,
    hostile: Callable[[Path], Path],
    message: str,
) -> None:
    path = hostile(tmp_path / "hostile")
    kept = imported / "omniglot"
    before = {file: file.stat().st_mtime_ns for file in kept.glob("[!l]*")}
    with pytest.raises(DataError, match=message):
        OmniglotData().import_from(imported, path)
    assert {file: file.stat().st_mtime_ns for file in kept.glob("[!l]*")} == before
    with pytest.raises(DataError, match=message):
        OmniglotData().import_from(tmp_path / "fresh", path)
    assert read_index(tmp_path / "fresh" / "omniglot") is None
    assert not list(tmp_path.glob("fresh/**/*.p*"))
    assert not list(tmp_path.rglob("evil.png"))


def test_cancelling_an_import_leaves_nothing(zips: Path, tmp_path: Path) -> None:
    cancel = threading.Event()

    def stop_after_a_while(what: str, done: int, total: int) -> None:
        assert total == 17
        if done == 5:
            cancel.set()

    with pytest.raises(Cancelled):
        OmniglotData().import_from(tmp_path, zips, None, stop_after_a_while, cancel)
    report = OmniglotData().report(tmp_path)
    assert report.state is DataState.MISSING
    assert report.message.endswith(" are missing")
    assert not (tmp_path / "omniglot").exists()


def test_opening_what_is_not_here_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="are missing") as raised:
        Omniglot().open(tmp_path, CPU)
    said = told_of(raised.value)
    assert re.search(r"data fetch omniglot.*data import omniglot PATH", said)


def test_a_damaged_index_is_reported_not_raised(imported: Path, tmp_path: Path) -> None:
    shutil.copytree(imported, tmp_path / "data")
    kept = tmp_path / "data" / "omniglot"
    (kept / "index.json").write_text("{")
    for zipped in published_zips(kept):
        zipped.unlink()
    report = OmniglotData().report(tmp_path / "data")
    assert report.state is DataState.MISSING
    assert "is damaged" in report.message


def test_what_is_damaged_is_made_anew_where_the_zips_are_here(
    zips: Path, tmp_path: Path
) -> None:
    shutil.copytree(zips, tmp_path / "omniglot")
    index = tmp_path / "omniglot" / "index.json"
    whole = omniglot_pictures(tmp_path).index
    for damaged in ("{", 9999 * "["):
        index.write_text(damaged)
        assert OmniglotData().report(tmp_path).state is DataState.READY
        assert omniglot_pictures(tmp_path).index == whole


def test_a_failed_fetch_says_what_to_do_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = RemoteFile("images_background.zip", ("http://127.0.0.1:9/x",), "md5:0")
    monkeypatch.setattr(omniglot, "FILES", {"images_background": nowhere})
    with pytest.raises(DataError, match=r"Without a network: get ") as raised:
        OmniglotData().fetch(tmp_path)
    assert "data import omniglot PATH" in told_of(raised.value)
    assert OmniglotData().report(tmp_path).state is DataState.MISSING
    assert not list(tmp_path.iterdir())


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def test_fetching_downloads_checks_makes_small_and_tidies_up(
    zips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = functools.partial(QuietHandler, directory=str(zips))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        files = {
            half: RemoteFile(
                f"{half}.zip",
                (f"{address}/not/there", f"{address}/{half}.zip"),
                "md5:" + hashlib.md5((zips / f"{half}.zip").read_bytes()).hexdigest(),
            )
            for half in HALVES
        }
        monkeypatch.setattr(omniglot, "FILES", files)
        told: list[str] = []
        OmniglotData().fetch(tmp_path / "data", lambda what, *_: told.append(what))
        server.shutdown()
        thread.join()
    assert OmniglotData().report(tmp_path / "data").state is DataState.READY
    assert list(dict.fromkeys(told)) == [
        "images_background.zip",
        "images_evaluation.zip",
        "Making Omniglot small",
    ]
    assert not (tmp_path / "data" / "omniglot" / "downloads").exists()


needs_omniglot = pytest.mark.skipif(
    not os.environ.get("FEWSHOT_DATA"), reason="FEWSHOT_DATA is not set"
)


@needs_omniglot
def test_the_real_omniglot_is_whole(omniglot_data: Path) -> None:
    stored = omniglot_pictures(omniglot_data)
    assert stored.pictures.shape == (32460, 1, 28, 28)
    assert stored.index.names == ALL
    ink = (stored.pictures > 127).mean((1, 2, 3))
    assert 0 < ink.min() < ink.mean() < ink.max() < 0.4
    distinct = {picture.tobytes() for picture in stored.pictures}
    assert len(distinct) > 32_000


@needs_omniglot
def test_the_real_pictures_are_where_their_names_say(omniglot_data: Path) -> None:
    zips = Path(os.environ["FEWSHOT_DATA"])
    stored = omniglot_pictures(omniglot_data)
    with zipfile.ZipFile(zips / "images_evaluation.zip") as archive:
        content = archive.read("images_evaluation/Tibetan/character42/1597_20.png")
    small = (
        Image.open(io.BytesIO(content))
        .convert("L")
        .resize((28, 28), Image.Resampling.LANCZOS)
    )
    row = stored.index.names.index("Tibetan/character42")
    np.testing.assert_array_equal(stored.of_class(row)[19, 0], 255 - np.asarray(small))
