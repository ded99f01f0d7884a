"""The examples, which a newcomer reads first: short, and they run."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbench
from workbench.notebook.shown import Run

FOLDER = Path(__file__).parents[2] / "examples"
SAYS = {
    "a_preset": "median loss after the last inner step: ",
    "own_data": "200 test tasks, 5-way 1-shot, queries together, norm none",
    "own_learner": "completed, 2 of 2 meta-steps",
    "own_network": "200 test tasks, 10-shot, norm none",
    "two_learners": "significant at 5 %",
}


def briefly(train: Callable[..., Run]) -> Callable[..., Run]:
    """Return ``train`` that makes two meta-steps."""

    def trained(what: Any = None, set: Any = None, **given: Any) -> Run:
        brief = {
            "training.iterations": 2,
            "training.meta_batch": 2,
            "evaluation.validation_tasks": 2,
            "evaluation.tasks": 4,
        }
        return train(what, {**(set or {}), **brief}, **given)

    return trained


@pytest.mark.parametrize("name", SAYS)
def test_an_example_runs(name: str, monkeypatch, capsys) -> None:
    short = briefly(workbench.train)
    monkeypatch.setattr(workbench, "train", short, raising=False)
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    assert SAYS[name] in capsys.readouterr().out
    assert {run.info.state for run in workbench.runs()} == {"completed"}


def test_every_example_is_run_and_is_short() -> None:
    files = list(FOLDER.glob("*.py"))
    assert {file.stem for file in files} == {*SAYS}
    assert max(len(file.read_text().splitlines()) for file in files) <= 25
