"""What a data set can give is known to a form, and asking for more is a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.made_data import configuration
from workbench.core.base.errors import DataError
from workbench.core.base.splits import SPLITS
from workbench.core.config.holdings import data_mistakes, reduced
from workbench.core.config.overrides import with_overrides
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.task_family import Limits
from workbench.core.pictures import store as picture_store
from workbench.core.pictures.store import PictureIndex
from workbench.core.pictures.writer import PictureWriter
from workbench.core.sketch.alphabets import keep_alphabet
from workbench.core.sketch.session import Sketch
from workbench.tasks.sketch_examples import first_sketch


def own_pictures(data: Path, counts: tuple[int, ...], **about: Any) -> Path:
    """Keep classes of so many grey pictures each, named mine."""
    shape = (1, 16, 16)
    with PictureWriter(data / "pictures" / "mine", shape) as writer:
        writer.append(np.zeros((sum(counts), *shape), np.uint8))
        writer.finish(
            PictureIndex(
                shape=shape,
                names=tuple(f"class {row}" for row in range(len(counts))),
                counts=counts,
                groups=(0,) * len(counts),
                group_names=("all",),
                **about,
            )
        )
    return data


def values(**overrides: Any) -> dict[str, Any]:
    task = {"kind": "pictures", "dataset": "mine", "size": 16, "colour": "grey"}
    return with_overrides(
        {"task": task, "model": {"kind": "conv4"}, "algorithm": {"kind": "maml"}},
        {name.replace("__", "."): value for name, value in overrides.items()},
    )


def mistakes(data: Path, **overrides: Any) -> dict[str, str]:
    config = RunConfig.from_dict(values(**overrides))
    return {each.field: each.message for each in data_mistakes(config, data)}


def test_a_set_that_gives_what_is_asked_has_no_mistakes(tmp_path: Path) -> None:
    data = own_pictures(tmp_path, (20,) * 30)
    assert mistakes(data) == {}


def test_more_ways_or_examples_than_there_are_is_a_mistake(tmp_path: Path) -> None:
    data = own_pictures(tmp_path, (9,) * 10)
    assert mistakes(data, task__queries=8, task__ways=2) == {}
    assert "no class of mine has more" in mistakes(data, task__ways=2)["task.queries"]
    found = mistakes(data, task__queries=5, task__ways=3)
    assert found == {"task.ways": "3 ways, but the validation split has only 2 classes"}


def test_the_field_named_is_the_one_that_asks(tmp_path: Path) -> None:
    data = own_pictures(tmp_path, (9,) * 10)
    fine: dict[str, Any] = {"task__ways": 2, "task__queries": 2}
    assert (
        "10 shots + 2 queries = 12"
        in mistakes(data, **fine, algorithm__kind="reptile")["algorithm.train_shots"]
    )
    assert [*mistakes(data, **fine, evaluation__queries=15)] == ["evaluation.queries"]
    assert [*mistakes(data, **fine, evaluation__shots=8)] == ["evaluation.shots"]


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"task__dataset": "hers"}, "task.dataset"),
        ({"task__dataset": ""}, "task.dataset"),
        ({"task__dataset": "../mine"}, "task.kind"),
        ({"task__size": 28}, "task.size"),
        ({"task__colour": "colour"}, "task.colour"),
    ],
)
def test_a_set_that_is_not_there_or_other_is_a_mistake(
    tmp_path: Path, overrides: dict[str, Any], field: str
) -> None:
    data = own_pictures(tmp_path, (20,) * 30)
    assert [*mistakes(data, **overrides)] == [field]


def test_too_few_classes_for_three_splits_is_said(tmp_path: Path) -> None:
    data = own_pictures(tmp_path, (20,) * 5)
    assert "too few classes" in mistakes(data, task__ways=2)["task.dataset"]
    own_pictures(tmp_path, (20,) * 6)
    assert mistakes(data, task__ways=2) == {}


@pytest.mark.parametrize("counts", [(20,) * 30, (4, 9, 30) * 4, (7,) * 6])
@pytest.mark.parametrize("small", [True, False])
def test_what_the_form_knows_is_what_the_family_draws_from(
    tmp_path: Path, counts: tuple[int, ...], small: bool
) -> None:
    data = own_pictures(tmp_path, counts)
    task = RunConfig.from_dict(
        values(task__ways=2, task__queries=5, task__leave_out_small=small)
    ).task
    held = task.holdings(data)
    family = task.open(data, torch.device("cpu"))
    generator = torch.Generator().manual_seed(0)
    for split in SPLITS:
        classes, examples = held[split]
        family.sample(split, 1, generator, (1, examples - 1))
        with pytest.raises(DataError):
            family.sample(split, 1, generator, (1, examples))
        assert classes == len(family.splits[split])


@pytest.mark.parametrize(
    ("counts", "overrides", "fewer"),
    [
        ((20,) * 60, {}, {}),
        ((9,) * 60, {}, {"task.queries": 8}),
        ((9,) * 60, {"task__shots": 12}, {"task.shots": 8, "task.queries": 1}),
        ((20,) * 10, {}, {"task.ways": 2}),
        ((20,) * 60, {"evaluation__queries": 50}, {"evaluation.queries": 19}),
        (
            (9,) * 60,
            {"algorithm__kind": "reptile"},
            {"algorithm.train_shots": 8, "task.queries": 1},
        ),
        ((20,) * 4, {}, {"task.ways": 2, "task.queries": 1}),
    ],
)
def test_what_is_too_much_is_reduced_and_no_more_than_that(
    tmp_path: Path,
    counts: tuple[int, ...],
    overrides: dict[str, Any],
    fewer: dict[str, int],
) -> None:
    data = own_pictures(tmp_path, counts)
    asked = RunConfig.from_dict(values(**overrides)).model_dump(mode="json")
    assert reduced(asked, data) == fewer
    if len(counts) > 5:
        changed = RunConfig.from_dict(with_overrides(asked, fewer))
        assert data_mistakes(changed, data) == ()


def test_the_index_is_read_once_however_often_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = own_pictures(tmp_path, (20,) * 30)
    read: list[Path] = []
    original = picture_store.read_index

    def counted(folder: Path) -> PictureIndex | None:
        read.append(folder)
        return original(folder)

    monkeypatch.setattr(picture_store, "read_index", counted)
    for queries in range(1, 30):
        mistakes(data, task__queries=queries)
    assert len(read) == 1
    own_pictures(data, (5,) * 30)
    assert mistakes(data)
    assert len(read) == 2


def test_sketches_are_counted_without_being_drawn(tmp_path: Path) -> None:
    config = configuration("sketches")
    assert data_mistakes(config, tmp_path) == ()
    sketch: Sketch = first_sketch()
    keep_alphabet(sketch, tmp_path, "mine", "me")
    held = config.task.holdings(tmp_path)
    family = config.task.open(tmp_path, torch.device("cpu"))
    assert {split: held[split].classes for split in SPLITS} == {
        split: len(family.splits[split]) for split in SPLITS
    }
    assert isinstance(held["train"], Limits)
    assert "task.ways" in {each.field for each in data_mistakes(config, tmp_path)}
