"""A meta-step never waits for a number: the device is never asked for one."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from workbench.core.bench_workloads import (
    ALGORITHMS,
    WORKLOADS,
    config_of,
    trainer_of,
)

ASKS = {
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.equal.default,
    torch.ops.aten.is_nonzero.default,
    torch.ops.aten.nonzero.default,
    torch.ops.aten.masked_select.default,
}


class _NoQuestions(TorchDispatchMode):
    """Refuses the operations whose result has to come back from the device."""

    def __torch_dispatch__(self, call, types, args=(), kwargs=None):
        assert call not in ASKS, f"{call} waits for the device"
        return call(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", ["sinusoid-1", "omniglot5-1"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_meta_step_asks_for_no_number(name: str, algorithm: str) -> None:
    workload = WORKLOADS[name]._replace(tasks=2)
    config = config_of(workload, algorithm, inner_steps=2)
    loop = config.training.model_copy(update={"engine": "loop"})
    trainer = trainer_of(
        config.model_copy(update={"training": loop}), torch.device("cpu")
    )
    with _NoQuestions():
        trainer.advance()


def test_the_test_would_notice_a_question() -> None:
    with pytest.raises(AssertionError, match="waits"), _NoQuestions():
        torch.ones(()).item()
