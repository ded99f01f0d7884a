"""Runs that other processes train, seen in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.gui import made_up
from tests.gui.training.test_run_controller import LIVE, tiny
from tests.made_stores import add_run
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import work_off
from workbench.core.runs.store import MetricsWriter, RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look.banner import Banner, Offer
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Ending, Session
from workbench.gui.training.run_state import RunState
from workbench.gui.training.training_panel import TrainingPanel

WAIT_MS = 60_000
Begin = Callable[[], RunFolder]


@pytest.fixture
def training(open_window: Callable[[], MainWindow], session: Session) -> TrainingPanel:
    session.load_config(tiny())
    found = open_window().panel("Training")
    assert isinstance(found, TrainingPanel)
    return found


def add_live(session: Session, name: str) -> RunFolder:
    """Add a run that another process trains, as far as anyone can tell."""
    return add_run(session.runs, tiny(), name=name, **LIVE)


def write(folder: RunFolder, first: int, count: int) -> None:
    length = folder.metrics.stat().st_size if folder.metrics.exists() else 0
    writer = MetricsWriter(folder, length)
    writer.append(list(made_up.run_events(count, start=first)))
    writer.close()


def wait_for(qtbot: QtBot, panel: TrainingPanel, state: RunState) -> None:
    qtbot.waitUntil(lambda: panel.controller.state is state, timeout=WAIT_MS)


def test_a_run_of_another_process_is_followed_where_nothing_is_shown(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    live = add_live(session, "from a shell")
    wait_for(qtbot, training, RunState.FOLLOWING)
    assert session.run is not None
    assert session.run.path == live.path
    said = training.elsewhere.label
    assert training.elsewhere.isVisible()
    assert said.full_text == (
        "from a shell is being trained by another process: "
        "watch it here, stop it there."
    )
    write(live, 1, 5)
    loss = training.board.plot("meta_loss")
    qtbot.waitUntil(lambda: not loss.is_empty(), timeout=WAIT_MS)
    with qtbot.waitSignal(session.ended, timeout=WAIT_MS) as ended:
        live.update(state="completed", pid=None)
    assert ended.args == [Ending("from a shell", "completed")]
    qtbot.waitUntil(lambda: not training.elsewhere.isVisible(), timeout=WAIT_MS)
    assert session.run.path == live.path


def test_what_is_looked_at_stays_while_another_process_trains(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    looked_at = add_run(session.runs, tiny(), name="looked at")
    session.set_run(looked_at)
    live = add_live(session, "from a shell")
    qtbot.waitUntil(training.elsewhere.isVisible, timeout=WAIT_MS)
    assert session.run.path == looked_at.path
    assert training.elsewhere.label.full_text == (
        "You look at looked at. from a shell is being trained by another process."
    )
    qtbot.mouseClick(training.elsewhere.back, Qt.MouseButton.LeftButton)
    assert session.run.path == live.path
    wait_for(qtbot, training, RunState.FOLLOWING)


def test_a_run_that_failed_stays_though_the_queue_goes_on(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    failed = add_live(session, "the first of the queue")
    wait_for(qtbot, training, RunState.FOLLOWING)
    failed.update(state="failed", message="the sky fell", pid=None)
    wait_for(qtbot, training, RunState.FAILED)
    queue = RunQueue(session.runs)
    queue.add([("the second", tiny())])
    progress = work_off(queue, session.data)
    live = next(progress).folder
    live.update(**LIVE)
    watch = training.beside.queue.watch
    qtbot.waitUntil(
        lambda: watch.isVisible() and bool(session.beside.elsewhere), timeout=WAIT_MS
    )
    qtbot.waitUntil(lambda: not training.beside._soon.isActive())
    assert session.run.path == failed.path
    assert training.banner.isVisible()
    qtbot.mouseClick(watch, Qt.MouseButton.LeftButton)
    assert session.run.path == live.path
    progress.close()


@pytest.fixture
def worked_off(session: Session) -> Iterator[Iterator[RunFolder]]:
    """Begin the runs of a queue one by one, as another process does."""
    queue = RunQueue(session.runs)
    queue.add([("the first", tiny()), ("the second", tiny())])
    progress = work_off(queue, session.data)

    def begun() -> Iterator[RunFolder]:
        seen: set[Path] = set()
        for each in progress:
            if each.folder.path not in seen:
                seen.add(each.folder.path)
                each.folder.update(**LIVE)
                yield each.folder

    yield begun()
    progress.close()


@pytest.fixture
def watched(
    qtbot: QtBot,
    training: TrainingPanel,
    session: Session,
    worked_off: Iterator[RunFolder],
) -> RunFolder:
    """The first run of the queue, which was watched to its end."""
    run = next(worked_off)
    wait_for(qtbot, training, RunState.FOLLOWING)
    qtbot.waitUntil(lambda: session.beside.queue.run == run.path, timeout=WAIT_MS)
    run.update(state="completed", pid=None)
    wait_for(qtbot, training, RunState.COMPLETED)
    return run


@pytest.fixture
def begin_second(
    qtbot: QtBot, session: Session, worked_off: Iterator[RunFolder], watched: RunFolder
) -> Begin:
    """What lets the queue go on with its second run, and waits until that is known."""

    def begin() -> RunFolder:
        second = next(worked_off)
        qtbot.waitUntil(
            lambda: (
                session.beside.queue.run
                == getattr(session.beside.foremost(), "folder", None)
                == second.path
            ),
            timeout=WAIT_MS,
        )
        return second

    return begin


def line_of(training: TrainingPanel, run: RunFolder) -> tuple[QWidget, QPoint]:
    """Bring the runs' table into view; return it, and a place on the run's line."""
    window = training.window()
    assert isinstance(window, MainWindow)
    runs = window.panel("Runs")
    assert isinstance(runs, RunsPanel)
    line = runs.table.visualRect(runs.model.index_of(run.path.name))
    return runs.table.viewport(), line.center() + QPoint(40, 0)


def test_a_run_that_was_clicked_stays_when_the_queue_goes_on(
    qtbot: QtBot, training: TrainingPanel, watched: RunFolder, begin_second: Begin
) -> None:
    table, place = line_of(training, watched)
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=place)
    begin_second()
    qtbot.waitUntil(lambda: not training.beside._soon.isActive())
    assert training.session.run.path == watched.path


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_the_next_of_the_queue_is_shown_when_no_menu_is_open_any_more(
    qtbot: QtBot, training: TrainingPanel, watched: RunFolder, begin_second: Begin
) -> None:
    menu = QMenu(training)
    menu.addAction("Something")
    menu.popup(QPoint(5, 5))
    second = begin_second()
    assert training.beside._soon.isActive()
    qtbot.waitUntil(lambda: training.beside._soon.interval() > 0)
    session = training.session
    assert session.run.path == watched.path
    menu.close()
    qtbot.waitUntil(lambda: session.run.path == second.path, timeout=WAIT_MS)


def test_nothing_is_followed_behind_another_tab(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    session.show_panel("Sketch")
    live = add_live(session, "from a shell")
    qtbot.waitUntil(lambda: bool(session.beside.elsewhere), timeout=WAIT_MS)
    assert session.run is None
    session.show_panel("Training")
    wait_for(qtbot, training, RunState.FOLLOWING)
    assert session.run.path == live.path


def test_every_place_says_the_same_of_a_run_that_is_watched(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    queue = RunQueue(session.runs)
    queue.add([("queued", tiny(iterations=300))])
    progress = work_off(queue, session.data)
    live = next(progress).folder
    live.update(**LIVE, step=1)
    wait_for(qtbot, training, RunState.FOLLOWING)
    qtbot.waitUntil(lambda: session.beside.queue.run == live.path, timeout=WAIT_MS)
    write(live, 1, 152)
    window = training.window()
    assert isinstance(window, MainWindow)
    table = window.panel("Runs").model  # type: ignore[attr-defined]
    line = table.index_of(live.path.name).siblingAtColumn(table.at("steps"))

    def said() -> list[str]:
        status, title = training.status.text("steps"), window.windowTitle()
        news = session.beside.queue
        return [status, line.data(), f"{news.step} of {news.iterations}", title[:4]]

    qtbot.waitUntil(lambda: said() == [*["152 of 300"] * 3, "50 %"], timeout=WAIT_MS)
    assert session.beside.queue.short() == "1 of 1 · 50 %"
    assert training.status.text("state") == "trained by queue"
    assert "152 of 300" in training.beside.queue.label.full_text
    progress.close()


def test_all_that_is_said_above_the_plots_leaves_them_most_of_a_laptop(
    qtbot: QtBot, training: TrainingPanel, session: Session
) -> None:
    training.window().resize(1366, 720)
    session.set_run(add_run(session.runs, tiny(), name="looked at"))
    add_live(session, "from a shell")
    RunQueue(session.runs).add([("the next", tiny())])
    elsewhere, queue = training.elsewhere, training.beside.queue
    qtbot.waitUntil(
        lambda: elsewhere.isVisible() and queue.isVisible(), timeout=WAIT_MS
    )
    qtbot.waitUntil(lambda: elsewhere.geometry().right() < queue.geometry().left())
    assert elsewhere.geometry().top() == queue.geometry().top()
    assert queue.label.full_text == "Queue: 1 waiting"
    assert queue.label.toolTip() == "Queue: 1 run waits"
    banner = training.banner
    rates = [Offer(f"Inner learning rate {rate}", "") for rate in (0.1, 0.01)]
    banner.show_offers("Meta-step 57: training diverges. Change one of these:", rates)
    heights = {button.sizeHint().height() for button in banner.buttons}
    qtbot.waitUntil(lambda: banner.height() < 2 * max(heights))
    assert {button.geometry().top() for button in banner.buttons} == {
        banner.label.geometry().top()
    }
    assert training.board.height() > 0.7 * training.height()
    narrow = Banner()
    qtbot.addWidget(narrow)
    narrow.resize(400, 100)
    narrow.show_offers(banner.label.text(), rates)
    below = narrow.buttons[0].geometry
    qtbot.waitUntil(lambda: below().top() > narrow.label.geometry().bottom())
