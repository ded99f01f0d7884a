"""Environments of gymnasium's, with tasks, side by side."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Literal

import pytest
import torch

from workbench.core.acting.environment import ActingError
from workbench.core.acting.gymnasium_environment import GymnasiumTask
from workbench.core.base.errors import DataError
from workbench.core.config import members
from workbench.core.config.holdings import data_mistakes
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train

gymnasium = pytest.importorskip("gymnasium")
spaces = gymnasium.spaces


class Slide(gymnasium.Env):
    """A point on a line, moved by actions, that is to go to its target."""

    observation_space = spaces.Dict(
        {"place": spaces.Box(-9, 9, (2,)), "steps": spaces.Box(0, 99, ())}
    )
    action_space = spaces.Box(
        low=torch.tensor([-2.0, -torch.inf, 1.0]).numpy(),
        high=torch.tensor([4.0, torch.inf, torch.inf]).numpy(),
    )

    def __init__(self) -> None:
        self.target, self.taken, self.stopped = 0.0, [], False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.begun_for = self.target
        self.place = self.np_random.uniform(-1, 1, 2).astype("float32")
        self.taken, self.stopped = [], False
        return self._seen(), {}

    def step(self, action):
        assert not self.stopped
        self.taken.append(action)
        self.place = self.place + 0.1 * action[:2]
        self.stopped = self.breaks() or bool(self.place[0] > self.target)
        return self._seen(), -abs(float(self.place[0] - self.target)), *self._ends()

    def breaks(self) -> bool:
        return False

    def _ends(self):
        return self.stopped, len(self.taken) >= 30, {}

    def _seen(self):
        steps = torch.tensor(float(len(self.taken))).numpy()
        return {"place": self.place, "steps": steps}


class Raising(Slide):
    def breaks(self) -> bool:
        if len(self.taken) == 3:
            raise KeyError("no such place")
        return False


class Unseen(Slide):
    def breaks(self) -> bool:
        self.place = self.place * (math.nan if len(self.taken) == 3 else 1)
        return False


class Unmade(Slide):
    def __init__(self) -> None:
        raise OSError("there is no such slide")


class Stepping(Slide):
    action_space = spaces.Discrete(3)


KINDS = {kind.__name__: kind for kind in (Slide, Raising, Unseen, Unmade, Stepping)}


class Sliding(GymnasiumTask):
    """Points to slide to targets."""

    title = "Sliding"

    kind: Literal["sliding"] = "sliding"
    which: str = "Slide"

    def make(self):
        return KINDS[self.which]()

    def draw_tasks(self, split, tasks, generator):
        """Draw targets."""
        return 2 + torch.rand(tasks, 1, generator=generator, device=generator.device)

    def set_task(self, environment, numbers):
        (environment.target,) = numbers


class Worthless(Sliding):
    """Points whose places are worth no number."""

    kind: Literal["worthless"] = "worthless"  # type: ignore[assignment]

    def reward(self, environment, numbers, reward):
        return math.nan


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(members, "_admitted", {name: {} for name in members._SETS})
    members.register(Sliding)
    members.register(Worthless)
    RunConfig.take_new_kinds()
    yield
    monkeypatch.undo()
    RunConfig.take_new_kinds()


def config_for(kind: str = "sliding", **task: object) -> RunConfig:
    sizes = {"kind": kind, "shots": 3, "queries": 2, "horizon": 6}
    return RunConfig.from_dict(
        {
            "task": sizes | task,
            "model": {"kind": "mlp", "hidden": [4]},
            "algorithm": {"kind": "maml"},
            "training": {"iterations": 3, "meta_batch": 2, "checkpoint_every": 1},
            "evaluation": {"every": 9, "validation_tasks": 2, "tasks": 2, "steps": 1},
        }
    )


def trained(config: RunConfig, place: Path) -> RunFolder:
    folder = new_run(place, config)
    list(train(folder, data=place))
    return folder


DRAWN = torch.tensor([[[2.0, 5.0], [2.0, 9.0]], [[-3.0, 5.0], [0.3, 7.0]]])


def test_sizes_are_those_of_the_spaces():
    assert (Sliding().input_shape, Sliding().outputs) == ((3,), 3)


def test_rows_are_copies_reset_with_their_seeds_for_their_tasks():
    environment = Sliding().environment()
    _, seen = environment.begin(DRAWN)
    for row, (target, seed) in enumerate(DRAWN.flatten(0, 1).tolist()):
        own = Slide()
        own.target = target
        told, _ = own.reset(seed=int(seed))
        flat = spaces.flatten(own.observation_space, told)
        assert seen.flatten(0, 1)[row].tolist() == flat.tolist()
        assert environment.copies._copies[row].begun_for == pytest.approx(target)


def test_steps_are_the_environments_and_none_after_the_end():
    environment = Sliding().environment()
    state, seen = environment.begin(DRAWN)
    going = torch.ones(2, 2, dtype=torch.bool)
    action = torch.tensor([0.5, 3.0, 0.0]).expand(2, 2, 3)
    for _ in range(4):
        before = seen
        state, seen, reward, is_over = environment.step(state, action)
        moved = (seen - before)[..., 0]
        # Half of the way from 1, in the middle of its bounds, to 4.
        assert torch.allclose(moved[going], torch.full((), 0.25), atol=1e-6)
        assert (moved[~going] == 0).all()
        assert (reward[~going] == 0).all()
        away = -(seen[..., 0] - DRAWN[..., 0]).abs()
        assert torch.allclose(reward[going], away[going], atol=1e-6)
        assert (is_over[~going]).all()
        assert torch.equal(is_over, (seen[..., 0] > DRAWN[..., 0]) | ~going)
        going = ~is_over
    assert going.any()
    assert not going.all()


def test_actions_without_both_bounds_are_taken_as_they_are():
    environment = Sliding().environment()
    state, _ = environment.begin(DRAWN)
    environment.step(state, torch.tensor([-7.0, 30.0, -5.0]).expand(2, 2, 3))
    (taken,) = environment.copies._copies[0].taken
    assert taken.tolist() == [-2.0, 30.0, 1.0]
    assert taken.dtype == "float32"


def test_a_state_is_stepped_from_once():
    environment = Sliding().environment()
    state, _ = environment.begin(DRAWN)
    actions = torch.zeros(2, 2, 3)
    environment.step(state, actions)
    with pytest.raises(ActingError, match="Sliding: its copies went on from turn 1"):
        environment.step(state, actions)
    later, _ = environment.begin(DRAWN)
    environment.begin(DRAWN[:1])
    with pytest.raises(ActingError, match="went on"):
        environment.step(later, actions)


def test_copies_are_used_again():
    environment = Sliding().environment()
    _, first = environment.begin(DRAWN)
    copies = list(environment.copies._copies)
    environment.begin(DRAWN[:1])
    _, again = environment.begin(DRAWN)
    assert environment.copies._copies == copies
    assert torch.equal(first, again)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"which": "Raising"}, r"Sliding cannot be acted in: KeyError: 'no such"),
        ({"which": "Unseen"}, r"Sliding: what is observed is no number"),
        ({"kind": "worthless"}, r"Sliding: a reward is no number \(nan\)"),
    ],
)
def test_what_fails_in_it_ends_a_run_with_one_message(registered, tmp_path, task, said):
    config = config_for(**task)
    assert not data_mistakes(config, tmp_path)
    folder = new_run(tmp_path, config)
    with pytest.raises(ActingError, match=said) as caught:
        list(train(folder, data=tmp_path))
    assert folder.info().state == "failed"
    assert folder.info().message == str(caught.value)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("Unmade", "Sliding cannot be made: OSError: there is no such slide"),
        ("Stepping", "Sliding acts by Discrete(3)"),
    ],
)
def test_what_cannot_be_acted_in_is_said_in_the_form(registered, tmp_path, which, said):
    (mistake,) = data_mistakes(config_for(which=which), tmp_path)
    assert mistake.field == "task.kind"
    assert said in str(mistake)
    with pytest.raises(DataError, match="Sliding"):
        Sliding(which=which).environment()


def test_without_gymnasium_it_says_what_to_install(registered, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    (mistake,) = data_mistakes(config_for(horizon=7), tmp_path)
    assert "pip install 'fewshot-workbench[rl]'" in str(mistake)


def test_a_run_in_it_is_what_its_seed_makes_it(registered, tmp_path):
    one, two = (trained(config_for(), tmp_path / name) for name in "ab")
    losses = [
        [event.loss for event in folder.events() if hasattr(event, "meta_lr")]
        for folder in (one, two)
    ]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 3


def test_weights_that_are_no_numbers_are_not_its_fault():
    environment = Sliding().environment()
    state, _ = environment.begin(DRAWN)
    actions = torch.zeros(2, 2, 3)
    actions[0, 1] = math.nan
    outcome = environment.step(state, actions)
    is_lost = torch.tensor([[False, True], [False, False]])
    assert torch.equal(outcome.reward.isnan(), is_lost)
    assert environment.copies._copies[1].taken == []
