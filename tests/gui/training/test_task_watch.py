"""The look at a task is always of the run that is shown."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.acting_runs import cheetah, made_run, navigation
from tests.gui.training.test_run_controller import WAIT_MS, tiny
from tests.made_runs import trained
from workbench.core.training.trained import Trained
from workbench.gui.plots.task_look import GaitLook, PathLook, TaskLook, TaskLooker
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
        assert isinstance(seen, TaskLook)
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


def test_a_task_in_the_plane_is_walked_with_the_meta_parameters_of_now(
    qtbot: QtBot, tmp_path: Path
) -> None:
    controller = RunController(tmp_path / "data", tmp_path / "runs")
    watch = TaskWatch(controller, tmp_path / "data")
    looked: list[PathLook] = []
    watch.looked.connect(looked.append)
    watch.set_watched(True)
    controller.updated.connect(watch.refresh)
    controller.start(navigation(training__iterations=100_000))
    qtbot.waitUntil(lambda: len(looked) >= 2, timeout=WAIT_MS)
    controller.stop()
    qtbot.waitUntil(lambda: not controller.state.is_busy, timeout=WAIT_MS)
    controller.shut_down()
    watch.shut_down()
    first, later = looked[0], looked[1]
    assert first.step < later.step
    assert first.walks.goal == later.walks.goal
    assert first.walks.steps == later.walks.steps == 3
    assert (first.walks.updates[0].paths != later.walks.updates[0].paths).any()


def test_a_task_in_the_plane_is_looked_at_from_a_checkpoint_too(
    qtbot: QtBot, tmp_path: Path
) -> None:
    controller = RunController(tmp_path / "data", tmp_path / "runs")
    watch = TaskWatch(controller, tmp_path / "data")
    run = made_run(tmp_path / "runs", step=3, task__start="varied", task__wall=True)
    with qtbot.waitSignal(watch.looked, timeout=WAIT_MS) as looked:
        watch.set_watched(True)
        controller.show(run)
    look = looked.args[0]
    assert isinstance(look, PathLook)
    assert (look.step, look.walks.steps) == (3, 3)
    assert look.walls
    with qtbot.waitSignal(watch.looked, timeout=WAIT_MS) as looked:
        watch.show_task(1)
    other = looked.args[0]
    assert other.walks.goal != look.walks.goal
    assert other.walks.start != look.walks.start
    controller.shut_down()
    watch.shut_down()


def test_a_cheetah_is_looked_at_from_a_checkpoint(qtbot: QtBot, tmp_path: Path) -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("gymnasium")
    controller = RunController(tmp_path / "data", tmp_path / "runs")
    watch = TaskWatch(controller, tmp_path / "data")
    run = made_run(tmp_path / "runs", config=cheetah(), step=3)
    with qtbot.waitSignal(watch.looked, timeout=WAIT_MS) as looked:
        watch.set_watched(True)
        controller.show(run)
    look = looked.args[0]
    assert isinstance(look, GaitLook)
    assert (look.step, look.trained_steps, look.gaits.steps) == (3, 1, 3)
    controller.shut_down()
    watch.shut_down()
