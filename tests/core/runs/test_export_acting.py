"""A run whose tasks are acted in, for other programs."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
import torch

from tests.made_members import learners
from tests.made_runs import acting_config, finish
from workbench.core.acting.policy import PolicyObjective, objective_of
from workbench.core.acting.trajectories import LOG_SD
from workbench.core.base.errors import DataError
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.learning.inner_loop import last
from workbench.core.runs.export import export_csv, export_weights
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained


@pytest.fixture
def acted(tmp_path: Path) -> RunFolder:
    folder = RunFolder.create(tmp_path / "runs", acting_config())
    finish(folder)
    return folder


def test_figures_have_the_return_and_what_the_environment_tells(
    acted: RunFolder, tmp_path: Path
) -> None:
    with export_csv(acted, tmp_path / "acted.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    (last_line,) = (line for line in lines if line["step"] == "4")
    assert float(last_line["validation_mean_return"]) < 0
    assert 0 <= float(last_line["validation_success"]) <= 1
    assert float(last_line["kl"]) >= 0


@pytest.mark.parametrize("learner", learners("reinforcement"))
def test_exported_lines_adapt_a_policy_as_the_learner_does(
    learner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = acting_config(algorithm__kind=learner)
    folder = RunFolder.create(tmp_path / "runs", config)
    finish(folder)
    path = export_weights(folder, tmp_path / "policy.safetensors")
    names: dict = {}
    monkeypatch.chdir(tmp_path)
    exec(compile(path.with_suffix(".py").read_text(), os.fspath(path), "exec"), names)
    trained = Trained.load(folder)
    weights = config.algorithm.weights(trained.meta)
    random = torch.Generator().manual_seed(0)
    acted = config.task.blank(3, "cpu")
    acted = acted._replace(
        x=torch.randn(acted.x.shape, generator=random),
        y=torch.randn(acted.y.shape, generator=random),
        advantage=torch.randn(3, 5, generator=random),
        going=torch.ones(3, 5),
        log_sd=weights[LOG_SD].expand(3, -1),
    )
    objective = objective_of(config.model, config.task)
    assert isinstance(objective, PolicyObjective)
    expected = last(
        config.algorithm.adapt(objective, trained.meta, [acted], trained.state)
    )
    seen, actions = acted.x.flatten(0, 1), acted.y.flatten(0, 1)
    adapted = names["adapt"](names["w"], seen, (actions, acted.advantage.flatten()))
    for name, leaf in expected.items():
        torch.testing.assert_close(adapted[name], leaf.detach())
    assert names["act"](adapted, seen).shape == actions.shape


@pytest.mark.parametrize(
    ("later", "said"), [(0.5, "with 0.5 times the advantages"), (1.0, "")]
)
def test_exported_lines_say_how_long_later_steps_are(
    later: float, said: str, tmp_path: Path
) -> None:
    config = acting_config(task__later_steps=later)
    folder = RunFolder.create(tmp_path / "runs", config)
    finish(folder)
    path = export_weights(folder, tmp_path / "policy.safetensors")
    last_line = path.with_suffix(".py").read_text().splitlines()[-1]
    assert said in last_line
    assert ("times" in last_line) == bool(said)


def test_its_episodes_are_but_goals_to_look_at_before_it_acts(acted: RunFolder) -> None:
    shown = EpisodeSource(acted.path).episode(acted.config(), Address())
    assert shown.goals is not None
    with pytest.raises(DataError, match="2D navigation is acted in"):
        Trained.load(acted).look(shown.episode, 1)
