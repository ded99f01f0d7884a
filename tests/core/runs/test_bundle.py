"""A bundle is a run folder that answers as the run does, and is small."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Literal

import pytest
import torch

from workbench.core.learning.params import leaves
from workbench.core.runs.bundle import bundle
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained


@pytest.mark.parametrize("which", ["best", "latest"])
def test_a_bundle_loads_as_the_run_does(
    run: RunFolder, tmp_path: Path, which: Literal["best", "latest"]
) -> None:
    folder = bundle(run, tmp_path / "model", which=which)
    there, here = Trained.load(run, which), Trained.load(RunFolder(folder))
    assert here.config == there.config
    for mine, its in zip(leaves(here.meta), leaves(there.meta), strict=True):
        assert torch.equal(mine, its)
    assert RunFolder(folder).info().pid is None


def test_a_bundle_tells_of_the_runs_test(run: RunFolder, tmp_path: Path) -> None:
    test = own_test(run.path)
    assert test is not None
    assert own_test(bundle(run, tmp_path / "model")) == test


def test_the_optimiser_is_left_behind(run: RunFolder, tmp_path: Path) -> None:
    folder = RunFolder(bundle(run, tmp_path / "model", which="latest"))
    small, whole = folder.checkpoint("best"), run.checkpoint("latest")
    assert small.stat().st_size < whole.stat().st_size


def test_a_bundle_can_be_used_in_another_way(run: RunFolder, tmp_path: Path) -> None:
    folder = bundle(run, tmp_path / "model", {"algorithm.inner_steps": 3})
    assert RunFolder(folder).config().algorithm.inner_steps == 3
    assert run.config().algorithm.inner_steps != 3


def test_what_is_there_is_not_written_over(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is there already: name a new folder"):
        bundle(run, run.path)


def test_a_bundle_that_failed_leaves_room_for_the_next_try(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    with monkeypatch.context() as patched:
        patched.setattr("workbench.core.runs.bundle.save_checkpoint", no_space)
        with pytest.raises(RunError, match="no room for it on the disk"):
            bundle(run, folder)
    assert list(tmp_path.glob("*model*")) == []
    folder.mkdir()
    assert RunFolder(bundle(run, folder)).checkpoint("best").is_file()


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
