"""MAML++ in float64: its loss and its rates, and where it is MAML or Meta-SGD."""

from __future__ import annotations

import itertools

import pytest
import torch

from tests.algorithms.problems import (
    central_differences,
    classification,
    flat,
    regression,
    seeded,
    ways,
)
from workbench.algorithms.maml import Maml
from workbench.algorithms.maml_pp import MamlPlusPlus
from workbench.algorithms.meta_sgd import MetaSgd
from workbench.core.learning.inner_loop import last
from workbench.core.learning.params import Params, tree_map


def maml_pp(params: Params, **settings: float) -> tuple[MamlPlusPlus, Params, Params]:
    """Return MAML++, its meta-parameters and its state, as training begins."""
    learner = MamlPlusPlus(**settings)
    meta = tree_map(lambda leaf: leaf.double(), learner.start(params, seeded()))
    state = tree_map(lambda leaf: leaf.double(), learner.state(params))
    return learner, meta, state


@pytest.mark.parametrize("problem", [regression, classification])
@pytest.mark.parametrize(
    ("made", "weights"),
    [
        (0, (1 / 3, 1 / 3, 1 / 3)),
        (40, (1 / 5, 1 / 5, 3 / 5)),
        (100, (0, 0, 1)),
        (900, (0, 0, 1)),
    ],
)
def test_maml_pps_meta_gradient_covers_weights_and_rates(problem, made, weights):
    task, params, episode = problem()
    learner, meta, state = maml_pp(params, inner_lr=0.1, inner_steps=3, annealing=100)
    rates = torch.linspace(0.5, 1.5, 3, dtype=torch.float64)
    meta["alpha"] = tree_map(lambda leaf: leaf * rates, meta["alpha"])

    def multi_step_loss(meta: Params) -> torch.Tensor:
        _, *iterates = learner.adapt(task, meta, episode.batches(3), state)
        losses = [task.loss(theta, episode.query) for theta in iterates]
        return sum(w * loss for w, loss in zip(weights, losses, strict=True))

    state = {"steps": state["steps"] + made}
    said = learner.meta_gradient(task, meta, episode, state)
    gradient = flat(said.gradient)
    along = ways(len(gradient))
    expected = central_differences(multi_step_loss, meta, along)
    torch.testing.assert_close(along @ gradient, expected, rtol=1e-5, atol=1e-8)
    gradient = flat(said.gradient["alpha"])
    along = ways(len(gradient), 3)
    expected = central_differences(
        lambda alpha: multi_step_loss(meta | {"alpha": alpha}), meta["alpha"], along
    )
    torch.testing.assert_close(along @ gradient, expected, rtol=1e-5, atol=1e-8)
    assert said.state["steps"] == made + 1
    assert said.extras["last_weight"] == pytest.approx(weights[-1])
    adapted = last(learner.adapt(task, meta, episode.batches(3), state))
    torch.testing.assert_close(said.loss, task.loss(adapted, episode.query))


def test_maml_pp_moves_each_layer_at_its_rate_of_the_step_and_then_of_the_last():
    task, params, episode = regression()
    learner, meta, state = maml_pp(params, inner_steps=2)
    rates = {"hidden1": (0.1, 0.2), "hidden2": (0.03, 0.01), "head": (0.05, 0.0)}
    meta["alpha"] = {
        layer: torch.tensor(each, dtype=torch.float64) for layer, each in rates.items()
    }
    iterates = list(learner.adapt(task, meta, episode.batches(3), state))
    for step, (before, after) in enumerate(itertools.pairwise(iterates)):
        slope = torch.func.grad(task.loss)(before, episode.support)
        for name, leaf in before.items():
            rate = rates[name.partition(".")[0]][min(step, 1)]
            torch.testing.assert_close(after[name], leaf - rate * slope[name])


@pytest.mark.parametrize("problem", [regression, classification])
def test_maml_pp_is_maml_where_all_rates_are_one_and_the_last_step_counts(problem):
    task, params, episode = problem()
    learner, meta, state = maml_pp(params, inner_lr=0.1, inner_steps=3, annealing=0)
    plain = Maml(inner_lr=0.1, inner_steps=3)
    expected = plain.meta_gradient(task, params, episode, {})
    said = learner.meta_gradient(task, meta, episode, state)
    torch.testing.assert_close(flat(said.gradient["theta"]), flat(expected.gradient))
    torch.testing.assert_close(said.loss, expected.loss)
    torch.testing.assert_close(said.accuracy, expected.accuracy)


@pytest.mark.parametrize("problem", [regression, classification])
def test_maml_pp_of_one_step_is_meta_sgd_whose_rates_are_a_layer_s(problem):
    task, params, episode = problem()
    learner, meta, state = maml_pp(params, inner_lr=0.1, inner_steps=1)
    sgd = MetaSgd(lowest_rate=0.1, highest_rate=0.1)
    by_weight = tree_map(lambda leaf: leaf.double(), sgd.start(params, seeded()))
    expected = sgd.meta_gradient(task, by_weight, episode, {})
    said = learner.meta_gradient(task, meta, episode, state)
    theta, alpha = expected.gradient["theta"], expected.gradient["alpha"]
    torch.testing.assert_close(
        flat(said.gradient["theta"]), flat(theta), rtol=1e-6, atol=1e-9
    )
    for layer, slope in said.gradient["alpha"].items():
        sums = [alpha[name].sum() for name in params if name.startswith(f"{layer}.")]
        torch.testing.assert_close(slope[0], sum(sums), rtol=1e-6, atol=1e-9)
