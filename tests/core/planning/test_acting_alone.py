"""Runs that learn from what they collect themselves go alone."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.made_runs import acting_config
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, pairs
from workbench.core.training.company import Company
from workbench.core.training.outer_loop import OuterLoop


def test_runs_that_act_are_no_batch_and_make_their_own_meta_steps(
    tmp_path: Path,
) -> None:
    cpu = torch.device("cpu")
    loops = []
    for seed in (0, 1):
        config = acting_config(training__seed=seed)
        loops.append(OuterLoop(config, config.task.open(tmp_path, cpu), cpu))
    company = Company()
    assert company.meet(loops) == []
    company.advance(loops)
    assert not any(loop.is_ahead for loop in loops)
    company.close()


def test_policies_are_timed_as_they_are_trained() -> None:
    learners = {learner for name, learner in pairs(["navigation-1"])}
    assert {"maml", "fomaml", "meta-sgd"} <= learners
    assert not {"reptile", "imaml", "protonet"} & learners
    config = config_of(WORKLOADS["navigation-1"], "maml")
    assert config.training.optimiser == "trust region"
