"""Two runs compared from a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench
from tests.made_runs import made, trained
from tests.notebook.test_finding import Page
from workbench.core.config.run_config import ConfigError
from workbench.core.runs.store import RunFolder


def test_the_paired_test_is_a_sentence_and_its_figures(run: RunFolder) -> None:
    other = trained(run.path.parent, algorithm__inner_lr=0.005)
    found = workbench.compare(workbench.load(run.path), other.path)
    assert " against " in repr(found)
    assert "(paired t test over 6 tasks)" in repr(found)
    assert found.test is not None
    assert found.test.values == 6
    page = Page(found)
    assert repr(found) in page.texts["p"][0]
    assert "Meta-loss" in "".join(page.texts["svg"])


def test_runs_of_two_folders_are_compared(run: RunFolder, tmp_path: Path) -> None:
    other = trained(tmp_path / "elsewhere", algorithm__inner_lr=0.005)
    assert workbench.compare(run.path, other.path).test is not None


def test_what_is_not_comparable_says_why(run: RunFolder) -> None:
    untested = made(run.path.parent, algorithm__inner_lr=0.005)
    found = workbench.compare(run.path, untested.path)
    assert found.test is None
    assert "not tested on the same episodes" in repr(found)


def test_runs_that_differ_in_the_seed_alone_are_not_compared(run: RunFolder) -> None:
    other = made(run.path.parent, training__seed=1)
    with pytest.raises(ConfigError, match="differ in nothing but the seed"):
        workbench.compare(run.path, other.path)
