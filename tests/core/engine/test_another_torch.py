"""On a torch without the parts of its own that replays need, training goes on."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
import torch

from tests.made_runs import timeless, trained
from workbench.core.engine import tracing
from workbench.core.ops.convolution import _has_one_task

GONE = [
    "torch._C.TensorType",
    "torch._C.Graph",
    "torch._C._create_function_from_graph",
    "torch.jit.optimized_execution",
    "torch.utils.weak.WeakTensorKeyDictionary",
    "torch.utils._python_dispatch.TorchDispatchMode",
]


@pytest.fixture
def as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import anew what was made with the parts that are taken away."""
    for module in ("tape", "replay"):
        name = f"workbench.core.engine.{module}"
        monkeypatch.delitem(sys.modules, name, raising=False)
    tracing._say_that_all_is_called.cache_clear()


@pytest.mark.usefixtures("as_new")
@pytest.mark.parametrize("gone", GONE)
def test_without_a_part_of_torch_training_is_the_same_and_says_it_once(
    gone: str,
    run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delattr(gone)
    without = trained(tmp_path / "without")
    assert without.info().state == "completed"
    assert timeless(without) == timeless(run)
    (said,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert gone.rpartition(".")[2] in said.getMessage()


@pytest.mark.usefixtures("as_new")
def test_a_replay_that_torch_runs_no_more_is_called_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no interpreter")

    monkeypatch.setattr("torch._C._create_function_from_graph", lambda *_: refuse)
    traces = tracing.Traces()
    for number in range(5):
        assert (
            traces(torch.exp, torch.tensor(float(number)))
            == torch.tensor(float(number)).exp()
        )
    (said,) = caplog.messages
    assert "no interpreter" in said


def test_a_batch_of_tasks_is_taken_for_one_where_torch_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = torch.zeros(2, 1, 3, 3)
    assert _has_one_task(x)
    monkeypatch.delattr("torch._C._functorch.is_functorch_wrapped_tensor")
    assert not _has_one_task(x)
