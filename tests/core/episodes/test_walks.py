"""What a learner walks on its way to a goal, update by update."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.acting_runs import (
    HORIZON,
    TRAJECTORIES,
    cheetah,
    made_run,
    navigation,
    untrained,
    write_checkpoint,
)
from tests.made_returns import validation
from workbench.core.episodes.actor import Errand
from workbench.core.episodes.walkers import Walkers
from workbench.core.episodes.walks import Walker, Walks
from workbench.core.runs.store import MetricsWriter
from workbench.core.training.trained import Trained

GOAL, ORIGIN = (0.3, -0.2), (0.0, 0.0)


def walked(
    steps: int = 2,
    *,
    goal: tuple[float, float] = GOAL,
    seed: int = 0,
    **overrides: object,
) -> Walks:
    trained = untrained(navigation(**overrides))
    return Walker.of(trained.config).walks(trained, goal, ORIGIN, steps, seed)


def test_there_is_a_walk_before_adapting_and_after_each_inner_step() -> None:
    walks = walked(2)
    assert walks.steps == 2
    for walk in walks.updates:
        assert walk.paths.shape == (TRAJECTORIES, HORIZON + 1, 2)
        assert walk.horizon == HORIZON
        assert walk.mean_path.shape == (HORIZON + 1, 2)


def test_without_inner_steps_there_is_one_walk() -> None:
    assert len(walked(0).updates) == 1


def test_paths_start_at_the_origin_and_no_step_is_longer_than_allowed() -> None:
    for walk in walked().updates:
        np.testing.assert_array_equal(walk.paths[:, 0], 0)
        assert np.abs(np.diff(walk.paths, axis=1)).max() <= 0.1 + 1e-6


def test_a_return_is_minus_the_distances_of_the_path_to_its_end() -> None:
    for walk in walked().updates:
        away = np.linalg.norm(walk.paths[:, 1:] - np.array(GOAL), axis=-1)
        told = [-row[: int(n)].sum() for row, n in zip(away, walk.lengths, strict=True)]
        np.testing.assert_allclose(walk.returns, told, rtol=1e-5)
        np.testing.assert_allclose(walk.distances, away[:, -1], atol=1e-6)


def test_a_trajectory_that_meets_the_goal_stays_there() -> None:
    goal = (0.03, 0.0)
    walks = [walked(3, goal=goal, seed=s, task__horizon=40) for s in range(3)]
    updates = [walk for each in walks for walk in each.updates]
    met = [(walk, row) for walk in updates for row in np.flatnonzero(walk.arrived)]
    assert met, "none met the goal: the test has nothing to look at"
    for walk, row in met:
        after = walk.paths[row, int(walk.lengths[row]) :]
        np.testing.assert_array_equal(after, np.broadcast_to(after[0], after.shape))
        assert np.abs(after[0] - goal).max() < 0.01


def test_the_same_chance_has_the_same_walks_and_another_has_others() -> None:
    one, same, other = walked(seed=1), walked(seed=1), walked(seed=2)
    np.testing.assert_array_equal(one.updates[-1].paths, same.updates[-1].paths)
    assert not np.array_equal(one.updates[-1].paths, other.updates[-1].paths)


def test_the_walk_after_an_inner_step_does_not_depend_on_how_many_follow() -> None:
    few, many = walked(1), walked(3)
    for one, other in zip(few.updates, many.updates, strict=False):
        np.testing.assert_array_equal(one.paths, other.paths)


def test_before_adapting_it_walks_as_if_there_were_no_goal() -> None:
    one, other = walked(1), walked(1, goal=(-0.4, 0.4))
    np.testing.assert_array_equal(one.updates[0].paths, other.updates[0].paths)
    assert not np.array_equal(one.updates[1].paths, other.updates[1].paths)


def test_figures_are_means_over_trajectories() -> None:
    walk = walked().updates[0]
    assert walk.mean_return == pytest.approx(walk.returns.mean())
    assert walk.distance == pytest.approx(walk.distances.mean())
    assert walk.success == walk.arrived.mean()
    expected = 1.96 * walk.returns.std(ddof=1) / TRAJECTORIES**0.5
    assert walk.return_ci95 == pytest.approx(expected)


def test_one_trajectory_has_no_interval() -> None:
    walk = walked(1, task__shots=1).updates[0]
    assert walk.return_ci95 == 0.0


def test_a_task_s_start_counts_where_it_is_drawn() -> None:
    trained = untrained(navigation(task__start="varied"))
    walker = Walker.of(trained.config)
    walks = walker.walks(trained, GOAL, (0.2, 0.1), 1)
    np.testing.assert_allclose(
        walks.updates[0].paths[:, 0], [(0.2, 0.1)] * TRAJECTORIES
    )
    goal, start = walker.drawn(3)
    assert (goal, start) == walker.drawn(3)
    assert start != (0.0, 0.0)


def test_runs_walk_side_by_side_from_their_start_or_the_task_s(tmp_path: Path) -> None:
    fixed = made_run(tmp_path)
    varied = made_run(tmp_path, task__start="varied")
    errand = Errand(GOAL, (0.2, 0.1), (fixed.path, varied.path), steps=1)
    starts = []
    for journey in Walkers().send(errand):
        assert journey.problem == ""
        assert journey.walks is not None
        starts.append(journey.walks.updates[0].paths[0, 0].tolist())
    assert starts[0] == [0.0, 0.0]
    assert starts[1] == pytest.approx([0.2, 0.1])


def test_a_newer_checkpoint_is_read(tmp_path: Path) -> None:
    run, walkers = made_run(tmp_path), Walkers()
    errand = Errand(GOAL, ORIGIN, (run.path,), steps=1)
    (before,) = walkers.send(errand)
    write_checkpoint(run, 7)
    (after,) = walkers.send(errand)
    assert (before.step, after.step) == (0, 7)


def test_a_run_that_is_gone_says_so_and_the_other_walks(tmp_path: Path) -> None:
    gone, other = made_run(tmp_path), made_run(tmp_path)
    shutil.rmtree(gone.path)
    errand = Errand(GOAL, ORIGIN, (gone.path, other.path), steps=1)
    lost, walked = Walkers().send(errand)
    assert lost.problem
    assert lost.walks is None
    assert walked.walks is not None


def test_what_is_walked_is_what_a_trained_run_would(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    trained = Trained.load(run)
    (journey,) = Walkers().send(Errand(GOAL, ORIGIN, (run.path,), steps=1))
    walks = Walker.of(trained.config).walks(trained, GOAL, ORIGIN, 1)
    assert journey.walks is not None
    np.testing.assert_array_equal(
        journey.walks.updates[1].paths, walks.updates[1].paths
    )


def test_a_journey_knows_how_well_its_run_was_validated_at_its_checkpoint(
    tmp_path: Path,
) -> None:
    run = made_run(tmp_path, step=4)
    writer = MetricsWriter(run, 0)
    steps = (2, 4, 6)
    found = [validation(step, (-9.0, -5.0 - step), best=True) for step in steps]
    writer.append(list(found))
    writer.close()
    (journey,) = Walkers().send(Errand(GOAL, ORIGIN, (run.path,), steps=1))
    assert journey.validated == found[1].by_step
    other = made_run(tmp_path, step=4)
    (journey,) = Walkers().send(Errand(GOAL, ORIGIN, (other.path,), steps=1))
    assert journey.validated == ()


def test_without_the_extra_a_cheetah_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_run(tmp_path, config=cheetah())
    monkeypatch.setattr("workbench.tasks.cheetah.missing_of", lambda *_: "no legs")
    (journey,) = Walkers().send(Errand((1.0,), ORIGIN, (run.path,), steps=1))
    assert journey.problem == "Half-cheetah: no legs"
    assert journey.walks is None
