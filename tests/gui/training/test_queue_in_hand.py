"""Pause and Stop of the toolbar while it is the queue that trains."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.training.test_following import WAIT_MS, add_live, wait_for
from tests.gui.training.test_next_run import toasts
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.workers import Workers
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.shell.session import Session
from workbench.gui.training.run_state import RunState
from workbench.gui.training.training_panel import TrainingPanel


def press(window: MainWindow, qtbot: QtBot, id: str) -> None:
    button = window.findChild(QToolButton, f"toolbar.{id}")
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_until_told(qtbot: QtBot, session: Session, state: str) -> None:
    """Wait until the run shown says in its folder that it is in this state."""
    qtbot.waitUntil(
        lambda: session.run is not None and session.run.info().state == state,
        timeout=WAIT_MS,
    )


def wait_until_followed(qtbot: QtBot, training: TrainingPanel) -> RunFolder:
    """Wait until the window shows what the queue trains; return it."""
    wait_for(qtbot, training, RunState.FOLLOWING)
    wait_until_told(qtbot, training.session, "running")
    return training.session.run


@pytest.fixture
def trained(qtbot: QtBot, training: TrainingPanel, queue: QueuePanel) -> RunFolder:
    """A run that the queue trains and the window shows."""
    queue.add.trigger()
    return wait_until_followed(qtbot, training)


def test_the_toolbar_pauses_and_stops_what_the_queue_trains(
    qtbot: QtBot, training: TrainingPanel, queue: QueuePanel, trained: RunFolder
) -> None:
    window, session = training.window(), training.session
    name = trained.info().name
    pause, stop = session.actions["run.pause"], session.actions["run.stop"]
    qtbot.waitUntil(lambda: name in pause.toolTip(), timeout=WAIT_MS)
    assert (pause.plain_text, stop.plain_text) == ("Pause", "Stop queue")
    assert f"Stop the queue, with a checkpoint of {name}" in stop.toolTip()
    press(window, qtbot, "run.pause")
    wait_until_told(qtbot, session, "paused")
    assert pause.plain_text == "Resume"
    assert queue.sentence.full_text == "paused"
    assert queue.list.item(0).text().endswith("paused")
    said = training.status
    qtbot.waitUntil(lambda: said.text("state") == "paused by queue", timeout=WAIT_MS)
    assert said.text("speed") == ""
    press(window, qtbot, "run.pause")
    wait_until_told(qtbot, session, "running")
    assert pause.plain_text == "Pause"
    press(window, qtbot, "run.stop")
    assert not stop.isEnabled()
    assert queue.sentence.full_text.startswith("stopping")
    qtbot.waitUntil(lambda: not queue.busy_with(), timeout=WAIT_MS)
    assert session.run.info().state == "stopped"
    told = f"The queue is stopped: {RunQueue(session.runs).read().begun.title}"
    assert any(text.startswith(told) for text in toasts(window))
    assert (pause.plain_text, stop.plain_text) == ("Pause", "Stop")
    wait_for(qtbot, training, RunState.STOPPED)
    assert stop.toolTip() == "Nothing is being trained here"
    assert RunQueue(session.runs).read().paused


def test_skipping_stops_this_run_of_the_queue_only(
    qtbot: QtBot, window: MainWindow, queue: QueuePanel, trained: RunFolder
) -> None:
    session = queue.session
    assert not queue.skip.isEnabled()
    nothing = "Nothing waits after it: stop the queue instead"
    qtbot.waitUntil(lambda: queue.skip.toolTip() == nothing, timeout=WAIT_MS)
    session.set_field("training.seed", 7)
    queue.add.trigger()
    qtbot.waitUntil(queue.skip.isEnabled, timeout=WAIT_MS)
    queue.skip.trigger()
    qtbot.waitUntil(lambda: len(list_runs(session.runs)) == 2, timeout=WAIT_MS)
    assert trained.info().state == "stopped"
    (left,) = RunQueue(session.runs).read().waiting
    assert "seed 7" in left.title
    assert queue.busy_with()
    qtbot.waitUntil(
        lambda: any("is skipped: it stays in Runs" in text for text in toasts(window)),
        timeout=WAIT_MS,
    )


def test_a_queue_paused_before_its_first_run_can_be_resumed_and_skipped(
    qtbot: QtBot, window: MainWindow, training: TrainingPanel, queue: QueuePanel
) -> None:
    session = queue.session
    queue.add.trigger()
    queue.hold.trigger()
    session.set_field("training.seed", 7)
    queue.add.trigger()
    pause = session.actions["run.pause"]
    qtbot.waitUntil(lambda: bool(Workers(session.runs).present()), timeout=WAIT_MS)
    assert list_runs(session.runs) == []
    qtbot.waitUntil(lambda: pause.plain_text == "Resume", timeout=WAIT_MS)
    press(window, qtbot, "run.pause")
    first = wait_until_followed(qtbot, training)
    press(window, qtbot, "run.pause")
    wait_until_told(qtbot, session, "paused")
    assert queue.skip.toolTip().endswith("with a checkpoint, and stay paused")
    queue.skip.trigger()
    assert any(text.endswith("The queue stays paused") for text in toasts(window))
    qtbot.waitUntil(lambda: first.info().state == "stopped", timeout=WAIT_MS)
    assert pause.plain_text == "Resume"
    assert len(list_runs(session.runs)) == 1
    press(window, qtbot, "run.pause")
    qtbot.waitUntil(lambda: len(list_runs(session.runs)) == 2, timeout=WAIT_MS)


def test_the_run_of_the_window_comes_before_the_queue_s(
    qtbot: QtBot, training: TrainingPanel, queue: QueuePanel, session: Session
) -> None:
    queue.add.trigger()
    session.set_field("training.seed", 7)
    session.actions.trigger("run.start_beside")
    wait_for(qtbot, training, RunState.RUNNING)
    own = training.controller.trained_name()
    stop = session.actions["run.stop"]
    assert stop.plain_text == "Stop"
    assert f"Stop {own} after the present meta-step" in stop.toolTip()
    stop.trigger()
    qtbot.waitUntil(lambda: stop.plain_text == "Stop queue", timeout=WAIT_MS)
    assert queue.busy_with()


def test_stopping_says_that_the_queue_begins_then(
    qtbot: QtBot, training: TrainingPanel, queue: QueuePanel, session: Session
) -> None:
    session.actions.trigger("run.start")
    wait_for(qtbot, training, RunState.RUNNING)
    session.set_field("training.seed", 7)
    session.actions.trigger("run.start")
    stop = session.actions["run.stop"]
    assert "with a checkpoint; then the queue begins" in stop.toolTip()


def test_what_another_process_trains_is_not_paused_here(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    add_live(session, "from a shell")
    wait_for(qtbot, training, RunState.FOLLOWING)
    pause = session.actions["run.pause"]
    assert not pause.isEnabled()
    why = "from a shell is trained by another process: stop it there"
    assert pause.toolTip() == why
