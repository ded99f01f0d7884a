"""A meta-step never waits: it asks the device for no number, and gives it none.

On a GPU either would stop it until all that was asked before is done, and could not be
recorded as a CUDA graph.
"""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from workbench.core.config.run_config import RunConfig
from workbench.core.learning import layers
from workbench.core.planning.bench_workloads import (
    WORKLOADS,
    config_of,
    outer_loop_of,
    pairs,
)

aten = torch.ops.aten
ASKS = {
    aten._local_scalar_dense.default,
    aten.equal.default,
    aten.is_nonzero.default,
    aten.nonzero.default,
    aten.masked_select.default,
}
GIVES = {aten.lift_fresh.default, aten.lift.default}
"""What a tensor made of Python's numbers passes through."""

NOWHERE = torch.device("meta")
"""Where new tensors are that are not told a device."""


class _NoWaiting(TorchDispatchMode):
    """Refuses operations that need the host, or are not done where the others are."""

    def __torch_dispatch__(self, call, types, args=(), kwargs=None):
        assert call not in ASKS, f"{call} waits for the device"
        assert call not in GIVES, f"{call} makes the device wait"
        assert (kwargs or {}).get("device") != NOWHERE, f"{call} says no device"
        return call(*args, **(kwargs or {}))


def config_for(name: str, algorithm: str, **settings: object) -> RunConfig:
    config = config_of(WORKLOADS[name]._replace(tasks=2), algorithm, inner_steps=2)
    return config.model_copy(
        update={
            "training": config.training.model_copy(update={"engine": "vmap"}),
            "algorithm": config.algorithm.model_copy(update=settings),
        }
    )


def meta_step(config: RunConfig) -> None:
    loop = outer_loop_of(config, torch.device("cpu"))
    episodes = loop.episodes[0]
    with NOWHERE, _NoWaiting():
        loop.meta_step(episodes, 0.5)


LARGE = ("mini5-5", "maml")
"""What a learner does with large pictures it does with small ones."""


@pytest.mark.parametrize(
    ("name", "algorithm"), [*pairs(["sinusoid-1", "omniglot5-1"]), LARGE]
)
def test_a_meta_step_waits_for_nothing(name: str, algorithm: str, monkeypatch) -> None:
    monkeypatch.setattr(layers, "_on_cpu", lambda x: False)
    meta_step(config_for(name, algorithm))


@pytest.mark.parametrize(
    ("algorithm", "settings"),
    [
        ("imaml", {"inner_solver": "hessian-free"}),
        ("reptile", {"inner_optimiser": "sgd", "batch": 3}),
        ("maml", {"inner_clip": 1.0}),
    ],
)
def test_nor_does_it_with_other_settings(algorithm: str, settings) -> None:
    meta_step(config_for("sinusoid-1", algorithm, **settings))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("sinusoid-1", {"frequency": "varied"}),
        ("omniglot5-1", {"distortion": 1.0, "within_alphabet": True}),
        ("mini5-5", {}),
    ],
)
@pytest.mark.parametrize("algorithm", ["maml", "reptile"])
def test_nor_does_drawing_its_episodes(name: str, algorithm: str, changes) -> None:
    workload = WORKLOADS[name]
    workload = workload._replace(tasks=2, task=workload.task | changes)
    config = config_of(workload, algorithm, inner_steps=2)
    loop = outer_loop_of(config, torch.device("cpu"))
    with NOWHERE, _NoWaiting():
        loop.episodes[0]


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: torch.ones((), device="cpu").item(), "waits for the device"),
        (lambda: torch.tensor([1.0, 2.0], device="cpu"), "makes the device wait"),
        (lambda: torch.zeros(3), "says no device"),
    ],
)
def test_the_test_would_notice(work, said: str) -> None:
    with pytest.raises(AssertionError, match=said), NOWHERE, _NoWaiting():
        work()
