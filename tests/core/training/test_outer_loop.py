"""What an outer loop holds of a machine, and that it lets go of it."""

from __future__ import annotations

import contextlib
import gc
import threading
import weakref

import pytest
import torch

from tests.made_runs import made
from workbench.core.training.training import TrainingError, train


def task_threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name.startswith("tasks")}


def test_evaluations_are_made_by_the_threads_that_train(tmp_path) -> None:
    before = task_threads()
    events = train(made(tmp_path, training__engine="threads"), data=tmp_path)
    for _ in range(8):
        next(events)
    assert len(task_threads() - before) <= torch.get_num_threads()
    events.close()


@pytest.mark.parametrize("end", ["whole", "stopped", "failed"])
def test_nothing_of_a_run_is_kept_when_memory_is_given_back(
    tmp_path, end: str, monkeypatch
) -> None:
    left = []

    def look() -> None:
        gc.collect()
        left.append(loop())

    monkeypatch.setattr("workbench.core.training.training.give_memory_back", look)
    rate = 1e30 if end == "failed" else 1e-3
    folder = made(tmp_path, training__optimiser="sgd", training__meta_lr=rate)
    training = train(folder, data=tmp_path, device="cpu")
    next(training)
    loop = weakref.ref(training.loop)
    if end != "stopped":
        with (
            pytest.raises(TrainingError)
            if end == "failed"
            else contextlib.nullcontext()
        ):
            list(training)
    training.close()
    assert left == [None]
