"""Episodes of pictures: drawn from the right classes, exactly, and reproducibly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.errors import DataError
from workbench.core.pictures.character_settings import CharacterTaskSettings
from workbench.core.pictures.class_bank import ClassBank, split_hash
from workbench.core.pictures.image_family import Draw, ImageFamily
from workbench.core.pictures.random_choice import distinct
from workbench.core.pictures.store import PictureIndex, StoredPictures

COUNTS = (5, 9, 7, 6, 6, 8, 5, 30, 6, 7, 5, 400)
GROUPS = (0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2)
SPLITS = {"train": (0, 1, 2, 4, 5, 7, 8, 9, 10, 11), "test": (3, 6), "validation": ()}


class Characters(CharacterTaskSettings):
    title = "made characters"
    kind: str = "made"

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (1, 6, 6)

    def bank(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> ClassBank:
        return made_bank()

    def splits(self, bank: ClassBank) -> Any:
        return SPLITS


def made_bank(channels: int = 1) -> ClassBank:
    """Pictures whose every pixel is different from that of other pictures, mostly."""
    rng = np.random.default_rng(0)
    shape = (channels, 6, 6)
    pictures = rng.integers(0, 256, (sum(COUNTS), *shape), dtype=np.uint8)
    names = tuple(f"group{g}/character{c:02d}" for c, g in enumerate(GROUPS))
    groups = ("group0", "group1", "group2")
    index = PictureIndex(shape, names, COUNTS, GROUPS, groups)
    return ClassBank.of(StoredPictures(index, pictures))


def family(channels: int = 1, **settings: Any) -> ImageFamily:
    chosen = {"ways": 3, **settings}
    return ImageFamily(made_bank(channels), SPLITS, Characters(**chosen))  # type: ignore[arg-type]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


tasks_of_any_kind = st.fixed_dictionaries(
    {
        "ways": st.integers(2, 5),
        "queries": st.integers(1, 3),
        "rotation": st.sampled_from(["drawn", "classes", "tasks", "none"]),
        "within_alphabet": st.booleans(),
        "ink": st.sampled_from(["white on black", "black on white"]),
    }
)


@given(tasks_of_any_kind, st.integers(1, 2), st.integers(1, 7), st.integers(0, 9))
def test_a_draw_is_of_distinct_classes_and_pictures_of_the_split(
    settings: dict[str, Any], shots: int, tasks: int, seed: int
) -> None:
    images = family(**settings)
    draw = images.draw("train", tasks, seeded(seed), (shots, settings["queries"]))
    ways, each = settings["ways"], shots + settings["queries"]
    assert draw.classes.shape == draw.turns.shape == (tasks, ways)
    assert draw.pictures.shape == (tasks, ways, each)
    assert set(draw.classes.flatten().tolist()) <= set(SPLITS["train"])
    assert set(draw.turns.flatten().tolist()) <= set(range(4))
    for task in range(tasks):
        classes, turns = draw.classes[task].tolist(), draw.turns[task].tolist()
        if settings["rotation"] == "classes":
            assert len(set(zip(classes, turns, strict=True))) == ways
        else:
            assert len(set(classes)) == ways
        if settings["rotation"] == "none":
            assert set(turns) == {0}
        if settings["rotation"] == "tasks":
            assert len(set(turns)) == 1
        if settings["within_alphabet"]:
            assert len({GROUPS[row] for row in classes}) == 1
        for row, pictures in zip(classes, draw.pictures[task].tolist(), strict=True):
            assert len(set(pictures)) == each, "support and query overlap"
            first = sum(COUNTS[:row])
            assert set(pictures) <= set(range(first, first + COUNTS[row]))


@given(tasks_of_any_kind, st.integers(1, 2), st.sampled_from([1, 3]))
def test_an_episode_holds_exactly_the_drawn_pictures_turned(
    settings: dict[str, Any], shots: int, channels: int
) -> None:
    images = family(channels, **settings)
    draw = images.draw("train", 3, seeded(), (shots, settings["queries"]))
    episode = images.gather(draw, shots)
    ways, queries = settings["ways"], settings["queries"]
    assert episode.support.x.shape == (3, ways * shots, channels, 6, 6)
    assert episode.query.x.shape == (3, ways * queries, channels, 6, 6)
    assert episode.support.y.dtype == torch.int64
    for task in range(3):
        for way in range(ways):
            expected = torch.rot90(
                images.bank.pictures[draw.pictures[task, way]] / 255.0,
                int(draw.turns[task, way]),
                (-2, -1),
            )
            if settings["ink"] == "black on white":
                expected = 1 - expected
            support, query = (part.x[task][part.y[task] == way] for part in episode[:2])
            torch.testing.assert_close(torch.cat([support, query]), expected)


def test_rows_come_class_by_class() -> None:
    episode = family(ways=3).sample("train", 2, seeded(), (2, 2))
    assert episode.support.y.tolist() == [[0, 0, 1, 1, 2, 2]] * 2
    assert episode.query.y.tolist() == [[0, 0, 1, 1, 2, 2]] * 2


def test_every_class_gets_every_label_equally_often() -> None:
    images = family(ways=5)
    draw = images.draw("train", 20_000, seeded(), (1, 1))
    for row in SPLITS["train"]:
        share = (draw.classes == row).double().mean(0)
        torch.testing.assert_close(
            share, torch.full((5,), 0.1).double(), atol=0.01, rtol=0
        )


def test_every_picture_of_a_class_is_drawn_equally_often() -> None:
    for width in (12, 1000):  # a few, and so many that they are drawn one by one
        picks = distinct(torch.full((40_000,), 12), width, 3, seeded())
        share = torch.bincount(picks.flatten(), minlength=12) / picks.numel()
        torch.testing.assert_close(share, torch.full((12,), 1 / 12), atol=0.005, rtol=0)
        pairs = (picks[:, 0] * 12 + picks[:, 1]).unique()
        assert len(pairs) == 12 * 11


@given(st.integers(1, 20), st.integers(0, 5000), st.integers(0, 9))
def test_numbers_drawn_without_replacement_differ(
    take: int, more: int, seed: int
) -> None:
    counts = torch.tensor([take, take + more // 2, take + more])
    picks = distinct(counts, take + more, take, seeded(seed))
    for count, row in zip(counts.tolist(), picks.tolist(), strict=True):
        assert len(set(row)) == take
        assert set(row) <= set(range(count))


def test_the_same_seed_gives_the_same_episodes() -> None:
    images = family(rotation="drawn")
    first, again = (images.sample("train", 4, seeded(5), (2, 2)) for _ in range(2))
    other = images.sample("train", 4, seeded(6), (2, 2))
    torch.testing.assert_close(first.query.x, again.query.x, rtol=0, atol=0)
    assert not torch.equal(first.query.x, other.query.x)


def test_turns_are_classes_of_their_own_in_training_only() -> None:
    images = family(rotation="classes", ways=2)
    assert images.draw("train", 50, seeded(), (1, 2)).turns.unique().tolist() == [
        0,
        1,
        2,
        3,
    ]
    assert images.draw("test", 50, seeded(), (1, 2)).turns.unique().tolist() == [0]
    assert family(rotation="classes", ways=20).draw("train", 2, seeded(), (1, 2))


def test_whole_tasks_are_turned_alike_and_in_training_only() -> None:
    images = family(rotation="tasks", ways=2)
    turns = images.draw("train", 50, seeded(), (1, 2)).turns
    assert turns[:, 0].unique().tolist() == [0, 1, 2, 3]
    assert torch.equal(turns[:, 0], turns[:, 1])
    assert not images.draw("test", 50, seeded(), (1, 2)).turns.any()


def test_drawn_turns_are_drawn_at_test_too() -> None:
    draw = family(rotation="drawn", ways=2).draw("test", 50, seeded(), (1, 2))
    assert draw.turns.unique().tolist() == [0, 1, 2, 3]


def test_alphabets_with_too_few_classes_are_not_drawn() -> None:
    images = family(within_alphabet=True, ways=5)
    classes = images.draw("train", 50, seeded(), (1, 2)).classes
    assert set(classes.flatten().tolist()) == {7, 8, 9, 10, 11}


@pytest.mark.parametrize(
    ("settings", "split", "examples", "message"),
    [
        ({"ways": 11}, "train", (1, 2), "11 ways, but the train split has 10 classes"),
        ({"ways": 3}, "test", (1, 2), "3 ways, but the test split has 2 classes"),
        ({}, "validation", (1, 2), "3 ways, but the validation split has 0 classes"),
        (
            {"ways": 6, "within_alphabet": True},
            "train",
            (1, 2),
            "6 ways, but an alphabet of the train split has 5 classes",
        ),
        (
            {},
            "train",
            (3, 3),
            "3 shots . 3 queries = 6, but a class of the train split has only 5",
        ),
        ({}, "train", (1, 6), "1 shot . 6 queries = 7, but a class"),
        ({}, "train", (6, 1), "6 shots . 1 query = 7, but a class"),
    ],
)
def test_more_than_there_is_is_refused_with_its_numbers(
    settings: dict[str, Any], split: Any, examples: tuple[int, int], message: str
) -> None:
    images = family(**settings)
    with pytest.raises(DataError, match=message):
        images.draw(split, 1, seeded(), examples)


def test_a_draw_can_be_told_in_words() -> None:
    images = family(rotation="drawn")
    draw = Draw(
        torch.tensor([[1, 0]]),
        torch.tensor([[[5, 13], [2, 0]]]),
        torch.tensor([[3, 0]]),
    )
    told = images.describe(draw)
    assert told[0][0][0] == ("group0/character01", "1", 270)
    assert told[0][0][1] == ("group0/character01", "9", 270)
    assert told[0][1][0] == ("group0/character00", "3", 0)


def test_the_split_hash_knows_which_class_is_where_and_no_order() -> None:
    one = split_hash({"train": ["a", "b"], "test": ["c"]})
    assert one == split_hash({"test": ["c"], "train": ["b", "a"]})
    assert one != split_hash({"train": ["a"], "test": ["b", "c"]})
    assert len(one) == 64
