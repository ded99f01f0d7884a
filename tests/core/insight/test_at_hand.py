"""A task at hand is adapted to as training would, at another rate if one likes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.made_data import configuration
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.insight.at_hand import AtHand, Knobs
from workbench.core.learning.episode import Examples
from workbench.core.training.trained import Trained


def sinusoid(kind: str = "maml", **knobs: float) -> AtHand:
    config = configuration("sinusoid", algorithm__kind=kind)
    shown = EpisodeSource(Path()).episode(config, Address("test", 0, 3))
    return AtHand(Trained.untrained(config), shown, Knobs(**knobs))


@pytest.mark.parametrize("kind", ["maml", "meta-sgd", "reptile"])
def test_the_path_ends_where_the_answers_do(kind: str) -> None:
    hand = sinusoid(kind, rate=0.5, steps=3)
    objective, path = hand.path()
    query = hand.shown.episode.query
    assert len(path) == 4
    losses = [float(objective.loss(weights, query).detach()) for weights in path]
    assert hand.answers().query_loss == pytest.approx(losses, rel=1e-6)


def test_a_first_step_goes_as_far_as_its_rate_says() -> None:
    near, far = sinusoid(rate=0.25, steps=1), sinusoid(rate=1.0, steps=1)

    def moved(hand: AtHand) -> torch.Tensor:
        start, end = hand.path()[1]
        return torch.cat([(end[name] - start[name]).flatten() for name in start])

    torch.testing.assert_close(4 * moved(near), moved(far), rtol=1e-3, atol=1e-6)


def test_another_support_is_another_curve_of_the_same_task() -> None:
    hand = sinusoid(rate=1.0, steps=1)
    support = hand.shown.episode.support
    moved = hand.with_support(Examples(support.x, support.y + 1.0))
    one, other = hand.answers(), moved.answers()
    assert other.curves is not None
    assert one.curves is not None
    assert (other.curves[0] == one.curves[0]).all()
    assert (other.curves[1] != one.curves[1]).any()
    assert (hand.shown.episode.support.y == support.y).all()
