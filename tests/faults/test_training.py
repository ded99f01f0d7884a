"""Training with each disk operation failing in turn: nothing is lost by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.core.training.test_training import assert_same_run
from tests.faults.disk import Fault
from tests.faults.walking import broken_at_every
from tests.made_runs import finish, made, stop_after, trained
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.store import RunFolder

SHORT = {
    "training__iterations": 2,
    "training__checkpoint_every": 2,
    "evaluation__every": 2,
    "evaluation__validation_tasks": 2,
    "evaluation__tasks": 2,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run as it is without faults."""
    return trained(tmp_path_factory.mktemp("whole"), **SHORT)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run after its first meta-step."""
    folder = made(tmp_path_factory.mktemp("begun"), **SHORT)
    stop_after(folder, 3)
    assert folder.info().step == 1
    return folder


def train_on(place: Path) -> None:
    folder = RunFolder(place)
    if folder.info().state != "completed":
        finish(folder)


@pytest.mark.parametrize("fault", Fault)
def test_a_run_is_the_run_never_broken_whatever_operation_failed(
    fault: Fault, whole: RunFolder, begun: RunFolder, tmp_path: Path
) -> None:
    metrics = begun.metrics.read_bytes()

    def begin(place: Path) -> None:
        shutil.copytree(begun.path, place)

    for broken in broken_at_every(fault, begin, train_on, tmp_path):
        folder = RunFolder(broken.place)
        assert folder.config() == begun.config(), broken.what
        assert load_checkpoint(folder.checkpoint()).facts["step"] >= 1, broken.what
        assert folder.metrics.read_bytes().startswith(metrics), broken.what
        train_on(broken.place)
        assert folder.info().state == "completed", broken.what
        assert_same_run(whole, folder)
        assert not [*broken.place.rglob("*.part")], broken.what
