"""The page for contributors: what it adds works as it stands there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from workbench.core.acting.policy import objective_of
from workbench.core.config import members
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Examples
from workbench.core.runs.new_run import new_run
from workbench.core.training.training import train

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"


@pytest.fixture
def member(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type]:
    """The class of that name, registered for the time of a test."""
    name = request.param
    page = PAGE.read_text(encoding="utf-8")
    (code,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", page, re.S)
        if f"class {name}(" in block
    )
    module = ModuleType(name.lower())
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, str(PAGE), "exec"), vars(module))
    monkeypatch.setattr(members, "_admitted", {name: {} for name in members._SETS})
    members.register(getattr(module, name))
    RunConfig.take_new_kinds()
    yield getattr(module, name)
    monkeypatch.undo()
    RunConfig.take_new_kinds()


of_the_learner = pytest.mark.parametrize("member", ["Decayed"], indirect=True)
of_the_environment = pytest.mark.parametrize("member", ["Valley"], indirect=True)


@of_the_learner
def test_the_learner_of_the_page_trains(member: type, tmp_path: Path) -> None:
    values = {
        "task": {"kind": "sinusoid"},
        "model": {"kind": "mlp", "hidden": [4]},
        "algorithm": {"kind": "decayed", "inner_steps": 2},
        "training": {"iterations": 3, "meta_batch": 2},
        "evaluation": {"every": 2, "validation_tasks": 2, "tasks": 2, "steps": 2},
    }
    folder = new_run(tmp_path, RunConfig.from_dict(values))
    events = list(train(folder, data=tmp_path))
    assert len(events) > 3
    assert folder.info().state == "completed"
    assert folder.info().members["algorithm"].name == "Decayed"


@of_the_learner
def test_the_learner_of_the_page_steps_as_its_rule_says(member: type) -> None:
    config = RunConfig.from_dict(
        {
            "task": {"kind": "sinusoid"},
            "model": {"kind": "mlp", "hidden": [4]},
            "algorithm": {"kind": "decayed"},
        }
    )
    task = objective_of(config.model, config.task)
    theta = config.model.start((1,), 1, torch.Generator().manual_seed(0))
    theta = {name: leaf.double() for name, leaf in theta.items()}
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)[:, None]
    batch = Examples(x, x.sin())
    made = member(inner_lr=0.1, decay=0.25)
    before, after = made.adapt(task, theta, [batch], {})
    gradient = torch.func.grad(task.loss)(theta, batch)
    for name in theta:
        wanted = 0.75 * before[name] - 0.1 * gradient[name]
        torch.testing.assert_close(after[name], wanted)


@of_the_environment
def test_the_environment_of_the_page_is_learned_in(
    member: type, tmp_path: Path
) -> None:
    pytest.importorskip("gymnasium")
    values = {
        "task": {"kind": "valley", "shots": 3, "queries": 2, "horizon": 5},
        "model": {"kind": "mlp", "hidden": [4]},
        "algorithm": {"kind": "maml"},
        "training": {"iterations": 2, "meta_batch": 2, "optimiser": "trust region"},
        "evaluation": {"every": 2, "validation_tasks": 2, "tasks": 2, "steps": 2},
    }
    folder = new_run(tmp_path, RunConfig.from_dict(values))
    list(train(folder, data=tmp_path))
    assert folder.info().state == "completed"
    assert folder.info().members["task"].name == "Valley"


@of_the_environment
def test_the_environment_of_the_page_is_gymnasiums_with_another_goal(
    member: type,
) -> None:
    gymnasium = pytest.importorskip("gymnasium")
    task = member()
    drawn = torch.cat([torch.tensor([[0.1], [0.5]]), torch.tensor([[3.0], [4.0]])], -1)
    environment = task.environment()
    state, seen = environment.begin(drawn.double())
    theirs = gymnasium.make("MountainCarContinuous-v0").unwrapped
    own, _ = theirs.reset(seed=4)
    for _ in range(5):
        assert seen[1].tolist() == own.tolist()
        action = torch.tensor([[0.5], [0.75]], dtype=torch.double)
        state, seen, reward, _ = environment.step(state, action)
        own, *_ = theirs.step(action[1].float().numpy())
        assert float(reward[1]) == pytest.approx(-abs(theirs.state[0] - 0.5))
