"""Meta-batches: functions of seed and number, however many are drawn at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from workbench.core.config.run_config import RunConfig
from workbench.core.training.sampling import (
    MetaBatches,
    meta_batches_together,
    tasks_together,
)

CPU = torch.device("cpu")


def config(**task: object) -> RunConfig:
    return RunConfig.from_dict(
        {
            "task": {"kind": "sinusoid", "shots": 5, "queries": 10, **task},
            "model": {"kind": "mlp", "hidden": [8]},
            "algorithm": {"kind": "maml"},
            "training": {"meta_batch": 4},
        }
    )


def meta_batches(given: RunConfig) -> MetaBatches:
    return MetaBatches(given, given.task.open(Path(), CPU), CPU)


def numbers(given: RunConfig, step: int) -> torch.Tensor:
    episode = meta_batches(given)[step]
    return torch.cat([part.flatten() for side in episode[:2] for part in side])


def test_small_meta_batches_are_drawn_together_and_large_ones_alone() -> None:
    assert meta_batches_together(config()) > 100
    assert tasks_together(config(), "train") % 4 == 0
    assert meta_batches_together(config(shots=1000, queries=1000)) == 2
    assert tasks_together(config(), "test") == tasks_together(config(), "validation")


def test_each_has_its_own_tasks_of_the_right_sizes() -> None:
    given = config()
    drawn, together = meta_batches(given), meta_batches_together(given)
    seen = {
        float(value)
        for step in range(together + 3)
        for value in drawn[step].support.x.flatten()
    }
    assert len(seen) > 0.99 * (together + 3) * 4 * 5
    assert drawn[together].query.y.shape == (4, 10, 1)


@pytest.mark.parametrize("step", [0, 7, 500, 501])
def test_one_is_the_same_whatever_was_drawn_before(step: int) -> None:
    given = config()
    drawn = meta_batches(given)
    for before in (step + 1, 3, step - 1 if step else 9000):
        _ = drawn[before]
    episode = drawn[step]
    found = torch.cat([part.flatten() for side in episode[:2] for part in side])
    assert torch.equal(found, numbers(given, step))


def test_those_of_another_seed_are_others() -> None:
    given = config()
    training = given.training.model_copy(update={"seed": 1})
    other = given.model_copy(update={"training": training})
    assert not torch.equal(numbers(given, 3), numbers(other, 3))


def test_inner_minibatches_are_drawn_along() -> None:
    values = config(shots=8).model_dump()
    values["algorithm"] = {"kind": "reptile", "batch": 3}
    given = RunConfig.from_dict(values)
    order = meta_batches(given)[5].order
    assert order is not None
    assert order.shape[0] == 4
    assert not torch.equal(order[0], order[1])
