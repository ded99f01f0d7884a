"""What a policy does in one task is what training and evaluation would collect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.acting_runs import HORIZON, TRAJECTORIES, cheetah, navigation
from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.acted_episode import ActedEpisode, ActedEpisodes
from workbench.core.episodes.answers import hardest, misfit
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.training.outer_loop import EVALUATION_SEED, OuterLoop
from workbench.core.training.trained import Trained

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-4, "atol": 1e-4}
GOALS_MET = {"task__horizon": 60, "training__seed": 5}


def acted(config: RunConfig, address: Address, steps: int) -> ActedEpisode:
    source, trained = EpisodeSource(Path("none")), Trained.untrained(config)
    return ActedEpisodes().act(trained, source, source.episode(config, address), steps)


def loop_of(config: RunConfig) -> OuterLoop:
    return OuterLoop(config, config.task.open(Path("none"), CPU), CPU)


def test_the_first_meta_batch_s_trajectories_are_those_of_training() -> None:
    config = navigation()
    loop = loop_of(config)
    assert loop.collected is not None
    collected = loop.collected.collect(loop.episodes[0], loop.meta, loop.state)
    for number in range(config.training.meta_batch):
        told = acted(config, Address("train", config.training.seed, number), 1)
        for update, part in zip(
            told.updates, (collected.support, collected.query), strict=True
        ):
            for name, leaf in (("rewards", "reward"), ("advantages", "advantage")):
                going = part.going[number].bool().numpy()
                values = getattr(update, name)
                np.testing.assert_array_equal(np.isfinite(values), going)
                truth = getattr(part, leaf)[number].numpy()
                np.testing.assert_allclose(values[going], truth[going], **CLOSE)


def test_returns_are_those_of_an_evaluation() -> None:
    config = navigation()
    steps = config.evaluation.steps
    loop = loop_of(config)
    curves = loop.examiner.curves(
        loop.meta, loop.state, "validation", 0, seed=EVALUATION_SEED
    )
    for number in (0, 3):
        told = acted(config, Address("validation", EVALUATION_SEED, number), steps)
        assert told.steps == steps
        np.testing.assert_allclose(told.returns, -curves[number, :, 2], **CLOSE)


def test_advantages_are_normal_at_every_inner_step() -> None:
    for split in ("train", "test"):
        told = acted(navigation(), Address(split, 0, 1), 3)
        for update in told.updates:
            going = update.advantages[np.isfinite(update.advantages)]
            assert going.mean() == pytest.approx(0, abs=1e-4)
            assert going.std() == pytest.approx(1, abs=1e-4)


def test_paths_and_rewards_are_of_one_walk_to_the_goal() -> None:
    config = navigation(**GOALS_MET, task__first_sd=2.0, task__shots=40)
    source = EpisodeSource(Path("none"))
    shown = source.episode(config, Address("train", 5, 0))
    assert shown.goals is not None
    goal = shown.goals.goals[shown.goals.which]
    told = ActedEpisodes().act(Trained.untrained(config), source, shown, 1).updates[0]
    assert told.paths is not None
    assert told.paths.shape == (40, 61, 2)
    away = np.linalg.norm(told.paths[:, 1:] - goal, axis=-1)
    going = np.isfinite(told.rewards)
    np.testing.assert_allclose(-told.rewards[going], away[going], atol=1e-5)
    np.testing.assert_array_equal(going.sum(1), told.lengths)
    np.testing.assert_allclose(np.nansum(told.rewards, 1), told.returns, rtol=1e-5)
    assert set(told.figures) == {"distance", "success"}


def test_of_a_policy_it_is_told_whether_it_was_trained() -> None:
    config = navigation()
    source, address = EpisodeSource(Path("none")), Address("train", 0, 0)
    shown, untrained = source.episode(config, address), Trained.untrained(config)
    assert not ActedEpisodes().act(untrained, source, shown, 1).is_trained
    later = Trained(config, untrained.meta, untrained.state, 7)
    told = ActedEpisodes().act(later, source, shown, 1)
    assert told.is_trained
    assert told.step == 7


def test_arrays_hold_every_inner_step() -> None:
    arrays = acted(navigation(), Address("train", 0, 0), 2).arrays()
    shape = 3, TRAJECTORIES, HORIZON
    assert arrays["rewards"].shape == arrays["advantages"].shape == shape
    assert arrays["returns"].shape == arrays["lengths"].shape == shape[:2]
    assert arrays["paths"].shape == (*shape[:2], HORIZON + 1, 2)


def test_goals_of_one_number_are_those_of_the_tasks() -> None:
    config = cheetah()
    shown = EpisodeSource(Path("none")).episode(config, Address("train", 0, 1))
    assert shown.goals is not None
    assert shown.goals.goals.shape == (config.training.meta_batch, 1)
    assert shown.goals.which == 1
    drawn = float(shown.episode.query.x[0, 0])
    assert shown.goals.goals[1, 0] == pytest.approx(drawn)


def test_the_hardest_tasks_have_the_lowest_returns() -> None:
    config = navigation()
    trained, source = Trained.untrained(config), EpisodeSource(Path("none"))
    addresses = [Address("validation", 0, number) for number in range(6)]
    found = hardest(
        trained, source, config, addresses, steps=1, progress=lambda done: None
    )
    assert found.measure == "return"
    assert not found.classes
    returns = [-each.loss for each in found.episodes]
    assert returns == sorted(returns)
    first = found.episodes[0]
    assert acted(config, first.address, 1).returns[-1] == pytest.approx(-first.loss)


def test_a_policy_fits_tasks_with_as_many_actions() -> None:
    config = navigation()
    assert misfit(config, config.replace({"task.wall": True})) == ""
    assert "20 numbers" in misfit(config, cheetah())
