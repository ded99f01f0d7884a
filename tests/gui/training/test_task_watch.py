"""The look at a task is always of the run that is shown."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.training.test_run_controller import WAIT_MS, tiny
from tests.made_runs import trained
from workbench.core.training.trained import Trained
from workbench.gui.plots.task_look import TaskLook, TaskLooker
from workbench.gui.training.run_controller import RunController
from workbench.gui.training.task_watch import TaskWatch

OLD_SEED = 7


def test_a_look_that_is_done_when_another_run_has_begun_is_not_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, begun, may_go = TaskLooker.look, threading.Event(), threading.Event()

    def slow(looker: TaskLooker, of: Trained, number: int) -> TaskLook:
        if of.config.training.seed == OLD_SEED:
            begun.set()
            may_go.wait(60)
        seen = look(looker, of, number)
        return seen._replace(trained_steps=of.config.training.seed)

    monkeypatch.setattr(TaskLooker, "look", slow)
    controller = RunController(tmp_path / "data", tmp_path / "runs")
    watch = TaskWatch(controller, tmp_path / "data")
    looked: list[TaskLook] = []
    watch.looked.connect(looked.append)
    controller.show(trained(tmp_path / "runs", training__seed=OLD_SEED))
    watch.set_watched(True)
    qtbot.waitUntil(begun.is_set, timeout=WAIT_MS)
    controller.start(tiny())
    controller.updated.connect(watch.refresh)
    may_go.set()
    qtbot.waitUntil(lambda: bool(looked), timeout=WAIT_MS)
    controller.shut_down()
    watch.shut_down()
    assert OLD_SEED not in [each.trained_steps for each in looked]
