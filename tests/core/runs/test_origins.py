"""Runs whose members are from elsewhere: what is said, and when code is imported."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made_runs import small_config, trained
from workbench.core.base import plugins
from workbench.core.config import members
from workbench.core.config.run_config import RunConfig
from workbench.core.results.report import report
from workbench.core.runs.errors import MissingMember
from workbench.core.runs.row import read_row
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained

MODULE = """
from typing import Literal
from workbench.algorithms.maml import Maml


class Elsewhere(Maml):
    "A learner of this module."

    title = "Elsewhere"
    kind: Literal["elsewhere"] = "elsewhere"
"""


@pytest.fixture
def no_trace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(members, "_admitted", {name: {} for name in members._SETS})
    monkeypatch.setattr(plugins, "_refused", {})
    yield
    sys.modules.pop("made_elsewhere", None)
    monkeypatch.undo()
    RunConfig.take_new_kinds()


@pytest.fixture
def run(tmp_path: Path, no_trace: None) -> RunFolder:
    """A run of which run.json says that its learner is of the module made_elsewhere."""
    folder = trained(tmp_path)
    config = folder.path / "config.toml"
    text = config.read_text().replace('kind = "maml"', 'kind = "elsewhere"')
    config.write_text(text)
    origin = {"module": "made_elsewhere", "name": "Elsewhere"}
    folder.update(members={"algorithm": origin})
    return folder


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_elsewhere.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)


def test_looking_at_a_run_imports_nothing(run: RunFolder, module: None) -> None:
    assert read_row(run.path).algorithm == "elsewhere"
    assert run.shown_config().algorithm.kind == "elsewhere"
    assert "elsewhere" in report([run])
    with pytest.raises(MissingMember, match=r"is made_elsewhere\.Elsewhere"):
        run.config()
    assert "made_elsewhere" not in sys.modules


def test_using_it_imports_the_module_that_it_was_made_with(
    run: RunFolder, module: None
) -> None:
    learner = Trained.load(run).config.algorithm
    assert type(learner).__module__ == "made_elsewhere"
    assert run.config().algorithm == learner


def test_without_the_module_it_is_said_what_is_missing(run: RunFolder) -> None:
    with pytest.raises(MissingMember, match="name its folder in PYTHONPATH"):
        Trained.load(run)


def test_what_is_wrong_with_the_module_is_said(
    run: RunFolder, module: None, tmp_path: Path
) -> None:
    (tmp_path / "made_elsewhere.py").write_text("1 / 0")
    why = "made_elsewhere cannot be used: ZeroDivisionError: division by zero"
    with pytest.raises(MissingMember, match=why):
        Trained.load(run)


def test_a_class_of_a_notebook_is_said_to_be_one(run: RunFolder) -> None:
    run.update(members={"algorithm": {"module": "__main__", "name": "Mine"}})
    with pytest.raises(MissingMember, match="is the class Mine of a notebook"):
        Trained.load(run)


def test_what_run_json_says_wrongly_imports_nothing(run: RunFolder) -> None:
    file = run.path / "run.json"
    info = json.loads(file.read_text())
    info["members"] = {"algorithm": {"module": "", "name": "x.y"}}
    file.write_text(json.dumps(info))
    with pytest.raises(MissingMember):
        Trained.load(run)


def test_a_stand_in_keeps_what_the_configuration_says(run: RunFolder) -> None:
    shown = run.shown_config()
    assert shown.task == small_config().task
    assert shown.algorithm.inner_steps == small_config().algorithm.inner_steps
    assert 'kind = "elsewhere"' in shown.to_toml()
