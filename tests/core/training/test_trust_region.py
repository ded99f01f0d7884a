"""Steps within a trust region, against a Hessian that is written out."""

from __future__ import annotations

import pytest
import torch

from tests.core.acting.made_tasks import collected, small_config, started
from workbench.core.acting import trust_region
from workbench.core.acting.policy import objective_of
from workbench.core.acting.trust_region import MOST_TRIES, TrustRegion
from workbench.core.engine.engine import LoopEngine, ThreadEngine, VmapEngine
from workbench.core.learning.params import named_leaves, tree_map, unflatten

LEARNERS = [("maml", 1), ("maml", 2), ("meta-sgd", 1), ("joint", 0)]


def region(config, engine=None, **settings):
    objective = objective_of(config.model, config.task)
    settings = {"limit": 0.01, **settings}
    return TrustRegion(config.algorithm, objective, engine or LoopEngine(), **settings)


def flat(tree):
    return torch.cat([leaf.flatten() for _, leaf in named_leaves(tree)])


def like(tree, numbers):
    parts = numbers.split([leaf.numel() for _, leaf in named_leaves(tree)])
    named = zip(named_leaves(tree), parts, strict=True)
    return unflatten({name: part.view_as(leaf) for (name, leaf), part in named})


def mean_kl(config, episodes, state, meta):
    objective = objective_of(config.model, config.task)
    learner = config.algorithm
    kls = []
    for task in range(len(episodes.query.x)):
        own = episodes.tasks(task)
        adapted = learner.adapted(objective, meta, own, state)
        kls.append(objective.divergence(adapted, own.query))
    return torch.stack(kls).mean()


@pytest.fixture(params=LEARNERS, ids=str)
def made(request):
    kind, steps = request.param
    config = small_config(kind, **({"inner_steps": steps} if steps else {}))
    meta, state = started(config)
    return config, meta, state, collected(config, meta, state, steps)


def dense(config, meta, state, episodes):
    at = flat(meta)
    return torch.autograd.functional.hessian(
        lambda numbers: mean_kl(config, episodes, state, like(meta, numbers)), at
    )


ENGINES = {"loop": LoopEngine, "threads": lambda: ThreadEngine(2), "vmap": VmapEngine}


@pytest.mark.parametrize("name", ENGINES)
def test_the_curvature_is_the_hessian_of_the_kl_through_adaptation(made, name):
    config, meta, state, episodes = made
    hessian = dense(config, meta, state, episodes)
    trust = region(config, ENGINES[name]())
    for _ in range(4):
        vector = torch.randn(len(hessian), dtype=torch.double)
        product = trust.curvature(episodes, meta, state)(like(meta, vector))
        torch.testing.assert_close(
            flat(product), hessian @ vector, rtol=1e-7, atol=1e-10
        )


def test_the_step_goes_where_a_dense_solve_goes(made, monkeypatch):
    config, meta, state, episodes = made
    monkeypatch.setattr(trust_region, "SOLVER_STEPS", 200)
    monkeypatch.setattr(trust_region, "DAMPING", 1e-2)
    hessian = dense(config, meta, state, episodes)
    damped = hessian + 1e-2 * torch.eye(len(hessian), dtype=torch.double)
    slope = torch.randn(len(hessian), dtype=torch.double)
    way = torch.linalg.solve(damped, slope)
    told = way * (2 * 0.01 / (way @ damped @ way)).sqrt()
    trust = region(config)
    whole = trust._whole_step(trust.curvature(episodes, meta, state), like(meta, slope))
    torch.testing.assert_close(flat(whole), told, rtol=1e-5, atol=1e-8)


def slope_of(config, meta, state, episodes):
    objective = objective_of(config.model, config.task)
    slopes = [
        flat(
            objective.task_gradient(
                config.algorithm, meta, state, episodes.tasks(task)
            ).gradient
        )
        for task in range(len(episodes.query.x))
    ]
    return like(meta, torch.stack(slopes).mean(0))


def test_a_step_improves_within_the_limit(made):
    config, meta, state, episodes = made
    trust = region(config)
    before, nothing = trust.judge(episodes, meta, state)
    slope = slope_of(config, meta, state, episodes)
    figures = trust.step(episodes, meta, state, slope)
    after, kl = trust.judge(episodes, meta, state)
    assert nothing == pytest.approx(0, abs=1e-12)
    assert after < before
    assert 0 < kl <= 0.01
    assert figures["kl"] == kl
    assert figures["improvement"] == pytest.approx(float(before - after))
    assert figures["kl_whole"] >= kl
    assert figures["line_search"] < MOST_TRIES


def test_where_no_step_improves_none_is_made(made):
    config, meta, state, episodes = made
    was = tree_map(torch.clone, meta)
    uphill = tree_map(torch.neg, slope_of(config, meta, state, episodes))
    # So short that the slope is all that counts.
    trust = region(config, limit=1e-10)
    figures = trust.step(episodes, meta, state, uphill)
    assert figures["line_search"] == MOST_TRIES
    assert figures["kl"] == figures["improvement"] == 0
    assert torch.equal(flat(meta), flat(was))


def test_the_figures_of_a_wild_step_are_numbers_all_the_same(made):
    config, meta, state, episodes = made
    slope = slope_of(config, meta, state, episodes)
    figures = region(config, limit=1e12).step(episodes, meta, state, slope)
    assert all(figure.isfinite() for figure in figures.values())
