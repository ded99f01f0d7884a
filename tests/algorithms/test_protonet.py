"""Prototypical networks in float64, against distances to means of classes."""

from __future__ import annotations

import pytest
import torch

from tests.algorithms.problems import (
    by_mlp,
    central_differences,
    classification,
    flat,
    ways,
)
from workbench.algorithms.protonet import PrototypicalNetworks
from workbench.core.learning.episode import Episode
from workbench.core.learning.inner_loop import last
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params


def minus_distances(
    task: TaskObjective, params: Params, episode: Episode
) -> torch.Tensor:
    """Return minus the squared distances of queries to the means of classes."""
    embedded = task.embed(params, episode.support.x)
    means = [embedded[episode.support.y == label].mean(0) for label in range(3)]
    return torch.stack(
        [
            torch.stack([-((seen - mean) ** 2).sum() for mean in means])
            for seen in task.embed(params, episode.query.x)
        ]
    )


@pytest.mark.parametrize("problem", [by_mlp, classification])
def test_prototypes_classify_by_the_distance_to_a_class_s_mean(problem):
    task, params, episode = problem()
    learner = PrototypicalNetworks()
    said = learner.meta_gradient(task, params, episode, {})
    adapted = last(learner.adapt(task, params, episode.batches(1), {}))
    expected = minus_distances(task, params, episode).softmax(-1)
    found = task.model.apply(adapted, episode.query.x).softmax(-1)
    torch.testing.assert_close(found, expected)
    right = expected.gather(1, episode.query.y[:, None])
    torch.testing.assert_close(said.loss, -right.log().mean())
    hits = (expected.argmax(-1) == episode.query.y).double().mean()
    torch.testing.assert_close(said.accuracy, hits)


@pytest.mark.parametrize("problem", [by_mlp, classification])
def test_the_meta_gradient_of_prototypes_is_that_of_the_distances(problem):
    task, params, episode = problem()
    said = PrototypicalNetworks().meta_gradient(task, params, episode, {})
    gradient = flat(said.gradient)
    along = ways(len(gradient))
    expected = central_differences(
        lambda at: torch.nn.functional.cross_entropy(
            minus_distances(task, at, episode), episode.query.y
        ),
        params,
        along,
    )
    torch.testing.assert_close(along @ gradient, expected, rtol=1e-5, atol=1e-8)
    assert not said.gradient["head.weight"].any()


def test_prototypes_are_there_after_a_step_and_stay():
    task, params, episode = classification()
    learner = PrototypicalNetworks()
    _, once, *more = learner.adapt(task, params, episode.batches(3), {})
    for iterate in more:
        assert torch.equal(flat(iterate), flat(once))
    moved = {name for name in params if not torch.equal(once[name], params[name])}
    assert moved == {"head.weight", "head.bias"}
