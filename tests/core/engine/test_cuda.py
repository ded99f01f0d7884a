"""On a GPU: the same gradients, recorded steps, no waiting, nothing lost."""

from __future__ import annotations

import logging
import math

import pytest
import torch
from torch.utils import _pytree

from tests.benchmarks.against_peers import doubled
from tests.made_runs import finish, made, stop_after, timeless
from workbench.core.base.devices import choose_device
from workbench.core.engine.cuda_graph import cuda_graph
from workbench.core.engine.engine import LoopEngine, VmapEngine
from workbench.core.learning.params import Params, leaves, tree_map
from workbench.core.planning.bench_workloads import (
    WORKLOADS,
    config_of,
    measure,
    outer_loop_of,
    pairs,
)
from workbench.core.runs.checkpoint import Checkpoint, load_checkpoint
from workbench.core.training.outer_loop import OuterLoop

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a GPU that PyTorch sees"
)
STEPS = 12
"""More than pass before a step is recorded."""


def copied(loop: OuterLoop) -> Checkpoint:
    """Return a checkpoint that goes on as it is while the loop goes on."""
    return _pytree.tree_map_only(torch.Tensor, torch.clone, loop.checkpoint())


def flat(tree: Params) -> torch.Tensor:
    return torch.cat([leaf.flatten() for leaf in leaves(tree)])


@pytest.mark.parametrize(
    ("name", "algorithm"), pairs(["sinusoid-5", "omniglot5-1", "mini5-5"])
)
def test_a_gpus_gradient_is_the_cpus(name: str, algorithm: str) -> None:
    config = config_of(WORKLOADS[name]._replace(tasks=2), algorithm, inner_steps=2)
    loop = outer_loop_of(config, torch.device("cpu"))
    there = choose_device("cuda")
    tasks = doubled((loop.episodes[0], loop.meta, loop.state))

    def gradients_by(engine, device, times):
        episodes, meta, state = tasks
        episodes = episodes.to(device)
        meta, state = (tree_map(lambda x: x.to(device), one) for one in (meta, state))
        by_engine = OuterLoop(config, loop.family, device, engine=engine)
        for _ in range(times):
            gradient = by_engine.gradient(episodes, meta, state).gradient
            yield [leaf.cpu() for leaf in leaves(gradient)]

    (here,) = gradients_by(LoopEngine(), torch.device("cpu"), 1)
    # As it is written, and then by replay.
    for found in gradients_by(VmapEngine(), there, 4):
        torch.testing.assert_close(found, here, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "algorithm"), pairs(["sinusoid-1", "omniglot5-1", "mini5-5"])
)
def test_a_step_is_recorded_and_waits_for_nothing(
    name: str, algorithm: str, caplog
) -> None:
    config = config_of(WORKLOADS[name], algorithm, inner_steps=2)
    recorded = outer_loop_of(config, choose_device("cuda"))
    as_written = OuterLoop(
        config, recorded.family, recorded.device, engine=VmapEngine()
    )
    with caplog.at_level(logging.INFO):
        for number in range(STEPS):
            as_written.restore(copied(recorded))
            said = recorded.advance()
            expected = as_written.meta_step(recorded.episodes[number], said.meta_lr)
            found = torch.tensor(said.figures.numbers())
            torch.testing.assert_close(found, expected.cpu(), rtol=1e-3, atol=1e-3)
            # Adam makes a whole step of a gradient that is all rounding.
            apart = flat(recorded.meta) - flat(as_written.meta)
            assert apart.abs().mean() < 0.05 * said.meta_lr
    assert not caplog.messages
    torch.cuda.set_sync_debug_mode("error")
    try:
        recorded.advance()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_evaluations_leave_a_recorded_step_alone() -> None:
    config = config_of(WORKLOADS["sinusoid-1"], "maml")
    one, other = (outer_loop_of(config, choose_device("cuda")) for _ in range(2))
    for _ in range(STEPS):
        for tasks in (2, 20, 30):
            one.evaluate("validation", tasks)
        assert one.advance().figures.numbers() == other.advance().figures.numbers()


def test_a_run_on_a_gpu_stopped_and_resumed_is_the_run_never_stopped(tmp_path) -> None:
    whole, broken = made(tmp_path / "whole"), made(tmp_path / "broken")
    finish(whole, "cuda")
    stop_after(broken, 7, "cuda")
    finish(broken, "cuda")
    assert timeless(whole) == timeless(broken)
    checkpoints = (
        load_checkpoint(run.checkpoint("latest")).meta for run in (whole, broken)
    )
    assert all(map(torch.equal, *map(leaves, checkpoints)))


def test_bench_says_how_busy_the_gpu_is() -> None:
    measured = measure("omniglot5-1", "maml", "cuda")
    assert measured.gpu_busy is not None
    assert 0 < measured.gpu_busy <= 1
    assert math.isfinite(measured.meta_steps_per_second)


def test_a_recording_that_fails_leaves_the_thread_where_it_was() -> None:
    device, stream = choose_device("cuda"), torch.cuda.current_stream()
    number = torch.ones((), device=device)
    with pytest.raises(RuntimeError):
        cuda_graph(number.item)
    assert torch.cuda.current_stream() == stream
    again = cuda_graph(lambda: number.add_(1))
    again()
    assert number.item() == 2
