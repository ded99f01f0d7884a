"""Classes that were trained on are noticed in an evaluation's tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.made_data import made_omniglot
from workbench.core.pictures.seen_classes import classes_seen
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
