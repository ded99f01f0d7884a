"""Episodes that are collected as a learner adapts."""

from __future__ import annotations

from dataclasses import replace

import torch

from tests.core.acting.made_tasks import (
    collected,
    collector,
    drawn,
    small_config,
    started,
)
from workbench.core.acting.policy import objective_of
from workbench.core.acting.trajectories import LOG_SD
from workbench.core.engine.engine import ThreadEngine, VmapEngine
from workbench.core.engine.trees import tensors_in
from workbench.core.training.examining import by_step

NEAR = {"rtol": 1e-9, "atol": 1e-11}


def test_a_trajectory_is_what_weights_task_and_noise_make_of_it():
    config = small_config()
    meta, state = started(config)
    draws = drawn(config, 1)
    acted = collected(config, meta, state, 1).support
    for task in range(2):
        goal, place = draws.support.x[task, 0, :2], draws.support.x[task, 0, 2:]
        for step in range(config.task.horizon):
            mean = config.model.apply(meta, place[None])[0]
            action = mean + meta[LOG_SD].exp() * draws.support.y[task, 0, step]
            torch.testing.assert_close(acted.x[task, 0, step], place, **NEAR)
            torch.testing.assert_close(acted.y[task, 0, step], action, **NEAR)
            place = place + 0.1 * action.clamp(-1, 1)
            told = -(place - goal).norm()
            torch.testing.assert_close(acted.reward[task, 0, step], told, **NEAR)


def test_each_inner_step_acts_under_the_weights_adapted_so_far():
    config = small_config(inner_steps=2)
    meta, state = started(config)
    episode = collected(config, meta, state, 2)
    objective, learner = objective_of(config.model, config.task), config.algorithm
    for task in range(2):
        own = episode.tasks(task)
        iterates = learner.adapt(objective, meta, own.batches(2), state)
        for weights, acted in zip(iterates, by_step(episode, 2), strict=True):
            means = objective.outputs(weights, acted.x[task])
            torch.testing.assert_close(acted.mean[task], means, **NEAR)
            sd = weights[LOG_SD].expand_as(acted.log_sd[task])
            torch.testing.assert_close(acted.log_sd[task], sd, **NEAR)


def test_engines_and_replays_collect_the_same():
    config = small_config("meta-sgd", inner_steps=2)
    meta, state = started(config)
    told = tensors_in(collected(config, meta, state, 2))
    for engine in (ThreadEngine(2), VmapEngine()):
        other = replace(collector(config), engine=engine)
        for _ in range(4):
            found = other.collect(drawn(config, 2), meta, state, 2)
            for one, same in zip(tensors_in(found), told, strict=True):
                torch.testing.assert_close(one, same, **NEAR)


def test_later_inner_steps_are_as_much_shorter_as_they_are_told():
    config = small_config(inner_steps=2)
    meta, state = started(config)
    whole = collector(config).collect(drawn(config, 2), meta, state, 2)
    half = collector(config).collect(drawn(config, 2), meta, state, 2, later=0.5)
    rows = config.task.shots
    torch.testing.assert_close(
        half.support.advantage[:, rows:], whole.support.advantage[:, rows:] / 2
    )
    torch.testing.assert_close(
        half.support.advantage[:, :rows], whole.support.advantage[:, :rows]
    )


def test_nothing_is_rewarded_or_learned_after_the_end():
    config = small_config()
    meta, _ = started(config)
    draws = drawn(config, 1)
    # A goal one long step away along both axes, and a policy that goes there.
    draws.query.x[..., :2] = 0.1
    weights = {name: torch.zeros_like(leaf) for name, leaf in meta.items()}
    weights["head.bias"] = torch.full_like(weights["head.bias"], 5.0)
    weights[LOG_SD] = torch.full_like(weights[LOG_SD], -9.0)
    every = {name: leaf.expand(2, *leaf.shape) for name, leaf in weights.items()}
    acted = collector(config).act(every, draws.query)
    assert (acted.lengths == 1).all()
    assert (acted.ended == 1).all()
    assert (acted.returns.abs() < 1e-6).all()
    assert (acted.advantage[..., 1:] == 0).all()
