"""The half-cheetah, beside gymnasium's own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from workbench.core.acting.environment import ActingError, Outcome
from workbench.core.acting.rollout import rollout
from workbench.core.base.errors import DataError
from workbench.core.base.randomness import generator_for
from workbench.core.config.holdings import data_mistakes
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Examples
from workbench.core.runs.new_run import new_run
from workbench.core.training.training import train
from workbench.tasks.cheetah import FASTEST, HalfCheetah

TASKS, NUMBER, STEPS = 3, 4, 50
EXACT = {"rtol": 0, "atol": 1e-15}
SECONDS = 0.05

IN_A_FOLDER_OF_ITS_OWN = """
import os, sys
import workbench.tasks.cheetah as cheetah
task = cheetah.HalfCheetah()
assert task.input_shape == (20,)
assert not {"mujoco", "gymnasium", "torch"} & set(sys.modules)
import torch
task.environment().begin(torch.zeros(1, 1 + 2 * cheetah.JOINTS))
assert "mujoco" in sys.modules
assert "gymnasium" not in sys.modules
print(os.listdir())
"""


@pytest.fixture
def simulated() -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("gymnasium")


@pytest.fixture
def theirs(simulated):
    pytest.importorskip("imageio")
    import gymnasium

    from workbench.core.acting.simulations import quiet_mujoco

    quiet_mujoco()
    made = gymnasium.make("HalfCheetah-v5")
    made.reset(seed=0)
    yield made.unwrapped
    made.close()


def drawn_for(task: HalfCheetah, tasks: int = TASKS, number: int = NUMBER):
    generator = generator_for(0, "train", 0)
    goals = task.draw_tasks("train", tasks, generator)
    starts = task.draw_starts((tasks, number), generator)
    each = goals[:, None].expand(tasks, number, 1)
    return torch.cat([each, starts], -1).double()


def actions_for(*shape: int) -> torch.Tensor:
    """Return actions, some of them beyond what joints can do."""
    generator = torch.Generator().manual_seed(1)
    return 3 * torch.rand(*shape, 6, generator=generator, dtype=torch.double) - 1.5


def acted(environment, drawn, actions) -> list[Outcome]:
    state, seen = environment.begin(drawn)
    told = [Outcome(state, seen, None, None)]
    for action in actions:
        told.append(environment.step(told[-1].state, action))
    return told


def by_them(theirs, starts, actions):
    """Yield what gymnasium's observes before each action and after all of them."""
    import mujoco

    mujoco.mj_resetData(theirs.model, theirs.data)
    theirs.set_state(theirs.init_qpos + starts[:9].numpy(), starts[9:].numpy())
    told = None
    for step in range(len(actions) + 1):
        place, speed = theirs.data.qpos.copy(), theirs.data.qvel.copy()
        mujoco.mj_kinematics(theirs.model, theirs.data)
        torso = theirs.get_body_com("torso").copy()
        yield place, speed, torso, told
        if step < len(actions):
            told = theirs.step(actions[step].numpy())[4]["x_velocity"]


@pytest.mark.parametrize("goals", ["velocity", "direction"])
def test_every_step_is_that_of_gymnasiums_half_cheetah(theirs, goals):
    task = HalfCheetah(goals=goals)
    drawn, actions = drawn_for(task), actions_for(STEPS, TASKS, NUMBER)
    ours = acted(task.environment(), drawn, actions)
    for row in range(TASKS):
        for one in range(NUMBER):
            goal, own = drawn[row, one, 0], actions[:, row, one]
            steps = by_them(theirs, drawn[row, one, 1:], own)
            for said, taken, (place, speed, torso, told) in zip(
                ours, [None, *own], steps, strict=True
            ):
                parts = said.observation[row, one].split([8, 9, 3])
                for part, truth in zip(parts, [place[1:], speed, torso], strict=True):
                    torch.testing.assert_close(part, torch.tensor(truth), **EXACT)
                if taken is None:
                    continue
                run = -abs(told - goal) if goals == "velocity" else goal * told
                cost = 0.05 * sum(min(abs(float(a)), 1) ** 2 for a in taken)
                assert float(said.reward[row, one]) == pytest.approx(float(run) - cost)
                assert not said.is_over[row, one]


def test_starts_are_as_gymnasium_draws_them(theirs):
    task = HalfCheetah()
    starts = task.draw_starts((100, 50), generator_for(3, "train", 0))
    places, speeds = starts[..., :9], starts[..., 9:]
    scale = theirs._reset_noise_scale
    assert places.abs().max() <= scale
    assert places.std() == pytest.approx(scale / 3**0.5, rel=0.02)
    assert speeds.std() == pytest.approx(scale, rel=0.02)


@pytest.mark.parametrize(
    ("goals", "wanted"), [("velocity", None), ("direction", {-1.0, 1.0})]
)
def test_goals_are_velocities_or_directions(goals, wanted):
    drawn = HalfCheetah(goals=goals).draw_tasks("test", 200, generator_for(0, "a", 0))
    assert drawn.shape == (200, 1)
    if wanted:
        assert set(drawn.flatten().tolist()) == wanted
    else:
        assert 0 <= drawn.min() < 0.1
        assert FASTEST - 0.1 < drawn.max() <= FASTEST


def test_what_comes_of_a_state_is_the_same_in_any_company(simulated):
    environment = HalfCheetah().environment()
    drawn = drawn_for(HalfCheetah(), 4, 50)
    actions = actions_for(6, 4, 50)
    in_one = acted(replace(environment, threads=1), drawn, actions)
    in_three = acted(replace(environment, threads=3), drawn, actions)
    alone = acted(environment, drawn[1:2, 7:8], actions[:, 1:2, 7:8])
    again = environment.step(in_one[3].state, actions[3])
    for one, three, by_itself in zip(in_one, in_three, alone, strict=True):
        assert torch.equal(one.observation, three.observation)
        assert torch.equal(one.observation[1:2, 7:8], by_itself.observation)
    assert torch.equal(again.observation, in_one[4].observation)
    assert torch.equal(again.reward, in_one[4].reward)


def test_an_oracle_is_told_the_goal(simulated):
    task = HalfCheetah(oracle=True)
    drawn = drawn_for(task)
    _, seen = task.environment().begin(drawn)
    assert seen.shape[-1:] == task.input_shape
    assert torch.equal(seen[..., -1], drawn[..., 0])


@pytest.mark.parametrize("goals", ["velocity", "direction"])
def test_figures_are_of_velocities(simulated, goals):
    environment = HalfCheetah(goals=goals).environment()
    drawn = drawn_for(HalfCheetah(goals=goals))
    noise = actions_for(TASKS, NUMBER, STEPS)
    collected = rollout(
        environment,
        lambda seen: torch.zeros(*seen.shape[:-1], 6, dtype=torch.double),
        torch.zeros(TASKS, 6, dtype=torch.double),
        Examples(drawn, noise),
    )
    places = torch.cat([collected.x[..., 17], collected.last[..., None, 17]], -1)
    velocities, goal = places.diff() / SECONDS, drawn[..., :1]
    told = environment.figures(collected)
    assert tuple(told) == environment.figures_told
    torch.testing.assert_close(told["velocity"], velocities.mean(-1))
    if goals == "velocity":
        off = (velocities - goal).abs().mean(-1)
        torch.testing.assert_close(told["distance"], off)
    else:
        is_right = (velocities.mean(-1) * goal[..., 0] > 0).double()
        assert torch.equal(told["success"], is_right)


def test_a_simulation_that_is_no_number_any_more_is_told_of(simulated):
    environment = HalfCheetah().environment()
    state, _ = environment.begin(drawn_for(HalfCheetah()))
    environment.simulations.velocities(state.rows)[0, 1] = 1e300
    with pytest.raises(ActingError, match=r"Half-cheetah: 1 of 12 simulations"):
        environment.step(state, torch.zeros(TASKS, NUMBER, 6, dtype=torch.double))


def test_actions_that_are_no_numbers_are_worth_no_number_and_harm_no_other(simulated):
    environment = HalfCheetah().environment()
    drawn, actions = drawn_for(HalfCheetah()), actions_for(2, TASKS, NUMBER)
    whole = acted(environment, drawn, actions)[-1]
    actions[0, 1, 2, 3] = actions[1, 1, 2, 3] = float("nan")
    other = acted(environment, drawn, actions)[-1]
    is_lost = torch.zeros(TASKS, NUMBER, dtype=torch.bool)
    is_lost[1, 2] = True
    assert torch.equal(other.reward.isnan(), is_lost)
    assert torch.equal(other.reward[~is_lost], whole.reward[~is_lost])


def test_it_is_imported_when_simulated_and_leaves_no_log(simulated, tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", IN_A_FOLDER_OF_ITS_OWN],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stderr, said.stdout.strip()) == ("", "[]")


def small_config(**training: object) -> RunConfig:
    return RunConfig.from_dict(
        {
            "task": {"kind": "cheetah", "shots": 3, "queries": 2, "horizon": 5},
            "model": {"kind": "mlp", "hidden": [5]},
            "algorithm": {"kind": "maml"},
            "training": {"iterations": 3, "meta_batch": 2, **training},
            "evaluation": {"every": 2, "validation_tasks": 2, "tasks": 2, "steps": 2},
        }
    )


@pytest.mark.parametrize("optimiser", ["trust region", "adam"])
def test_it_trains_and_twice_the_same(simulated, tmp_path, optimiser):
    config = small_config(optimiser=optimiser)
    runs = [new_run(tmp_path / name, config) for name in ("one", "two")]
    told = [list(train(run, data=tmp_path)) for run in runs]
    losses = [[e.loss for e in events if hasattr(e, "meta_lr")] for events in told]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 3
    assert all(run.info().state == "completed" for run in runs)


@pytest.mark.parametrize("missing", [("mujoco",), ("gymnasium", "mujoco")])
def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch, missing):
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    config = small_config()
    (mistake,) = data_mistakes(config, tmp_path)
    assert mistake.field == "task.kind"
    assert "mujoco" in str(mistake)
    assert "pip install 'fewshot-workbench[rl]'" in str(mistake)
    with pytest.raises(DataError, match=r"fewshot-workbench\[rl\]"):
        config.task.environment()
    run = new_run(tmp_path, config)
    with pytest.raises(DataError, match=r"fewshot-workbench\[rl\]"):
        list(train(run, data=tmp_path))
    assert run.info().state == "failed"
    assert "fewshot-workbench[rl]" in run.info().message
