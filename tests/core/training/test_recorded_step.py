"""A meta-step that is recorded and replayed is the one that was written.

What a CUDA graph does on a GPU, ``Recording`` does here: it keeps the operations with
the memory they are on, and does them again without any of the Python around them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils import _pytree
from torch.utils._python_dispatch import TorchDispatchMode

from tests.benchmarks.against_peers import doubled
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import Recorded
from workbench.core.engine.engine import Engine, LoopEngine, VmapEngine
from workbench.core.learning import layers
from workbench.core.learning.params import Params, leaves
from workbench.core.planning.bench_workloads import (
    WORKLOADS,
    config_of,
    outer_loop_of,
    pairs,
)
from workbench.core.runs.checkpoint import Checkpoint
from workbench.core.training.outer_loop import OuterLoop

STEPS = 9
"""More than pass before a step is recorded."""
RATES = [2.0**-power for power in range(4, 4 + STEPS)]
"""Numbers that are the same in single and in double precision."""


class Recording(TorchDispatchMode):
    """Keeps operations and does them again, on the same memory."""

    def __init__(self) -> None:
        super().__init__()
        self._done: list[Callable[[], Any]] = []
        self._results: list[list[torch.Tensor]] = []

    def __torch_dispatch__(self, call, types, args=(), kwargs=None):
        results = call(*args, **(kwargs or {}))
        self._done.append(lambda: call(*args, **(kwargs or {})))
        self._results.append(tensors(results))
        return results

    def again(self) -> None:
        for call, results in zip(self._done, self._results, strict=True):
            for memory, result in zip(results, tensors(call()), strict=True):
                if memory.untyped_storage().data_ptr() != (
                    result.untyped_storage().data_ptr()
                ):
                    memory.copy_(result)


def record(work: Callable[[], None]) -> Callable[[], None]:
    recording = Recording()
    with recording:
        work()
    return recording.again


def tensors(tree: Any) -> list[torch.Tensor]:
    return [x for x in _pytree.tree_leaves(tree) if isinstance(x, torch.Tensor)]


def config_for(name: str, algorithm: str, **training: Any) -> RunConfig:
    config = config_of(WORKLOADS[name]._replace(tasks=2), algorithm, inner_steps=2)
    settings = config.training.model_copy(update={"engine": "vmap", **training})
    return config.model_copy(update={"training": settings})


def copied(loop: OuterLoop) -> Checkpoint:
    return _pytree.tree_map_only(torch.Tensor, torch.clone, loop.checkpoint())


def a_loop(start: OuterLoop, recorder: Any) -> OuterLoop:
    """Return an outer loop with the same start, recorded by ``recorder``."""
    return OuterLoop(
        start.config, start.family, start.device, engine=VmapEngine(), record=recorder
    )


def assert_same(a: OuterLoop, b: OuterLoop) -> None:
    ours = [*leaves(a.meta), *leaves(a.state), *tensors(a.slots)]
    theirs = [*leaves(b.meta), *leaves(b.state), *tensors(b.slots)]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
@pytest.mark.parametrize(("name", "algorithm"), pairs(["sinusoid-1"]))
def test_a_recorded_step_is_the_step_to_the_last_bit(
    name: str, algorithm: str, optimiser: str, caplog
) -> None:
    config = config_for(name, algorithm, optimiser=optimiser)
    start = outer_loop_of(config, torch.device("cpu"))
    written = a_loop(start, None)
    recorded = a_loop(start, record)
    with caplog.at_level(logging.WARNING):
        for number, rate in enumerate(RATES):
            episodes = start.episodes[number]
            figures = recorded.meta_step(episodes, rate).tolist()
            assert figures == written.meta_step(episodes, rate).tolist()
            assert_same(recorded, written)
    assert not caplog.messages


def test_a_recorded_step_goes_on_from_where_it_is_put() -> None:
    config = config_for("sinusoid-1", "reptile")
    start = outer_loop_of(config, torch.device("cpu"))
    written = a_loop(start, None)
    recorded = a_loop(start, record)
    for number, rate in enumerate(RATES):
        recorded.meta_step(start.episodes[number], rate)
    for _ in range(2):
        recorded.restore(copied(written))
        for number, rate in enumerate(RATES):
            for loop in (recorded, written):
                loop.meta_step(start.episodes[number], rate)
            assert_same(recorded, written)


@pytest.mark.parametrize("algorithm", ["maml", "reptile"])
def test_what_is_recorded_is_a_replay(algorithm: str, monkeypatch) -> None:
    config = config_for("sinusoid-1", algorithm)
    start = outer_loop_of(config, torch.device("cpu"))
    vmap, mapped, recorded = torch.func.vmap, [], []

    def counting(*arguments: Any, **keywords: Any) -> Any:
        mapped.append(arguments)
        return vmap(*arguments, **keywords)

    def watched(work: Callable[[], None]) -> Callable[[], None]:
        before = len(mapped)
        again = record(work)
        recorded.append(len(mapped) - before)
        return again

    monkeypatch.setattr(torch.func, "vmap", counting)
    loop = a_loop(start, watched)
    for number, rate in enumerate(RATES):
        loop.meta_step(start.episodes[number], rate)
    assert mapped
    assert recorded == [0]


def test_a_replay_asks_python_for_nothing() -> None:
    config = config_for("sinusoid-1", "maml")
    start = outer_loop_of(config, torch.device("cpu"))
    engine = _Counting()
    loop = OuterLoop(config, start.family, start.device, engine=engine, record=record)
    for number, rate in enumerate(RATES):
        loop.meta_step(start.episodes[number], rate)
    assert engine.calls < STEPS


class _Counting(LoopEngine):
    calls = 0

    def mean(self, *arguments: Any) -> Any:
        self.calls += 1
        return super().mean(*arguments)


def doubling(changed: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    def work(x: torch.Tensor) -> torch.Tensor:
        changed.add_(x)
        return 2 * x

    return work


def nothing(work: Callable[[], None]) -> Callable[[], None]:
    """Forgets what is to be done again."""
    work()
    return lambda: None


def refusal(work: Callable[[], None]) -> Callable[[], None]:
    """Says that it cannot be recorded."""
    work()
    raise RuntimeError("operation not permitted when stream is capturing")


def too_much(work: Callable[[], None]) -> Callable[[], None]:
    """Says, when it is to be done again, that there is no room for it."""
    work()

    def again() -> None:
        work()
        raise torch.OutOfMemoryError("CUDA out of memory")

    return again


@pytest.mark.parametrize("recorder", [nothing, refusal, too_much])
def test_what_cannot_be_recorded_is_called_as_it_is(recorder, caplog) -> None:
    total = torch.zeros(())
    recorded = Recorded(doubling(total), lambda: [total], recorder)
    for number in range(1, STEPS):
        assert recorded(torch.tensor(float(number))) == 2 * number
        assert total == number * (number + 1) / 2
    assert len(caplog.messages) == 1


def test_wrong_results_do_not_pass_beside_large_numbers(caplog) -> None:
    total = torch.full((), 1e6, dtype=torch.float64)
    times = iter(range(STEPS))

    def work(x: torch.Tensor) -> torch.Tensor:
        total.add_(x)
        return x + next(times)

    recorded = Recorded(work, lambda: [total], record)
    for _ in range(STEPS - 1):
        recorded(torch.ones((), dtype=torch.float64))
    assert len(caplog.messages) == 1


def test_the_work_as_it_is_leaves_its_memory_before_it_is_recorded() -> None:
    total, order = torch.zeros(()), []

    def work(x: torch.Tensor) -> torch.Tensor:
        order.append("work")
        return total.add_(x).clone()

    def watched(work: Callable[[], None]) -> Callable[[], None]:
        order.append("record")
        return record(work)

    recorded = Recorded(work, lambda: [total], watched)
    for _ in range(STEPS):
        recorded(torch.ones(()))
    assert order[order.index("record") :] == ["record", "work"]


def test_results_of_a_replay_follow_the_inputs() -> None:
    total = torch.zeros(())
    recorded = Recorded(doubling(total), lambda: [total], record)
    for number in range(1, STEPS):
        assert recorded(torch.tensor(float(number))) == 2 * number
        assert total == number * (number + 1) / 2


@pytest.mark.parametrize(("name", "algorithm"), pairs(["omniglot5-1", "mini5-5"]))
def test_a_gpu_is_given_the_same_to_compute(
    name: str, algorithm: str, monkeypatch
) -> None:
    workload = WORKLOADS[name]
    small = workload._replace(tasks=2, model={**workload.model, "filters": 4})
    loop = outer_loop_of(
        config_of(small, algorithm, inner_steps=2), torch.device("cpu")
    )
    episodes, meta, state = doubled((loop.episodes[0], loop.meta, loop.state))

    def gradient_by(engine: Engine) -> Params:
        by_engine = OuterLoop(loop.config, loop.family, loop.device, engine=engine)
        return by_engine.gradient(episodes, meta, state).gradient

    here = gradient_by(LoopEngine())
    monkeypatch.setattr(layers, "_on_cpu", lambda x: False)
    there = gradient_by(VmapEngine())
    torch.testing.assert_close(there, here, rtol=1e-8, atol=1e-10)
