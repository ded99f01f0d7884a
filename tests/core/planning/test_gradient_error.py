"""The error of meta-gradients, where the exact one is known from a dense solve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.algorithms.problems import flat, like
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.inner_loop import last
from workbench.core.learning.objective import TaskObjective
from workbench.core.planning.gradient_error import (
    _Tasks,
    learners_error,
    unrolled_error,
)
from workbench.core.runs.errors import RunError


def config(**algorithm: Any) -> RunConfig:
    learner = {"kind": "imaml", "inner_lr": 0.02, "proximal": 30.0, "inner_steps": 20}
    return RunConfig.from_dict(
        {
            "task": {"kind": "sinusoid", "shots": 5},
            "model": {"kind": "mlp", "hidden": [6], "initial": "xavier"},
            "algorithm": learner | algorithm,
            "training": {"meta_batch": 3},
        }
    )


def test_the_exact_meta_gradient_is_that_of_a_dense_solve(tmp_path: Path) -> None:
    tasks, learner = _Tasks(config(), tmp_path), config().algorithm
    objective = TaskObjective(config().model, None)
    found, is_known = tasks.exact()
    assert is_known.all()
    for number, exact in enumerate(found):
        episode = tasks._episodes.tasks(number)
        phi = last(learner.adapt(objective, tasks._meta, episode.batches(80), {}))
        hessian = torch.autograd.functional.hessian(
            lambda at, on=episode: objective.loss(like(tasks._meta, at), on.support),
            flat(phi),
        )
        slope = flat(torch.func.grad(objective.loss)(phi, episode.query))
        matrix = torch.eye(len(slope)) + hessian / learner.proximal
        expected = torch.linalg.solve(matrix, slope)
        torch.testing.assert_close(exact, expected, rtol=1e-6, atol=1e-9)


def test_more_cg_steps_and_inner_steps_bring_it_nearer(tmp_path: Path) -> None:
    def error(**algorithm: Any) -> float:
        return learners_error(config(**algorithm), tmp_path, "cpu")

    by_cg = [error(inner_steps=40, cg_steps=steps) for steps in (1, 3, 19)]
    assert by_cg == sorted(by_cg, reverse=True)
    assert by_cg[-1] < -6
    by_steps = [error(cg_steps=19, inner_steps=steps) for steps in (1, 4, 16)]
    assert by_steps == sorted(by_steps, reverse=True)


def test_differentiating_through_the_steps_comes_as_near(tmp_path: Path) -> None:
    found = [
        unrolled_error(config(inner_steps=steps), tmp_path, "cpu") for steps in (1, 30)
    ]
    assert found[0] > -1
    assert found[1] < -5


def test_an_inner_loop_that_does_not_end_has_no_exact_gradient(tmp_path: Path) -> None:
    endless = config(inner_lr=1.0)
    with pytest.raises(RunError, match="there is no exact meta-gradient"):
        learners_error(endless, tmp_path, "cpu")
