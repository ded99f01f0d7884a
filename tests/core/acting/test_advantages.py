"""How advantages are worked out, against loops and a least-squares solver."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from workbench.core.acting.advantages import (
    baseline,
    discounted,
    normalised,
    with_advantages,
)
from workbench.core.acting.trajectories import Trajectories

TASKS, NUMBER, HORIZON = 3, 5, 9


@pytest.fixture
def acted():
    generator = torch.Generator().manual_seed(1)

    def draw(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.double)

    lengths = torch.randint(3, HORIZON + 1, (TASKS, NUMBER), generator=generator)
    going = (torch.arange(HORIZON) < lengths[..., None]).double()
    shape = TASKS, NUMBER, HORIZON
    return Trajectories(
        x=2 * draw(*shape, 2),
        y=draw(*shape, 2),
        reward=draw(*shape) * going,
        going=going,
        advantage=torch.zeros(shape, dtype=torch.double),
        mean=draw(*shape, 2),
        log_sd=draw(TASKS, NUMBER, 2),
        last=draw(TASKS, NUMBER, 2),
        ended=(lengths < HORIZON).double(),
    )


def test_what_follows_is_worth_less_the_later(acted):
    told = torch.zeros_like(acted.reward)
    for step in reversed(range(HORIZON)):
        after = told[..., step + 1] if step + 1 < HORIZON else 0
        told[..., step] = acted.reward[..., step] + 0.9 * after
    torch.testing.assert_close(discounted(acted.reward, 0.9), told)


def features_of(x):
    time = np.arange(len(x))[:, None] / 100
    x = np.clip(x, -10, 10)
    return np.concatenate([x, x**2, time, time**2, time**3, np.ones_like(time)], 1)


def fitted(acted, returns, task):
    """Return a ridge regression's expectations, row by row of what went on."""
    rows, targets = [], []
    for one in range(NUMBER):
        length = int(acted.going[task, one].sum())
        rows.append(features_of(acted.x[task, one].numpy())[:length])
        targets.append(returns[task, one, :length].numpy())
    every = np.concatenate(rows)
    ridge = np.sqrt(1e-5) * np.eye(every.shape[1])
    stacked = np.concatenate([every, ridge])
    aims = np.concatenate([*targets, np.zeros(len(ridge))])
    weights = np.linalg.lstsq(stacked, aims, rcond=None)[0]
    return [row @ weights for row in rows]


def test_the_baseline_is_a_ridge_regression_of_each_task_by_itself(acted):
    returns = discounted(acted.reward, 0.99)
    found = baseline(acted, returns)
    for task in range(TASKS):
        for one, told in enumerate(fitted(acted, returns, task)):
            np.testing.assert_allclose(found[task, one, : len(told)], told, rtol=1e-6)


def test_features_that_say_the_same_twice_leave_a_baseline(acted):
    same = acted._replace(x=torch.full_like(acted.x, 1e30))
    found = baseline(same, discounted(acted.reward, 0.99))
    assert found.isfinite().all()


@pytest.mark.parametrize("smoothing", [1.0, 0.7])
def test_advantages_are_generalised_estimates_over_a_baseline(acted, smoothing):
    returns = discounted(acted.reward, 0.95)
    found = with_advantages(acted, 0.95, smoothing).advantage
    for task in range(TASKS):
        every = []
        for one, value in enumerate(fitted(acted, returns, task)):
            length, estimate, estimates = len(value), 0.0, []
            for step in reversed(range(length)):
                after = value[step + 1] if step + 1 < length else 0.0
                reward = float(acted.reward[task, one, step])
                surprise = reward + 0.95 * after - value[step]
                estimate = surprise + 0.95 * smoothing * estimate
                estimates.append(estimate)
            every.append(estimates[::-1])
        flat = np.concatenate(every)
        for one, estimates in enumerate(every):
            told = (np.array(estimates) - flat.mean()) / (flat.std() + 1e-8)
            went = found[task, one, : len(told)]
            np.testing.assert_allclose(went, told, rtol=1e-5, atol=1e-7)
            assert (found[task, one, len(told) :] == 0).all()


def test_rewards_that_never_differ_give_no_advantage(acted):
    flat = torch.ones_like(acted.reward) * acted.going
    assert normalised(flat, acted.going).abs().max() < 1e-6
