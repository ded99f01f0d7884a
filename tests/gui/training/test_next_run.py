"""The next run while one trains: queued, seen, and trained when its turn has come."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QPushButton,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from tests.gui.training.test_following import WAIT_MS, add_live, wait_for
from tests.gui.training.test_run_controller import tiny
from workbench.core.config.run_config import RunConfig
from workbench.core.planning import room
from workbench.core.queue.queue import Queued, RunQueue
from workbench.core.queue.working import work_off
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look.toast import Toast
from workbench.gui.queue import queue_worker
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.queue.sweep_dialog import SweepDialog
from workbench.gui.shell.beside import QueueNews
from workbench.gui.shell.session import Ending, Session
from workbench.gui.training.run_state import RunState
from workbench.gui.training.training_panel import TrainingPanel

TRAINED_MS = 120_000


@pytest.fixture
def idle_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the queue's process do nothing until it is let go, or stopped."""
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL)"
    monkeypatch.setattr(queue_worker, "_CODE", f"{code}; sys.stdin.read()")


def start(qtbot: QtBot, panel: TrainingPanel, session: Session) -> RunFolder:
    session.actions.trigger("run.start")
    wait_for(qtbot, panel, RunState.RUNNING)
    assert session.run is not None
    return session.run


@pytest.fixture
def running(qtbot: QtBot, training: TrainingPanel, session: Session) -> RunFolder:
    """A run that trains in the window."""
    return start(qtbot, training, session)


@pytest.fixture
def waiting(running: RunFolder, session: Session) -> Queued:
    """A run that waits for the one that trains in the window."""
    session.set_field("training.seed", 7)
    session.actions.trigger("run.start")
    (item,) = RunQueue(session.runs).read().waiting
    return item


def sweep_of(queue: QueuePanel) -> SweepDialog:
    """Open the dialog of sweeps."""
    queue.sweep.trigger()
    return queue.findChild(SweepDialog)


def toasts(window: MainWindow) -> list[str]:
    return [toast.accessibleName() for toast in window.findChildren(Toast)]


def test_while_a_run_trains_the_form_is_of_the_next_one_and_start_queues(
    qtbot: QtBot, window: MainWindow, training: TrainingPanel, session: Session
) -> None:
    button = window.findChild(QPushButton, "experiment.start")
    note = window.findChild(QLabel, "experiment.next")
    assert (button.text(), note.isVisible()) == ("Start", False)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    # The second of two quick clicks does not queue the same again.
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (button.text(), note.isVisible()) == ("Queue this", True)
    assert "change a setting to queue another run" in button.toolTip()
    wait_for(qtbot, training, RunState.RUNNING)
    session.actions.trigger("run.pause")
    wait_for(qtbot, training, RunState.PAUSED)
    session.set_field("training.seed", 5)
    assert (button.text(), note.isVisible()) == ("Queue this", True)
    assert button.isEnabled()
    name = session.run.info().name
    why = f"{name} is being trained: train this configuration after it"
    assert why in button.toolTip()
    assert RunQueue(session.runs).read().items == ()
    session.set_field("algorithm.inner_lr", -1)
    reason = window.findChild(QLabel, "experiment.reason")
    assert reason.text().startswith("To queue this, mend ")
    session.actions.trigger("run.stop")
    wait_for(qtbot, training, RunState.STOPPED)
    assert (button.text(), note.isVisible()) == ("Start", False)
    assert reason.text().startswith("To start, mend ")
    assert len(list_runs(session.runs)) == 1


@pytest.mark.usefixtures("running")
def test_what_is_queued_is_trained_and_shown_when_the_run_has_ended(
    qtbot: QtBot,
    window: MainWindow,
    training: TrainingPanel,
    queue: QueuePanel,
    session: Session,
) -> None:
    session.apply_overrides({"training.iterations": 20, "training.seed": 7})
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    (waiting,) = RunQueue(session.runs).read().waiting
    assert f"{waiting.name}: to be trained when what trains now has ended" in toasts(
        window
    )
    assert not queue.busy_with()
    bar, status = training.beside.queue, window.findChild(QToolButton, "queue_status")
    said = "Queue: 1 run waits for what is being trained to end"
    assert bar.isVisible()
    assert (bar.label.full_text, status.text()) == (said, "Queue: 1 waiting")
    window.show_panel("Runs")
    qtbot.mouseClick(bar.label, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(queue.isVisible)
    window.show_panel("Runs")
    qtbot.mouseClick(status, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(queue.isVisible)
    told: list[Ending] = []
    session.ended.connect(told.append)
    session.actions.trigger("run.stop")
    qtbot.waitUntil(lambda: bool(queue.busy_with()), timeout=WAIT_MS)
    button = window.findChild(QPushButton, "experiment.start")
    assert button.text() == "Queue this"
    qtbot.waitUntil(lambda: not queue.busy_with(), timeout=TRAINED_MS)
    assert button.text() == "Start"
    assert {run.info().state for run in list_runs(session.runs)} == {
        "stopped",
        "completed",
    }
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert not status.isVisible()
    assert told[-1].title == waiting.name
    assert told[-1].text.startswith("done, test loss ")
    assert "The queue is done: 1 run trained" in toasts(window)


def test_the_queue_s_run_is_watched_after_the_one_of_the_window(
    qtbot: QtBot,
    training: TrainingPanel,
    queue: QueuePanel,
    session: Session,
) -> None:
    session.set_field("training.iterations", 400)
    first = start(qtbot, training, session)
    session.set_field("training.iterations", 100_000)
    session.actions.trigger("run.start")
    wait_for(qtbot, training, RunState.COMPLETED)
    wait_for(qtbot, training, RunState.FOLLOWING)
    assert session.run is not None
    assert session.run.path != first.path
    loss = training.board.plot("meta_loss")
    qtbot.waitUntil(lambda: not loss.is_empty(), timeout=WAIT_MS)
    assert not training.elsewhere.isVisible()
    name = session.run.info().name
    said = training.beside.queue.label
    qtbot.waitUntil(lambda: f"1 of 1 · {name}" in said.full_text, timeout=WAIT_MS)
    watch = training.beside.queue.watch
    assert not watch.isVisible()
    session.set_run(first)
    qtbot.mouseClick(watch, Qt.MouseButton.LeftButton)
    assert session.run.info().name == name
    session.actions.trigger("queue.stop")
    qtbot.waitUntil(lambda: not queue.busy_with(), timeout=WAIT_MS)
    wait_for(qtbot, training, RunState.STOPPED)


@pytest.mark.usefixtures("running")
def test_what_cannot_fit_is_queued_only_by_those_who_insist(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "available_memory", lambda device: 2**30)
    session.set_field("model.hidden", [10_000] * 4)

    def insist() -> None:
        box = window.findChild(QMessageBox, "too_large_question")
        yes = [b for b in box.buttons() if b.text() == "Queue all the same"]
        yes[0].click()

    QTimer.singleShot(100, insist)
    session.actions.trigger("run.start")
    assert len(RunQueue(session.runs).read().waiting) == 1


def press(text: str) -> list[str]:
    """Press a button of the question about twins that comes up; return what it says."""
    asked: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert box.objectName() == "twin_question"
        asked.append(box.text())
        next(button for button in box.buttons() if text in button.text()).click()

    QTimer.singleShot(0, answer)
    return asked


def seeds_queued(session: Session) -> list[int]:
    waiting = RunQueue(session.runs).read().waiting
    return [RunConfig.from_toml(item.config).training.seed for item in waiting]


def test_the_same_is_queued_again_only_if_the_person_wants_it(
    window: MainWindow, queue: QueuePanel, session: Session
) -> None:
    RunQueue(session.runs).pause(True)
    queue.add.trigger()
    (first,) = RunQueue(session.runs).read().waiting
    asked = press("Cancel")
    queue.add.trigger()
    assert asked == [f"The same is queued already: {first.title}."]
    assert seeds_queued(session) == [0]
    press("with seed 1")
    queue.add.trigger()
    press("with seed 2")
    queue.add.trigger()
    press("all the same")
    queue.add.trigger()
    assert seeds_queued(session) == [0, 1, 2, 0]
    assert any("added to the queue, which is paused" in t for t in toasts(window))


@pytest.mark.parametrize(
    ("answer", "seeds"),
    [("the other 2", [1, 0, 2]), ("all of them", [1, 0, 1, 2]), ("Cancel", [1])],
)
def test_a_sweep_tells_how_many_of_its_runs_are_queued_already(
    queue: QueuePanel, session: Session, answer: str, seeds: list[int]
) -> None:
    other = RunQueue(session.runs)
    other.pause(True)
    other.add([("one", tiny().replace({"training.seed": 1}))])
    dialog = sweep_of(queue)
    dialog.seeds.setText("0-2")
    asked = press(answer)
    dialog.accept()
    assert asked == ["Queued or trained already: 1 of these 3 runs."]
    assert seeds_queued(session) == seeds


def test_what_trains_here_is_queued_again_only_if_the_person_wants_it(
    queue: QueuePanel, session: Session, running: RunFolder
) -> None:
    asked = press("with seed 1")
    queue.add.trigger()
    assert asked == [f"The same is being trained already: {running.info().name}."]
    assert seeds_queued(session) == [1]


@pytest.mark.usefixtures("idle_worker")
def test_what_adding_to_the_queue_will_do_is_said_before_and_after(
    window: MainWindow, queue: QueuePanel, session: Session
) -> None:
    said = "Nothing trains now: training begins at once"
    assert queue.add.toolTip() == f"Queue this configuration. {said}"
    dialog = sweep_of(queue)
    assert dialog.sentence.text() == f"1 run. {said}."
    dialog.reject()
    queue.add.trigger()
    assert any(text.endswith(f"added to the queue. {said}") for text in toasts(window))
    assert queue.add.toolTip().endswith("It is trained after what is queued before")
    queue.pause.trigger()
    assert "The queue is paused" in queue.add.toolTip()


@pytest.mark.usefixtures("waiting")
def test_what_is_paused_is_not_begun_when_the_run_has_ended(
    qtbot: QtBot, training: TrainingPanel, queue: QueuePanel, session: Session
) -> None:
    queue.pause.trigger()
    assert queue.sentence.full_text == "1 to train, paused"
    session.actions.trigger("run.stop")
    wait_for(qtbot, training, RunState.STOPPED)
    assert not queue.busy_with()
    assert session.actions["run.start"].plain_text == "Start"


@pytest.mark.usefixtures("waiting")
def test_what_waits_is_not_begun_when_the_window_is_closed(
    qtbot: QtBot,
    window: MainWindow,
    queue: QueuePanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(window, "_may_quit", lambda _busy: True)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT_MS)
    assert not queue.busy_with()
    assert len(RunQueue(session.runs).read().waiting) == 1


@pytest.mark.usefixtures("idle_worker", "running")
@pytest.mark.parametrize("waits", [True, False])
def test_a_sweep_beside_a_run_asks_whether_to_wait(
    qtbot: QtBot,
    training: TrainingPanel,
    queue: QueuePanel,
    session: Session,
    waits: bool,
) -> None:
    dialog = sweep_of(queue)
    assert dialog.later.isVisible()
    assert dialog.later.isChecked()
    dialog.seeds.setText("1-3")
    if not waits:
        qtbot.mouseClick(dialog.at_once, Qt.MouseButton.LeftButton)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert len(RunQueue(session.runs).read().waiting) == 3
    assert bool(queue.busy_with()) is not waits
    session.actions.trigger("run.stop")
    wait_for(qtbot, training, RunState.STOPPED)
    assert queue.busy_with()


@pytest.mark.usefixtures("idle_worker")
def test_beginning_at_once_is_said_to_begin_what_waits_before(
    qtbot: QtBot, window: MainWindow, queue: QueuePanel, waiting: Queued
) -> None:
    dialog = sweep_of(queue)
    said = "Begin the queue at once beside it: 1 run waits before these"
    assert dialog.at_once.text() == said
    dialog.seeds.setText("1-3")
    qtbot.mouseClick(dialog.at_once, Qt.MouseButton.LeftButton)
    dialog.accept()
    assert queue.busy_with()
    said = f"The queue begins at once, beside what trains now, with {waiting.name}"
    assert any(text.endswith(said) for text in toasts(window))


@pytest.mark.usefixtures("idle_worker")
def test_a_sweep_waits_for_a_run_of_another_process_as_well(
    qtbot: QtBot, queue: QueuePanel, session: Session
) -> None:
    live = add_live(session, "from a shell")
    qtbot.waitUntil(lambda: bool(session.beside.elsewhere), timeout=WAIT_MS)
    dialog = sweep_of(queue)
    assert dialog.later.isVisible()
    dialog.seeds.setText("7")
    dialog.accept()
    assert queue.sentence.full_text == "1 to train, when what trains now has ended"
    assert not queue.busy_with()
    live.update(state="completed", pid=None)
    qtbot.waitUntil(lambda: bool(queue.busy_with()), timeout=WAIT_MS)


def test_a_sweep_where_nothing_trains_asks_nothing(queue: QueuePanel) -> None:
    dialog = sweep_of(queue)
    assert not dialog.later.isVisible()
    dialog.reject()


def test_beside_the_queue_a_run_is_queued_or_started_at_once(
    qtbot: QtBot, training: TrainingPanel, queue: QueuePanel, session: Session
) -> None:
    other = RunQueue(session.runs)
    other.add([("begun", tiny(iterations=99))])
    progress = work_off(other, session.data)
    next(progress)
    start_action, beside = (
        session.actions[id] for id in ("run.start", "run.start_beside")
    )
    assert not beside.isVisible()
    qtbot.waitUntil(lambda: start_action.plain_text == "Queue this", timeout=WAIT_MS)
    assert "The queue is being trained" in start_action.toolTip()
    start_action.trigger()
    assert next(item.name for item in other.read().waiting) == "begun"
    assert len(other.read().waiting) == 2
    assert beside.isVisible()
    session.set_field("training.seed", 5)
    beside.trigger()
    wait_for(qtbot, training, RunState.RUNNING)
    assert not beside.isVisible()
    progress.close()


def test_the_queue_tells_which_of_how_many_and_how_far_it_is() -> None:
    news = QueueNews(waiting=4, is_trained=True, number=2, total=5, name="quick")
    assert news.text() == "2 of 5 · quick"
    news = news._replace(step=500, iterations=2000, seconds_left=90.0)
    assert news.text() == "2 of 5 · quick · 500 of 2,000 · 1 min 30 s left"
    assert news.short() == "2 of 5 · 25 % · 1 min 30 s left"
    assert news._replace(is_paused=True).short().endswith("left · then paused")
    runs = (Path("a"), Path("b"))
    both = news._replace(runs=runs, workers=1).text()
    assert both.startswith("2–3 of 5 · 2 side by side · 500 of 2,000")
    by_two = QueueNews(2, (), True, number=2, total=5, runs=runs, workers=2)
    assert by_two.text() == "2–3 of 5 · 2 at once by 2 workers"
    assert QueueNews(waiting=3).text() == "3 runs wait"
    assert QueueNews(waiting=1, is_paused=True).text() == "1 run waits, paused"
    assert QueueNews().text() == QueueNews(is_trained=True).text() == ""


def test_the_time_left_is_what_the_run_says_of_itself(
    qtbot: QtBot, queue: QueuePanel, session: Session
) -> None:
    other = RunQueue(session.runs)
    other.add([("begun", tiny(iterations=99))])
    progress = work_off(other, session.data)
    next(progress).folder.update(seconds_left=90.0)
    beside = session.beside
    qtbot.waitUntil(
        lambda: beside.queue.short().endswith("1 min 30 s left"), timeout=WAIT_MS
    )
    progress.close()
