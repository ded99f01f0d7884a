"""Averaged inner gradients in float64, against slopes found by finite differences."""

from __future__ import annotations

import pytest
import torch

from tests.algorithms.problems import (
    central_differences,
    classification,
    flat,
    like,
    regression,
)
from workbench.algorithms.fomaml import FirstOrderMaml
from workbench.algorithms.inner_gradients import InnerGradients
from workbench.algorithms.joint import Joint
from workbench.algorithms.reptile import Reptile
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params

ORDER = torch.tensor([[4, 1], [0, 3], [2, 1]])


def slopes_on_the_way(
    task: TaskObjective, params: Params, batches: list[Examples], rate: float
) -> list[torch.Tensor]:
    """Return g_1, g_2, ..., each at where steps along those before it lead."""
    phi, found = flat(params), list[torch.Tensor]()
    for batch in batches:
        at = like(params, phi)
        found.append(central_differences(lambda w, on=batch: task.loss(w, on), at))
        phi = phi - rate * found[-1]
    return found


def minibatches(episode: Episode) -> list[Examples]:
    x, y = episode.support
    return [Examples(x[rows], y[rows]) for rows in ORDER]


@pytest.mark.parametrize("tail", ["shared", "separate"])
@pytest.mark.parametrize("averaged", [1, 2, None])
def test_it_is_the_mean_of_the_last_gradients_on_the_way(tail, averaged):
    task, params, episode = regression()
    learner = InnerGradients(inner_lr=0.1, inner_steps=3, averaged=averaged, tail=tail)
    said = learner.meta_gradient(task, params, episode._replace(order=ORDER), {})
    batches = minibatches(episode)
    if tail == "separate":
        batches[-1] = episode.query
    slopes = slopes_on_the_way(task, params, batches, 0.1)
    expected = torch.stack(slopes[-(averaged or 3) :]).mean(0)
    torch.testing.assert_close(flat(said.gradient), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("problem", [regression, classification])
def test_the_last_of_a_separate_tail_is_first_order_maml(problem):
    task, params, episode = problem()
    last = InnerGradients(inner_lr=0.1, inner_steps=4, averaged=1)
    said = last.meta_gradient(task, params, episode, {})
    maml = FirstOrderMaml(inner_lr=0.1, inner_steps=3)
    expected = maml.meta_gradient(task, params, episode, {})
    torch.testing.assert_close(flat(said.gradient), flat(expected.gradient))
    torch.testing.assert_close(said.loss, expected.loss)
    torch.testing.assert_close(said.accuracy, expected.accuracy)


@pytest.mark.parametrize("problem", [regression, classification])
def test_all_of_a_shared_tail_are_reptiles_way_over_its_steps(problem):
    task, params, episode = problem()
    episode = episode._replace(order=ORDER)
    every = InnerGradients(inner_lr=0.1, inner_steps=3, tail="shared")
    said = every.meta_gradient(task, params, episode, {})
    reptile = Reptile(inner_optimiser="sgd", inner_lr=0.1, inner_steps=3)
    moved = reptile.meta_gradient(task, params, episode, {}).gradient
    torch.testing.assert_close(flat(said.gradient), flat(moved) / (3 * 0.1))


def test_a_single_gradient_is_that_of_joint_training():
    task, params, episode = regression()
    said = InnerGradients(inner_steps=1).meta_gradient(task, params, episode, {})
    nothing = episode._replace(support=Examples(*(part[:0] for part in episode.query)))
    expected = Joint().meta_gradient(task, params, nothing, {})
    torch.testing.assert_close(flat(said.gradient), flat(expected.gradient))
