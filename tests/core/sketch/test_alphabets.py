"""Sketched alphabets become a data set: listed, looked at and trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from workbench.core.base.errors import DataError
from workbench.core.base.randomness import generator_for
from workbench.core.pictures.datasets import DataState, data_set
from workbench.core.sketch.alphabets import (
    keep_alphabet,
    sketched_pictures,
    write_pictures,
)
from workbench.core.sketch.pictures import seen
from workbench.core.sketch.session import Answer, Sketch, save
from workbench.tasks.sketch_examples import GlyphExamples, first_sketch, new_task
from workbench.tasks.sketches import Sketches


def by_two_drawers(data: Path, ways: int = 12) -> list[Sketch]:
    random = np.random.default_rng(0)
    sketches = [
        new_task(Sketch.blank(ways), GlyphExamples(), random)[0] for _ in range(2)
    ]
    for number, sketch in enumerate(sketches):
        keep_alphabet(sketch, data, "Mine", f"drawer {number}")
    return sketches


def test_two_drawers_of_an_alphabet_are_drawings_of_the_same_classes(
    tmp_path: Path,
) -> None:
    sketches = by_two_drawers(tmp_path)
    stored = sketched_pictures(tmp_path)
    assert stored.index.counts == (2,) * 12
    assert stored.index.group_names == ("Mine",)
    for row, sketch in enumerate(sketches):
        expected = seen(sketch.classes[3].drawings[0], True)
        assert np.array_equal(stored.of_class(3)[row, 0], expected)


def test_a_judged_query_is_a_drawing_of_what_it_was(tmp_path: Path) -> None:
    sketch = first_sketch()
    sketch = sketch.with_answer(Answer(drawing=sketch.query, right="D"))
    keep_alphabet(sketch, tmp_path, "Mine", "me")
    stored = sketched_pictures(tmp_path)
    assert stored.index.counts == (1, 1, 1, 2, 1)


def test_the_data_set_lists_what_was_sketched(tmp_path: Path) -> None:
    listed = data_set("sketches", tmp_path)
    assert listed.report(tmp_path).state is DataState.MISSING
    by_two_drawers(tmp_path)
    report = listed.report(tmp_path)
    assert (report.state, report.classes, report.pictures) == (DataState.READY, 12, 24)
    (tmp_path / "sketches" / "Mine" / "torn.json").write_text("{")
    report = listed.report(tmp_path)
    assert report.classes == 12
    assert "torn.json" in report.left_out[0]


def test_a_saved_session_is_imported(tmp_path: Path) -> None:
    save(first_sketch(), tmp_path / "letters.json")
    report = data_set("sketches", tmp_path).import_from(
        tmp_path / "data", tmp_path / "letters.json"
    )
    assert report.classes == 5


def test_episodes_are_drawn_from_sketches(tmp_path: Path) -> None:
    by_two_drawers(tmp_path)
    family = Sketches(ways=3).open(tmp_path, torch.device("cpu"))
    episode = family.sample("train", 4, generator_for(0, "train", 0), (1, 1))
    assert episode.support.x.shape == (4, 3, 1, 28, 28)
    assert sum(map(len, family.splits.values())) == 12
    with pytest.raises(DataError, match="only 2 pictures"):
        family.sample("train", 4, generator_for(0, "train", 0), (1, 5))


def test_drawings_are_written_as_pictures(tmp_path: Path) -> None:
    assert write_pictures(first_sketch(), tmp_path) == 5
    with Image.open(tmp_path / "A" / "01.png") as image:
        assert image.size == (105, 105)
    with pytest.raises(DataError, match="nothing drawn"):
        write_pictures(Sketch.blank(2), tmp_path)
    with pytest.raises(DataError, match="nothing drawn"):
        keep_alphabet(Sketch.blank(2), tmp_path, "x", "y")


def test_names_cannot_lead_out_of_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    path = keep_alphabet(first_sketch(), data, "../../evil", "../me")
    assert data / "sketches" in path.parents
    assert path.parent.parent == data / "sketches"
