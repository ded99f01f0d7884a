"""The glyphs family: endless, reproducible, kept once, and made again when damaged."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch

from workbench.core.base.cancelling import Cancelled, no_progress
from workbench.core.base.errors import DataError
from workbench.core.base.splits import SPLITS
from workbench.core.drawing.strokes import likeness
from workbench.core.pictures.datasets import DataState, data_set
from workbench.core.pictures.writer import PictureWriter
from workbench.tasks.glyphs import Glyphs, GlyphsData, glyph_pictures

CPU = torch.device("cpu")


def few(**settings: int | bool) -> Glyphs:
    return Glyphs.model_validate(
        {"alphabets": 2, "characters": 5, "drawers": 6, "queries": 3, **settings}
    )


def array_file(data: Path) -> Path:
    (file,) = data.glob("glyphs/*/pictures-*.npy")
    return file


def test_the_same_settings_give_the_same_episodes(tmp_path: Path) -> None:
    episodes = [
        few()
        .open(tmp_path / folder, CPU)
        .sample("train", 3, torch.Generator().manual_seed(1), (1, 3))
        for folder in ("here", "there")
    ]
    assert torch.equal(episodes[0].support.x, episodes[1].support.x)
    assert torch.equal(episodes[0].query.x, episodes[1].query.x)
    assert episodes[0].support.x.shape == (3, 5, 1, 28, 28)


def test_no_two_splits_share_an_alphabet(tmp_path: Path) -> None:
    family = few(alphabets=3).open(tmp_path, CPU)
    groups = [
        {int(family.bank.groups[row]) for row in family.splits[split]}
        for split in SPLITS
    ]
    assert [len(group) for group in groups] == [3, 5, 10]
    assert len(set.union(*groups)) == 18
    for split in SPLITS:
        assert few(alphabets=3).limits(split).classes == len(family.splits[split])


def test_more_alphabets_leave_the_others_as_they_were(tmp_path: Path) -> None:
    small, large = (
        few().make(None, no_progress),
        few(alphabets=3).make(None, no_progress),
    )
    rows = {name: row for row, name in enumerate(large.index.names)}
    for row, name in enumerate(small.index.names):
        assert np.array_equal(small.of_class(row), large.of_class(rows[name]))


def test_the_split_hash_tells_seeds_and_sizes_apart(tmp_path: Path) -> None:
    choices = [few(), few(), few(alphabet_seed=1), few(alphabets=3), few(characters=6)]
    first, again, *others = (c.open(tmp_path, CPU).split_hash for c in choices)
    assert first == again
    assert len({first, *others}) == 4


def test_drawings_are_kept_and_read_again(tmp_path: Path) -> None:
    glyph_pictures(few(), tmp_path)
    written = array_file(tmp_path).stat().st_mtime_ns
    stored = glyph_pictures(few(), tmp_path)
    assert array_file(tmp_path).stat().st_mtime_ns == written
    assert stored.pictures.shape == (17 * 5 * 6, 1, 28, 28)


def test_who_waits_for_drawings_does_not_make_them_again(tmp_path: Path) -> None:
    told: list[str] = []
    other = threading.Thread(
        target=glyph_pictures,
        args=(few(), tmp_path, lambda doing, *_: told.append(doing)),
    )

    def begin_the_other(_doing: str, done: int, _total: int) -> None:
        if done == 0:
            other.start()

    glyph_pictures(few(), tmp_path, begin_the_other)
    other.join()
    assert told == []


@pytest.mark.parametrize("damage", ["cut short", "removed", "index"])
def test_what_is_damaged_is_made_again(tmp_path: Path, damage: str) -> None:
    expected = np.array(glyph_pictures(few(), tmp_path).pictures)
    file = array_file(tmp_path)
    if damage == "cut short":
        os.truncate(file, 1000)
    elif damage == "removed":
        file.unlink()
    else:
        (file.parent / "index.json").write_text("{")
    assert np.array_equal(glyph_pictures(few(), tmp_path).pictures, expected)


def test_a_read_only_data_folder_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    stored = glyph_pictures(few(), tmp_path)
    assert stored.folder is not None
    assert not stored.folder.is_relative_to(tmp_path)
    assert not list(tmp_path.iterdir())
    tmp_path.chmod(0o755)


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    stop = Event()
    with pytest.raises(Cancelled):
        few().make(tmp_path / "glyphs", lambda *_: stop.set(), stop)
    assert not list(tmp_path.glob("glyphs/*.npy"))
    assert not list(tmp_path.glob("glyphs/*.partial"))


def test_larger_pictures_are_of_the_same_drawings(tmp_path: Path) -> None:
    usual, larger = (glyph_pictures(few(side=side), tmp_path) for side in (28, 56))
    assert larger.index.shape == (1, 56, 56)
    assert larger.index.names == usual.index.names
    small = larger.pictures.reshape(-1, 28, 2, 28, 2).mean((2, 4))
    alike = likeness(small.astype(np.uint8), usual.pictures[:, 0])
    assert alike.min() > 0.9


def test_a_stranger_in_its_place_is_replaced(tmp_path: Path) -> None:
    expected = few().make(None, no_progress)
    folder = tmp_path / "glyphs" / few().folder_name()
    with PictureWriter(folder, (1, 28, 28)) as writer:
        writer.append(few(alphabet_seed=9).make(None, no_progress).pictures)
        writer.finish(few(alphabet_seed=9).picture_index())
    assert np.array_equal(glyph_pictures(few(), tmp_path).pictures, expected.pictures)


def test_a_sheet_shows_what_is_in_the_bank(tmp_path: Path) -> None:
    settings = few()
    family = settings.open(tmp_path, CPU)
    for split in SPLITS:
        index = settings.alphabets_of(split)[1]
        for character in settings.sheet(index):
            row = family.bank.names.index(character.name)
            assert row in family.splits[split]
            first = int(family.bank.first[row])
            kept = family.bank.pictures[first : first + 6, 0].numpy()
            assert np.array_equal(kept, character.pictures)
            assert len(character.drawn) == 6
            assert len(character.strokes) == len(character.drawn[0])


def test_within_one_alphabet_the_classes_are_of_one(tmp_path: Path) -> None:
    settings = few(within_alphabet=True)
    family = settings.open(tmp_path, CPU)
    draw = family.draw("train", 20, torch.Generator().manual_seed(0), (1, 3))
    groups = family.bank.groups[draw.classes]
    assert (groups == groups[:, :1]).all()
    assert settings.limits("train").classes == 5


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    few().make(None, lambda _, done, total: told.append((done, total)))
    assert told == [(done, 17) for done in range(18)]


def test_the_data_set_is_always_there(tmp_path: Path) -> None:
    assert data_set("glyphs", tmp_path).report(tmp_path).state is DataState.READY
    with pytest.raises(DataError, match="nothing to import"):
        GlyphsData().import_from(tmp_path, tmp_path)
