"""What every registered task family must do, on small made data."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.made_data import made_omniglot
from tests.made_members import made_pictures
from workbench.core.base.registry import members
from workbench.core.base.splits import SPLITS
from workbench.core.learning.task_family import (
    ClassificationSettings,
    TaskFamily,
    TaskSettings,
)
from workbench.core.pictures.image_family import ImageFamily

FAMILIES = {
    kind.model_fields["kind"].default: kind
    for kind in members("workbench.tasks", TaskSettings)  # type: ignore[type-abstract]
}
CPU = torch.device("cpu")
SMALL = {
    "glyphs": {"alphabets": 2, "characters": 5, "drawers": 6},
    "mini-imagenet": {"ways": 3},
}
MADE = ("glyphs", "mini-imagenet", "omniglot", "sinusoid")
"""Image folders and sketches have no data of their own, and the same ImageFamily."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    made_omniglot(path)
    made_pictures(path / "mini-imagenet", (3, 84, 84))
    return path


@pytest.fixture(scope="module", params=MADE)
def task(request: pytest.FixtureRequest) -> TaskSettings:
    return FAMILIES[request.param](**SMALL.get(request.param, {}))


@pytest.fixture(scope="module")
def family(task: TaskSettings, data: Path) -> TaskFamily:
    return task.open(data, CPU)


def drawn(family: TaskFamily, split: str = "train", seed: int = 0):
    return family.sample(split, 4, torch.Generator().manual_seed(seed), (2, 3))  # type: ignore[arg-type]


@pytest.mark.parametrize("split", SPLITS)
def test_the_same_generator_gives_the_same_episodes(family, split):
    one, again, other = (drawn(family, split, seed) for seed in (1, 1, 2))
    assert torch.equal(one.support.x, again.support.x)
    assert torch.equal(one.query.y, again.query.y)
    assert not torch.equal(one.support.x, other.support.x)


def test_the_first_meta_batch_does_not_depend_on_what_was_drawn_before(family):
    first = drawn(family, seed=5)
    drawn(family, seed=6)
    assert torch.equal(drawn(family, seed=5).query.x, first.query.x)


@pytest.mark.parametrize("split", SPLITS)
def test_episodes_have_the_shapes_that_the_settings_tell(task, family, split):
    episodes = drawn(family, split)
    ways = task.outputs if isinstance(task, ClassificationSettings) else 1
    for part, each in ((episodes.support, 2), (episodes.query, 3)):
        assert part.x.shape == (4, ways * each, *task.input_shape)
        assert part.y.shape[:2] == (4, ways * each)
        assert part.x.dtype == torch.float32
        assert torch.isfinite(part.x).all()


@pytest.mark.parametrize("split", SPLITS)
def test_labels_count_every_class_as_often(task, family, split):
    if not isinstance(task, ClassificationSettings):
        pytest.skip("a regression has no labels")
    episodes = drawn(family, split)
    for part, each in ((episodes.support, 2), (episodes.query, 3)):
        expected = torch.arange(task.ways).repeat_interleave(each)
        assert part.y.dtype == torch.int64
        assert torch.equal(part.y.sort(-1).values, expected.expand(4, -1))


@pytest.mark.parametrize("split", SPLITS)
def test_no_query_is_in_the_support(family, split):
    if isinstance(family, ImageFamily):
        draw = family.draw(split, 4, torch.Generator().manual_seed(0), (2, 3))
        for rows in draw.pictures.flatten(1).tolist():
            assert len(set(rows)) == len(rows)
        return
    episodes = drawn(family, split)
    for support, query in zip(episodes.support.x, episodes.query.x, strict=True):
        assert not torch.isin(query, support).any()


def test_no_class_is_in_two_splits(family):
    if not isinstance(family, ImageFamily):
        pytest.skip("has no classes")
    rows = [row for split in SPLITS for row in family.splits[split]]
    assert len(rows) == len(set(rows))


def test_what_is_drawn_stays_within_the_split(family):
    if not isinstance(family, ImageFamily):
        pytest.skip("has no classes")
    for split in SPLITS:
        draw = family.draw(split, 4, torch.Generator().manual_seed(0), (2, 3))
        assert set(draw.classes.flatten().tolist()) <= set(family.splits[split])


def test_every_family_says_what_it_is():
    for kind, choice in FAMILIES.items():
        assert choice.title, kind
        assert choice.problem in ("classification", "regression", "reinforcement")
