"""Tasks made of anybody's data set."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import workbench
from tests.notebook.test_own_model import QUICK
from workbench.core.base.errors import DataError, WorkbenchError
from workbench.core.base.splits import SPLITS
from workbench.core.learning.episode import Episode
from workbench.core.learning.task_family import TaskSettings
from workbench.core.runs.errors import RunError


def numbered(label: int, number: int) -> np.ndarray:
    """Return a picture that says which it is."""
    picture = np.zeros((6, 5), np.uint8)
    picture[0, 0], picture[0, 1] = label, number
    return picture


def pairs(labels: int = 10, of_each: int = 6) -> list[tuple[np.ndarray, int]]:
    found = [
        (numbered(label, number), label)
        for number in range(of_each)
        for label in range(labels)
    ]
    return found


def drawn(
    task: TaskSettings, split: Any = "train", tasks: int = 30, seed: int = 0
) -> Episode:
    family = task.open(Path(), torch.device("cpu"))
    generator = torch.Generator().manual_seed(seed)
    return family.sample(split, tasks, generator, (task.shots, task.queries))


def first(task: TaskSettings) -> torch.Tensor:
    """Return any of a task's inputs."""
    return drawn(task, tasks=1).support.x[0, 0]


def classes(task: TaskSettings, split: Any) -> set[int]:
    """Return the numbered classes that many episodes are of."""
    episode = drawn(task, split, 200)
    x = torch.cat([episode.support.x, episode.query.x], 1)[:, :, 0, 0, 0]
    return {int(each) for each in (255 * x).round().flatten()}


def test_episodes_have_other_examples_to_learn_from_than_to_be_judged_on() -> None:
    task = workbench.Task.from_dataset(pairs(), ways=2, shots=2)
    assert (task.ways, task.shots, task.queries) == (2, 2, 4)
    episode = drawn(task)
    assert episode.support.x.shape == (30, 4, 1, 6, 5)
    assert episode.query.x.shape == (30, 8, 1, 6, 5)
    x = torch.cat([episode.support.x, episode.query.x], 1)
    for seen in (255 * x[:, :, 0, 0, :2]).round().int().tolist():
        assert len({tuple(each) for each in seen}) == 12


def test_each_example_has_the_label_of_its_class() -> None:
    episode = drawn(workbench.Task.from_dataset(pairs(), ways=2, shots=2))
    for task in range(30):
        half = episode.tasks(task)
        x = (255 * torch.cat([half.support.x, half.query.x])[:, 0, 0, 0]).round()
        y = torch.cat([half.support.y, half.query.y])
        assert len({*zip(x.tolist(), y.tolist(), strict=True)}) == 2
        assert Counter(half.support.y.tolist()) == {0: 2, 1: 2}


def test_the_same_seed_gives_the_same_episodes() -> None:
    task = workbench.Task.from_dataset(pairs(), ways=2, shots=2)
    one, same, other = (drawn(task, seed=seed).support.x for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    again = workbench.Task.from_dataset(pairs(), ways=2, shots=2)
    assert torch.equal(drawn(again).support.x, one)


def test_shares_part_the_classes_and_all_are_used() -> None:
    task = workbench.Task.from_dataset(pairs(), 2, 1, split=(0.5, 0.2, 0.3))
    found = [classes(task, split) for split in SPLITS]
    assert [len(each) for each in found] == [5, 2, 3]
    assert {*chain(*found)} == set(range(10))


def test_labels_are_listed_by_split_as_they_are_or_as_text() -> None:
    split = {"train": [1, "3"], "validation": np.array([0, 2]), "test": {4, 5}}
    task = workbench.Task.from_dataset(pairs(), 2, 1, split=split)
    assert [classes(task, each) for each in SPLITS] == [{1, 3}, {0, 2}, {4, 5}]


def test_three_data_sets_are_a_split_each_whatever_their_labels_are() -> None:
    given = {
        name: [
            (numbered(10 * place + label, number), label)
            for number in range(3)
            for label in range(2)
        ]
        for place, name in enumerate(SPLITS)
    }
    task = workbench.Task.from_dataset(given, 2, 1)
    assert [classes(task, each) for each in SPLITS] == [{0, 1}, {10, 11}, {20, 21}]


class DataSet:
    """A data set of a class of its own, as torchvision's."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> Any:
        return self.items[number]


def of(x: Any) -> DataSet:
    """Return a data set of nothing but this, in six classes."""
    return DataSet([(x, label) for label in range(10) for _ in range(2)])


RGB = np.stack([numbered(label, 0) for label in (7, 8, 9)], 2)


@pytest.mark.parametrize(
    ("x", "shape", "number"),
    [
        (Image.fromarray(RGB[..., 0]), (1, 6, 5), 7 / 255),
        (Image.fromarray(RGB), (3, 6, 5), 7 / 255),
        (Image.fromarray(RGB).quantize(8), (3, 6, 5), 7 / 255),
        (Image.fromarray(RGB[..., 0] > 6), (1, 6, 5), 1.0),
        (RGB[..., 0], (1, 6, 5), 7 / 255),
        (RGB, (3, 6, 5), 7 / 255),
        (RGB.transpose(2, 0, 1), (3, 6, 5), 7 / 255),
        (RGB / 2, (3, 6, 5), 3.5),
        (torch.from_numpy(RGB), (3, 6, 5), 7 / 255),
        (torch.from_numpy(RGB[..., 0]).double(), (1, 6, 5), 7.0),
        (torch.from_numpy(RGB.transpose(2, 0, 1).copy()), (3, 6, 5), 7 / 255),
        (torch.tensor([2.5, 1.0]).requires_grad_(), (2,), 2.5),
        (np.array([2, 1]), (2,), 2.0),
        ([2.5, 1.0, 0.0], (3,), 2.5),
    ],
)
def test_pictures_and_vectors_are_taken_in_the_forms_they_come(
    x: Any, shape: tuple[int, ...], number: float
) -> None:
    task = workbench.Task.from_dataset(of(x), ways=2, shots=1)
    found = first(task)
    assert task.input_shape == shape == tuple(found.shape)
    assert found.dtype == torch.float32
    assert found.flatten()[0].item() == pytest.approx(number)


@pytest.mark.parametrize(
    "make", [int, str, np.int64, torch.tensor, lambda y: f"no {y}"]
)
def test_labels_are_taken_in_the_forms_they_come(make: Any) -> None:
    items = [(picture, make(label)) for picture, label in pairs()]
    task = workbench.Task.from_dataset(items, ways=2, shots=1)
    assert len(classes(task, "train")) == 6


def test_items_may_be_mappings_as_hugging_face_s() -> None:
    items = [{"image": x, "label": y, "url": "-"} for x, y in pairs()]
    found = [
        drawn(workbench.Task.from_dataset(given, ways=2, shots=1)).support.x
        for given in (items, pairs())
    ]
    assert torch.equal(*found)


def test_a_task_is_called_by_its_data_set_or_as_one_says() -> None:
    made = workbench.Task.from_dataset
    assert made(pairs(), 2, 1).kind == "own data"
    assert made(DataSet(pairs()), 2, 1).kind == "DataSet"
    assert made(pairs(), 2, 1, name="digits").kind == "digits"


VECTOR = [1.0, 2.0]
SPLIT = {"train": [0, 1], "validation": [2, 3], "test": [4, 5]}


@pytest.mark.parametrize(
    ("dataset", "more", "message"),
    [
        ([], {}, "the data set is empty"),
        (
            [(RGB, 0), (RGB[:3], 1)],
            {},
            "example 1 has the size 3 x 3 x 5 of bytes, and the first 3 x 6 x 5 of",
        ),
        ([(RGB, 0), (RGB / 2, 1)], {}, "3 x 6 x 5, and the first 3 x 6 x 5 of bytes"),
        ([RGB], {}, "example 0 is ndarray, and not a pair of a picture or vector"),
        ([(RGB, 0, 0)], {}, "example 0 is tuple, and not a pair"),
        ([("a.png", 0)], {}, "example 0 is str: pictures, arrays and tensors are"),
        ([(3, RGB)], {}, "example 0 is int with 0 axes: give pictures or vectors, and"),
        ([(VECTOR, np.array([0, 1]))], {}, "the label of example 0 is 2 values, not"),
        (pairs(), {"shots": 6}, "has 6 examples: too few for 6 shots and a query"),
        (
            pairs(),
            {"ways": 3},
            "3 ways are too many: of the 10 classes of own data, split= gives "
            "6 to train, 2 to validation, 2 to test",
        ),
        (pairs(), {"split": (0.6, 0.4)}, r"split=\(0.6, 0.4\): give three shares that"),
        (pairs(), {"split": (0.9, 0.2, 0.2)}, "give three shares that add up to 1"),
        (
            pairs(),
            {"split": SPLIT | {"test": [4, "cat"]}},
            "the data set has no label cat: its labels are 0, 1, 2, 3, 4, 5, 6, 7, 8",
        ),
        (pairs(), {"split": SPLIT | {"test": [1, 4]}}, "label 1 is in two splits"),
        (
            pairs(),
            {"split": {"train": [0, 1], "val": [2, 3]}},
            "the splits are train, validation, test, and given are train, val",
        ),
        ({"train": pairs()}, {}, "the splits are .* test, and given are train"),
        ({}, {}, "and given are none"),
    ],
)
def test_what_cannot_be_tasks_is_told(dataset: Any, more: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        workbench.Task.from_dataset(dataset, **({"ways": 2, "shots": 1} | more))


def test_a_run_is_not_gone_on_with_on_other_data() -> None:
    def task(data: Any) -> TaskSettings:
        found: TaskSettings = workbench.Task.from_dataset(data, 2, 1, name="mine")
        return found

    vectors = [
        (np.array([label, number]), label) for label in range(10) for number in range(4)
    ]
    run = workbench.train(
        task=task(vectors), set=QUICK | {"task.queries": 2}, progress=False
    )
    further = {"training.iterations": 2}
    moved = [(x, y + 1 if (y, x[1]) == (1, 3) else y) for x, y in vectors]
    for others in ([*vectors, vectors[0]], moved):
        task(others)
        with pytest.raises(RunError) as told:
            workbench.train(run, further, progress=False)
        had, has = (
            made.open(Path(), torch.device("cpu")).data_hash
            for made in (task(vectors), task(others))
        )
        assert f"{run.folder.path} was trained on" in str(told.value)
        assert had in str(told.value)
        assert has in str(told.value)
    task(vectors)
    assert workbench.train(run, further, progress=False).info.state == "completed"


def test_a_task_that_was_made_anew_is_not_mistaken_for_the_first() -> None:
    old = workbench.Task.from_dataset(pairs(), 2, 1)
    workbench.Task.from_dataset(pairs(12), 2, 1)
    with pytest.raises(WorkbenchError, match="another 'own data' was made after this"):
        workbench.train(task=old)
