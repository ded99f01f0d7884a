"""Losses of policies, and the gradients that learners take of them."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Independent, Normal, kl_divergence

from tests.core.acting.made_tasks import collected, small_config, started
from workbench.core.acting.policy import (
    LOG_SD,
    gaussian_divergence,
    log_chance,
    objective_of,
)
from workbench.core.acting.trajectories import Trajectories
from workbench.core.learning.params import leaves, named_leaves, tree_map, unflatten

NEAR = {"rtol": 1e-9, "atol": 1e-12}


def gaussians():
    generator = torch.Generator().manual_seed(3)
    shape = (4, 7, 2)
    draw = lambda: torch.randn(shape, generator=generator, dtype=torch.double)  # noqa: E731
    return draw(), 0.3 * draw(), draw(), 0.3 * draw()


def test_the_chance_of_an_action_is_that_of_independent_gaussians():
    mean, log_sd, action, _ = gaussians()
    told = Independent(Normal(mean, log_sd.exp()), 1).log_prob(action)
    torch.testing.assert_close(log_chance(mean, log_sd, action), told, **NEAR)


def test_the_divergence_of_gaussians_is_its_closed_form():
    one, sd, other, sd2 = gaussians()
    first = Independent(Normal(one, sd.exp()), 1)
    second = Independent(Normal(other, sd2.exp()), 1)
    told = kl_divergence(first, second)
    torch.testing.assert_close(gaussian_divergence(one, sd, other, sd2), told, **NEAR)


def test_a_policy_does_not_diverge_from_what_acted():
    config = small_config()
    meta, state = started(config)
    episode = collected(config, meta, state, 1).tasks(0)
    objective = objective_of(config.model, config.task)
    assert objective.divergence(meta, episode.support) == pytest.approx(0, abs=1e-12)
    assert objective.divergence(meta, episode.query) > 1e-6


def test_the_inner_loss_is_that_of_the_vanilla_policy_gradient():
    config = small_config()
    meta, state = started(config)
    episode = collected(config, meta, state, 1).tasks(0)
    acted = episode.support
    assert isinstance(acted, Trajectories)
    terms = []
    for trajectory in range(len(acted.x)):
        for step in range(int(acted.going[trajectory].sum())):
            hidden = torch.relu(
                meta["hidden1.weight"] @ acted.x[trajectory, step]
                + meta["hidden1.bias"]
            )
            mean = meta["head.weight"] @ hidden + meta["head.bias"]
            chance = Normal(mean, meta[LOG_SD].exp()).log_prob(
                acted.y[trajectory, step]
            )
            terms.append(chance.sum() * acted.advantage[trajectory, step])
    objective = objective_of(config.model, config.task)
    told = -torch.stack(terms).mean()
    torch.testing.assert_close(objective.loss(meta, acted), told, **NEAR)


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("kind", ["maml", "meta-sgd", "anil"])
def test_the_meta_gradient_is_that_of_finite_differences(kind, steps):
    config = small_config(kind, inner_steps=steps)
    learner = config.algorithm
    meta, state = started(config)
    episode = collected(config, meta, state, steps).tasks(1)
    objective = objective_of(config.model, config.task)

    def judged(at):
        loss, _ = objective.score(
            learner.adapted(objective, at, episode, state), episode.query
        )
        return float(loss)

    said = objective.task_gradient(learner, meta, state, episode).gradient
    generator = torch.Generator().manual_seed(5)
    nudge = 1e-5
    for _ in range(4):
        way = tree_map(
            lambda leaf: torch.randn(leaf.shape, generator=generator).double(), meta
        )
        ahead = judged(tree_map(lambda x, v: x + nudge * v, meta, way))
        behind = judged(tree_map(lambda x, v: x - nudge * v, meta, way))
        slope = sum(
            float((a * b).sum()) for a, b in zip(leaves(said), leaves(way), strict=True)
        )
        assert slope == pytest.approx((ahead - behind) / (2 * nudge), rel=1e-6)


def test_first_order_maml_leaves_the_jacobian_out():
    config = small_config("fomaml")
    meta, state = started(config)
    episode = collected(config, meta, state, 1).tasks(0)
    objective, learner = objective_of(config.model, config.task), config.algorithm
    adapted = learner.adapted(objective, meta, episode, state)
    tensors = {
        name: leaf.clone().requires_grad_() for name, leaf in named_leaves(adapted)
    }
    loss, _ = objective.score(unflatten(tensors), episode.query)
    loss.backward()
    said = objective.task_gradient(learner, meta, state, episode).gradient
    for name, leaf in named_leaves(said):
        torch.testing.assert_close(leaf, tensors[name].grad, **NEAR)


def test_joint_training_goes_up_the_policy_gradient_of_all_it_collected():
    config = small_config("joint")
    meta, state = started(config)
    episode = collected(config, meta, state, 0).tasks(0)
    objective = objective_of(config.model, config.task)
    said = objective.task_gradient(config.algorithm, meta, state, episode).gradient
    both = Trajectories(*map(torch.cat, zip(*episode[:2], strict=True)))
    told = torch.func.grad(objective.loss)(meta, both)
    for one, other in zip(leaves(said), leaves(told), strict=True):
        torch.testing.assert_close(one, other, **NEAR)
