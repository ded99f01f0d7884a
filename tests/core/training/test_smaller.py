"""What is offered where memory ran out is valid, and needs less."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.made_runs import made, small_config
from tests.sketch_runs import config_of
from workbench.cli._wording import told
from workbench.core.runs.store import RunFolder
from workbench.core.training.evaluation import Examiner
from workbench.core.training.judging import evaluate
from workbench.core.training.outer_loop import OuterLoop
from workbench.core.training.smaller import smaller_evaluation, smaller_training
from workbench.core.training.trained import Trained
from workbench.core.training.training import train
from workbench.core.training.training_error import OutOfMemory


def no_room(*_: object, **__: object) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def test_a_smaller_training_is_valid_and_needs_less() -> None:
    config = small_config(algorithm__inner_steps=8, training__meta_batch=32)
    offered = [config.replace(remedy.changes) for remedy in smaller_training(config)]
    assert [each.training.meta_batch for each in offered] == [16, 32, 32, 32]
    assert [each.algorithm.inner_steps for each in offered[:2]] == [8, 4]
    assert [each.algorithm.order for each in offered[2:]] == ["first", "implicit"]


def test_a_smaller_evaluation_has_fewer_queries() -> None:
    (remedy,) = smaller_evaluation(small_config(task__queries=10))
    assert remedy.changes == {"evaluation.queries": 5}
    assert smaller_evaluation(small_config(evaluation__queries=1)) == ()


def test_a_smaller_evaluation_of_views_has_fewer() -> None:
    pictures = config_of(**{"evaluation.views": 9, "evaluation.queries": 1})
    (remedy,) = smaller_evaluation(pictures)
    assert remedy.changes == {"evaluation.views": 4}


def test_a_meta_step_without_room_is_kept_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path)
    monkeypatch.setattr(OuterLoop, "advance", no_room)
    with pytest.raises(OutOfMemory, match=r"^meta-step 1: out of memory on CPU"):
        list(train(folder, data=tmp_path, device="cpu"))
    problem = folder.info().problem
    assert problem is not None
    assert problem.remedies == smaller_training(folder.config())
    assert "Give --set training.meta_batch=1, or give --set" in told(problem)


@pytest.mark.parametrize("missing", ["OuterLoop", "TaskSettings"])
def test_data_or_weights_without_room_are_kept_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    folder = made(tmp_path)
    if missing == "OuterLoop":
        monkeypatch.setattr(OuterLoop, "__init__", no_room)
    else:
        monkeypatch.setattr(type(folder.config().task), "open", no_room)
    with pytest.raises(OutOfMemory, match=r"^the start: out of memory"):
        list(train(folder, data=tmp_path, device="cpu"))
    problem = folder.info().problem
    assert problem is not None
    assert problem.remedies


def test_an_evaluation_without_room_says_what_helps(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Examiner, "evaluate", no_room)
    with pytest.raises(OutOfMemory, match=r"^the evaluation: out of memory") as raised:
        evaluate(Trained.load(run), data=run.path, device=torch.device("cpu"))
    assert raised.value.remedies == smaller_evaluation(run.config())
