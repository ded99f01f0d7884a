"""Views of pictures: what they are, and what a learner makes of their mean feature."""

from __future__ import annotations

import pytest
import torch

from tests.made_runs import small_config
from workbench.core.config.run_config import ConfigError
from workbench.core.engine.engine import choose_engine
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.views import MOST_VIEWS, mean_over_views
from workbench.models.conv4 import Conv4
from workbench.tasks.omniglot import Omniglot


def views_of(x: torch.Tensor, number: int) -> list[torch.Tensor]:
    seen: list[torch.Tensor] = []

    def look(view: torch.Tensor) -> torch.Tensor:
        seen.append(view)
        return view

    mean_over_views(look, x, number)
    return seen


def blob(side: int = 29) -> torch.Tensor:
    """A round spot beside the middle of a picture."""
    row, column = torch.meshgrid(*[torch.arange(float(side))] * 2, indexing="ij")
    spot = torch.exp(-((row - 12) ** 2 + (column - 16) ** 2) / 6)
    return spot[None, None]


def middle(picture: torch.Tensor) -> torch.Tensor:
    weights = picture[0, 0] / picture.sum()
    places = torch.arange(float(len(weights)))
    return torch.stack([weights.sum(1) @ places, weights.sum(0) @ places])


def test_the_first_view_is_the_picture_itself_and_no_two_are_equal() -> None:
    x = blob()
    seen = views_of(x, MOST_VIEWS)
    assert len(seen) == MOST_VIEWS
    assert seen[0] is x
    for row, one in enumerate(seen):
        assert not any(torch.allclose(one, other) for other in seen[:row])


def test_the_views_of_a_pair_go_opposite_ways_by_a_few_pixels() -> None:
    x = blob()
    first, *moved = views_of(x, MOST_VIEWS)
    for one, other in zip(moved[::2], moved[1::2], strict=True):
        ways = [middle(view) - middle(first) for view in (one, other)]
        assert min(way.norm() for way in ways) > 0.3
        assert max(way.norm() for way in ways) < 4
        assert torch.cosine_similarity(*ways, dim=0) < -0.8


def test_a_picture_of_one_grey_stays_as_it_is() -> None:
    grey = torch.full((2, 3, 8, 8), 0.7)
    for view in views_of(grey, MOST_VIEWS):
        torch.testing.assert_close(view, grey)


def test_the_head_is_applied_to_the_mean_feature() -> None:
    model = Conv4(filters=3, norm="layer")
    params = model.start((1, 16, 16), 4, torch.Generator().manual_seed(0))
    x = torch.rand(5, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    mean = sum(model.embed(params, view) for view in views_of(x, 5)) / 5
    outputs = TaskObjective(model, 4, views=5).outputs(params, x)
    expected = mean @ params["head.weight"].T + params["head.bias"]
    torch.testing.assert_close(outputs, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", ["batch", "layer"])
@pytest.mark.parametrize("transductive", [True, False])
def test_traced_and_mapped_views_are_those_as_written(
    norm: str, transductive: bool
) -> None:
    model = Conv4(filters=3, norm=norm)
    params = model.start((1, 16, 16), 2, torch.Generator().manual_seed(0))
    objective = TaskObjective(model, 2, views=3)
    x = torch.rand(3, 4, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    y = torch.tensor([0, 1]).repeat(3, 1)
    episodes = Episode(Examples(x[:, :2], y), Examples(x[:, 2:], y))

    def answers(params: dict, episode: Episode) -> torch.Tensor:
        return objective.answers(params, episode, transductive=transductive)

    found = [
        engine.map(answers, episodes, params)
        for name in ("loop", "threads", "vmap")
        for engine in [choose_engine(name, torch.device("cpu"), Omniglot())]
        for _ in range(2)  # the second time it is replayed
    ]
    for each in found[1:]:
        torch.testing.assert_close(each, found[0], rtol=1e-4, atol=1e-5)


def test_numbers_have_no_views() -> None:
    with pytest.raises(ConfigError, match="views are of pictures"):
        small_config(evaluation__views=3)
