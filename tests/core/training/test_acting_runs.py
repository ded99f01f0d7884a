"""Runs whose tasks are acted in: they go on as if nothing had been, and are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.made_runs import acting_config, finish, timeless
from workbench.core.acting.collected import CollectedBatches
from workbench.core.config.run_config import ConfigError
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import named_leaves
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.events import CheckpointEvent, EndEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.judging import evaluate, under
from workbench.core.training.outer_loop import OuterLoop
from workbench.core.training.trained import Trained
from workbench.core.training.training import TrainingError, train


@pytest.mark.parametrize("optimiser", ["trust region", "adam"])
@pytest.mark.parametrize("inner_steps", [1, 2])
def test_a_run_that_was_stopped_is_the_same_to_the_last_bit(
    tmp_path: Path, optimiser: str, inner_steps: int
) -> None:
    config = acting_config(
        training__optimiser=optimiser, algorithm__inner_steps=inner_steps
    )
    whole = RunFolder.create(tmp_path, config)
    finish(whole)
    parted = RunFolder.create(tmp_path, config)
    training = train(parted, data=parted.path, device="cpu")
    for event in training:
        if isinstance(event, CheckpointEvent) and event.step == 2:
            break
    training.close()
    assert parted.info().state == "stopped"
    assert parted.info().step == 2
    finish(parted)
    assert _without_stops(parted) == _without_stops(whole)
    for which in ("latest", "best"):
        one, other = (
            dict(named_leaves({"meta": found.meta, "optimiser": found.optimiser}))
            for found in (
                load_checkpoint(folder.checkpoint(which)) for folder in (whole, parted)
            )
        )
        assert one.keys() == other.keys()
        for name, leaf in one.items():
            assert torch.equal(leaf, other[name])


def _without_stops(folder: RunFolder) -> list[object]:
    return [event for event in timeless(folder) if not isinstance(event, EndEvent)]


def test_a_run_whose_numbers_are_lost_keeps_its_trajectories_and_what_was_drawn(
    tmp_path: Path,
) -> None:
    config = acting_config(training__optimiser="sgd", training__meta_lr=1e30)
    folder = RunFolder.create(tmp_path, config)
    said = r"not finite .*; its trajectories are in offending-episodes-step-"
    with pytest.raises(TrainingError, match=said) as caught:
        finish(folder)
    (file,) = folder.path.glob("offending-episodes-step-*.safetensors")
    kept = load_file(file)
    assert file.name in str(caught.value)
    assert kept["drawn/support/x"].shape == (2, 3, 4)
    assert kept["drawn/query/y"].shape == (2, 3, 5, 2)
    for part in ("support", "query"):
        assert kept[f"{part}/x"].shape == (2, 3, 5, 2)
        assert kept[f"{part}/y"].shape == (2, 3, 5, 2)
        assert kept[f"{part}/reward"].shape == (2, 3, 5)


def test_the_trajectories_that_are_kept_are_those_that_were_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Episode] = []
    collect = CollectedBatches.collect

    def watched(self: CollectedBatches, *of: Any) -> Episode:
        seen.append(collect(self, *of))
        return seen[-1]

    monkeypatch.setattr(CollectedBatches, "collect", watched)
    config = acting_config(training__optimiser="sgd", training__meta_lr=1e30)
    folder = RunFolder.create(tmp_path, config)
    with pytest.raises(TrainingError):
        finish(folder)
    kept = load_file(next(folder.path.glob("offending-*")))
    for part, acted in zip(("support", "query"), seen[-1][:2], strict=True):
        for name, leaf in acted._asdict().items():
            found = kept[f"{part}/{name}"]
            assert torch.equal(found.nan_to_num(7.0), leaf.nan_to_num(7.0)), name


def test_a_policy_is_judged_on_other_goals_but_not_on_other_problems(
    tmp_path: Path,
) -> None:
    folder = RunFolder.create(tmp_path, acting_config())
    finish(folder)
    trained = Trained.load(folder)
    on_circles = under(trained, {"task.goals": "circle"})
    assert on_circles.config.task.model_dump()["goals"] == "circle"
    with pytest.raises(ConfigError, match="reinforcement learning has no ways"):
        under(trained, {"task.ways": 5})
    with pytest.raises(ConfigError, match="inputs of 4"):
        under(trained, {"task.oracle": True})
    with pytest.raises(ConfigError, match="reinforcement learning, 2D"):
        under(trained, {"task.kind": "sinusoid"})


def test_what_was_no_number_before_is_not_made_worse(tmp_path: Path) -> None:
    config, cpu = acting_config(), torch.device("cpu")
    examiner = OuterLoop(config, config.task.open(tmp_path, cpu), cpu).examiner
    lost, good, bad = float("nan"), 2.0, 5.0
    losses = torch.tensor([[lost, good], [lost, lost], [good, bad], [good, lost]])
    columns = 3 + len(examiner.figures)
    scores = examiner.scores(losses.unsqueeze(-1).expand(4, 2, columns))
    assert [score.figures["worse"] for score in scores] == [0.0, 0.5]


def test_an_evaluation_tells_how_many_tasks_adapting_made_worse(
    tmp_path: Path,
) -> None:
    config = acting_config(task__horizon=40, algorithm__inner_lr=5.0)
    trained = under(Trained.untrained(config), {"evaluation.tasks": 30})
    found = evaluate(trained, data=tmp_path, device=torch.device("cpu"))
    losses = torch.tensor(found.query_loss)
    assert losses.shape[0] == 30
    worse = (losses > losses[:, :1]).double().mean(0)
    assert worse[1:].max() > 0.2
    for score, share in zip(found.by_step, worse.tolist(), strict=True):
        assert score.figures["worse"] == pytest.approx(share)
        assert list(score.figures)[-1] == "worse"
