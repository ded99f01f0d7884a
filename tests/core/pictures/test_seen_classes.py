"""Classes that were trained on are noticed in an evaluation's tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.made_data import made_omniglot
from tests.other_values import other_value
from workbench.core.base.settings import marked
from workbench.core.config.run_config import kinds
from workbench.core.learning.task_family import SAME_PICTURES, TaskSettings
from workbench.core.pictures.image_family import ImageFamily, ImageTaskSettings
from workbench.core.pictures.seen_classes import classes_seen, same_pictures
from workbench.tasks.glyphs import Glyphs
from workbench.tasks.omniglot import Omniglot, split_classes
from workbench.tasks.sinusoid import Sinusoid

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_omniglot(tmp_path_factory.mktemp("data"))


def test_no_class_of_a_split_was_trained_on_in_its_own_training_split(data: Path):
    for split in ("lake", "vinyals"):
        task = Omniglot(split=split)
        family = task.open(data, CPU)
        assert classes_seen(task, family, "test") == 0
        assert classes_seen(task, family, "train") == len(family.splits["train"])


def test_another_split_s_training_classes_are_counted(data: Path):
    family = Omniglot(split="lake", ways=7).open(data, CPU)
    trained = set(split_classes("vinyals")["train"])
    expected = len(trained & set(split_classes("lake")["test"]))
    assert expected > 0
    assert classes_seen(Omniglot(split="vinyals"), family, "test") == expected


@pytest.mark.parametrize("trained_on", [Glyphs(), Sinusoid()])
def test_other_data_have_no_class_in_common(data: Path, trained_on):
    assert classes_seen(trained_on, Omniglot().open(data, CPU), "test") == 0


FIELDS = [
    (task, name)
    for task in kinds("task").values()
    if issubclass(task, ImageTaskSettings)
    for name in task.model_fields
    if name != "kind"
]
DRAWN = Omniglot.model_fields.keys() - {"kind", "split", "split_seed"}
"""All of Omniglot's settings draw from the one set of pictures."""


@pytest.mark.parametrize(("task", "name"), FIELDS)
def test_a_field_makes_other_pictures_where_it_is_not_marked(
    task: type[ImageTaskSettings], name: str
):
    changed = task(**{name: other_value(task.model_fields[name])})
    assert same_pictures(task(), changed) == (name in marked(task, SAME_PICTURES))


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_classes_are_counted_however_they_are_drawn_from(data: Path, name: str):
    task = Omniglot(**{name: other_value(Omniglot.model_fields[name])})
    bank = Omniglot().bank(data, CPU)
    family = ImageFamily(bank, task.splits(bank.listed), task)
    trained = set(split_classes("vinyals")["train"])
    expected = len(trained & set(split_classes("lake")["test"]))
    assert classes_seen(Omniglot(split="vinyals"), family, "test") == expected > 0


def test_a_field_declared_anew_keeps_its_mark():
    class Fewer(Glyphs):
        ways: int = 3

    assert "ways" in marked(Fewer, SAME_PICTURES)
    assert not marked(TaskSettings, "something else")
