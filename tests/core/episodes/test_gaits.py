"""How a learner runs towards its goal, update by update."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.acting_runs import HORIZON, TRAJECTORIES, cheetah, made_run, untrained
from workbench.core.acting.figure import PLACE
from workbench.core.episodes.actor import Errand
from workbench.core.episodes.gaits import Gait, Gaits, Runner
from workbench.core.episodes.walkers import Walkers

pytest.importorskip("mujoco")
pytest.importorskip("gymnasium")


def run(
    steps: int = 2, *, goal: float = 1.0, seed: int = 0, **overrides: object
) -> Gaits:
    trained = untrained(cheetah(**overrides))
    return Runner.of(trained.config).gaits(trained, goal, steps, seed)


def test_there_is_a_gait_before_adapting_and_after_each_inner_step() -> None:
    gaits = run(2)
    assert gaits.steps == 2
    assert gaits.duration == pytest.approx(HORIZON * 0.05)
    for gait in gaits.updates:
        assert gait.poses.shape == (TRAJECTORIES, HORIZON + 1, 9)


def test_bodies_are_above_the_ground_and_their_velocity_is_how_far_they_came() -> None:
    gaits = run(1)
    for gait in gaits.updates:
        limbs = gaits.figure.posed(gait.poses)
        assert limbs[..., 1].min() > -0.05
        assert limbs[..., 1].max() < 2
        way = gait.poses[:, -1, 0] - gait.poses[:, 0, 0]
        np.testing.assert_allclose(
            gait.figures["velocity"], way / gaits.duration, atol=1e-5
        )
        assert gait.velocity == pytest.approx(gait.figures["velocity"].mean())


def test_what_is_told_differs_by_what_a_goal_is() -> None:
    fast, way = run(0, goal=1.5), run(0, goal=-1.0, task__goals="direction")
    assert (fast.told_goal, fast.is_way) == ("1.50 m/s", False)
    assert list(fast.updates[0].figures) == ["velocity", "distance"]
    assert (way.told_goal, way.is_way) == ("backwards", True)
    assert list(way.updates[0].figures) == ["velocity", "success"]


def test_before_adapting_it_runs_as_if_there_were_no_goal() -> None:
    one, other = run(1, goal=0.2), run(1, goal=1.8)
    np.testing.assert_array_equal(one.updates[0].poses, other.updates[0].poses)
    assert not np.array_equal(one.updates[1].poses, other.updates[1].poses)


def test_the_gait_after_an_inner_step_does_not_depend_on_how_many_follow() -> None:
    few, many = run(1), run(2)
    for one, other in zip(few.updates, many.updates, strict=False):
        np.testing.assert_array_equal(one.poses, other.poses)


def test_a_pose_between_two_steps_is_between_them() -> None:
    poses = np.arange(6.0).reshape(1, 3, 2)
    gait = Gait(poses, np.zeros(1), {"velocity": np.zeros(1)})
    np.testing.assert_array_equal(gait.poses_at(0.5), [[1, 2]])
    np.testing.assert_array_equal(gait.poses_at(2), poses[:, 2])
    np.testing.assert_array_equal(gait.poses_at(9), poses[:, 2])


def test_the_typical_trajectory_is_the_one_nearest_to_the_mean() -> None:
    gait = Gait(np.zeros((3, 2, 9)), np.array([0.0, 9.0, 4.0]), {})
    assert gait.typical == 2


def test_the_tallest_is_how_high_the_typical_body_comes() -> None:
    gaits = run(1)
    for gait in gaits.updates:
        poses = gait.poses[gait.typical]
        highest = max(gaits.figure.posed(pose)[..., 1].max() for pose in poses)
        assert gait.tallest == pytest.approx(highest)
    assert gaits.tallest == max(gait.tallest for gait in gaits.updates)


def test_a_validation_task_is_the_same_each_time() -> None:
    trained = untrained(cheetah())
    runner = Runner.of(trained.config)
    one, same, other = (runner.look(trained, number, 1) for number in (3, 3, 4))
    assert one.goal == same.goal != other.goal
    np.testing.assert_array_equal(one.updates[1].poses, same.updates[1].poses)


def test_a_run_is_sent_after_a_velocity(tmp_path: Path) -> None:
    made = made_run(tmp_path, config=cheetah())
    (journey,) = Walkers().send(Errand((1.2,), (0.0, 0.0), (made.path,), steps=1))
    assert journey.problem == ""
    assert isinstance(journey.walks, Gaits)
    assert journey.walks.goal == 1.2
    assert np.isfinite(journey.walks.updates[1].poses[..., PLACE:]).all()
