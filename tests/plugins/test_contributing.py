"""The page for contributors: its learner works as it stands there."""

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
def learner(monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found
    module = ModuleType("decayed")
    monkeypatch.setitem(sys.modules, "decayed", module)
    exec(compile(found[1], str(PAGE), "exec"), vars(module))
    monkeypatch.setattr(members, "_admitted", {name: {} for name in members._SETS})
    members.register(module.Decayed)
    RunConfig.take_new_kinds()
    yield module.Decayed
    monkeypatch.undo()
    RunConfig.take_new_kinds()


def test_the_learner_of_the_page_trains(learner: type, tmp_path: Path) -> None:
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


def test_the_learner_of_the_page_steps_as_its_rule_says(learner: type) -> None:
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
    made = learner(inner_lr=0.1, decay=0.25)
    before, after = made.adapt(task, theta, [batch], {})
    gradient = torch.func.grad(task.loss)(theta, batch)
    for name in theta:
        wanted = 0.75 * before[name] - 0.1 * gradient[name]
        torch.testing.assert_close(after[name], wanted)
