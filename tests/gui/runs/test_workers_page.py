"""The workers of the queue: seen, counted, and asked to stop."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListWidgetItem
from pytestqt.qtbot import QtBot

from tests.gui.runs.conftest import Opener
from tests.gui.runs.made import small
from tests.made_stores import add_run
from workbench.core.queue.at_work import AtWork
from workbench.core.queue.queue import Queued, RunQueue
from workbench.core.queue.searches import search_item
from workbench.core.queue.workers import WorkerRecord, Workers
from workbench.core.runs.store import RunFolder
from workbench.core.searching.search import Search
from workbench.gui.look import preferences
from workbench.gui.queue import queue_words, queue_worker
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.shell.session import Session

WAIT_MS = 60_000


@pytest.fixture
def idle_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the queue's process do nothing until it is stopped."""
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL)"
    monkeypatch.setattr(queue_worker, "_CODE", f"{code}; sys.stdin.read()")


def change(queue: RunQueue, item: Queued, **changes: object) -> None:
    with queue.changing() as state:
        queue.write(state.having(item.id, **changes))


def record(runs: Path, *doing: str, **about: object) -> WorkerRecord:
    """Write the record of a worker on another machine, as it would."""
    hour = 3600  # its clock is an hour ahead
    came = {"since": time.time() + hour, "sign": time.time() + hour}
    about = {"host": "far", "pid": 7, "device": "a GPU", **came, **about}
    worker = WorkerRecord(id="far-7", doing=doing, **about)  # type: ignore[arg-type]
    folder = Workers(runs).folder
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "far-7.json").write_text(worker.model_dump_json())
    return worker


@pytest.fixture
def far(runs: Path) -> RunFolder:
    """A run that a worker on another machine trains; another one waits."""
    folder = add_run(runs, small(), name="one", state="running", host="far", pid=7)
    queue = RunQueue(runs)
    one, _ = queue.add([("one", small()), ("two", small(training__seed=1))])
    record(runs, folder.path.name)
    change(queue, one, state="running", worker="far-7", run=folder.path.name)
    return folder


def row(panel: QueuePanel, number: int = 0) -> dict[str, str]:
    """Return what a line of the table shows, by its column; show the table."""
    panel.tabs.setCurrentIndex(1)
    table = panel.workers.table
    columns = range(table.columnCount())
    return {
        table.horizontalHeaderItem(column).text(): table.item(number, column).text()
        for column in columns
        if not table.isColumnHidden(column)
    }


def test_the_page_says_who_trains_what_on_which_machine(
    session: Session, far: RunFolder, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    assert panel.list.item(0).text() == "one, seed 0   running on far"
    assert panel.sentence.full_text == "trained on far, 1 to go"
    assert panel.start.isEnabled()
    assert panel.start.toolTip() == "Train the queue here too: it is trained on far"
    assert panel.tabs.tabText(1) == "Workers 1"
    panel.tabs.setCurrentIndex(1)
    assert panel.workers.table.isVisible()
    assert not panel.list.isVisible()
    since = time.strftime("%H:%M", time.localtime())
    shown = row(panel)
    assert shown.pop("Since") in (since, time.strftime("%H:%M"))
    assert shown.pop("Last sign").endswith("s ago")
    assert shown == {
        "Machine": "far",
        "Process": "7",
        "Device": "a GPU",
        "Trains": "one, seed 0",
    }
    panel.workers.table.itemActivated.emit(panel.workers.table.item(0, 2))
    assert session.run is not None
    assert session.run.path == far.path


def test_a_job_of_a_cluster_and_runs_side_by_side_are_told(
    runs: Path, open_panel: Opener
) -> None:
    record(runs, "a", "b", "c", "d", job="12_3")
    panel = open_panel(QueuePanel)
    assert (row(panel)["Job"], row(panel)["Trains"]) == ("12_3", "4 runs side by side")
    assert panel.workers.table.item(0, 6).toolTip() == "a\nb\nc\nd"


@pytest.mark.usefixtures("far")
def test_a_worker_of_another_machine_is_asked_to_stop(
    session: Session, runs: Path, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    told: list[str] = []
    session.notified.connect(lambda notice: told.append(notice.text))
    panel.tabs.setCurrentIndex(1)
    stop = panel.workers.stop
    assert not stop.isEnabled()
    assert stop.toolTip() == "Select a worker first"
    panel.workers.table.selectRow(0)
    stop.trigger()
    assert (Workers(runs).folder / "far-7.stop").exists()
    assert told == ["Process 7 on far stops with a checkpoint: what was trained waits"]
    assert row(panel)["Trains"] == "one, seed 0, stopping"
    assert not stop.isEnabled()
    assert stop.toolTip() == "It is stopping"


def test_the_empty_page_says_how_a_worker_is_begun(
    runs: Path, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    assert panel.tabs.tabText(1) == "Workers"
    panel.tabs.setCurrentIndex(1)
    assert panel.workers.hint.isVisible()
    words = panel.workers.hint.text().splitlines()[-1]
    assert words.endswith(f"work --runs {runs}")
    panel.workers.copy.trigger()
    assert QGuiApplication.clipboard().text() == words


@pytest.mark.usefixtures("far", "idle_worker")
def test_what_is_added_is_begun_here_beside_another_machine(
    session: Session, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    session.set_field("training.seed", 7)
    assert panel.add.toolTip().endswith("begins at once, with what waits before")
    panel.add.trigger()
    assert panel.busy_with()
    assert panel.sentence.full_text == "training, also on far, 2 to go"
    assert not panel.start.isEnabled()
    assert panel.start.toolTip() == "It is being trained"


@pytest.mark.usefixtures("idle_worker")
def test_what_is_added_is_left_to_a_worker_of_this_machine(
    runs: Path, open_panel: Opener
) -> None:
    with AtWork(runs, "cpu"):
        panel = open_panel(QueuePanel)
        panel.add.trigger()
        assert len(RunQueue(runs).read().waiting) == 1
        assert not panel.busy_with()
        assert row(panel)["Last sign"] == "here"
        assert not panel.start.isEnabled()
        why = "Another process of this machine trains it"
        assert panel.start.toolTip() == why


@pytest.mark.usefixtures("idle_worker")
def test_how_many_train_is_kept_and_counts_from_the_next_start(
    open_panel: Opener,
) -> None:
    panel = open_panel(QueuePanel)
    panel.tabs.setCurrentIndex(1)
    number = panel.workers.number
    assert number.text() == "Workers: usual"
    panel.add.trigger()
    (process,) = panel.findChildren(QProcess)
    assert "--workers" not in process.arguments()
    assert "the next time" in number.toolTip()
    number.setValue(3)
    assert preferences.workers() == 3
    panel.stop_work()
    panel.shut_down()
    other = open_panel(QueuePanel)
    assert other.workers.number.text() == "Workers: 3"
    other.start.trigger()
    arguments = other.findChildren(QProcess)[-1].arguments()
    assert arguments[arguments.index("--workers") + 1] == "3"


def test_what_was_given_up_and_what_is_searched_are_told(
    session: Session, runs: Path, open_panel: Opener
) -> None:
    queue = RunQueue(runs)
    queue.pause(True)
    one, _ = queue.add([("one", small()), ("two", small(training__seed=1))])
    change(queue, one, state="pruned", message="worse than half")
    space = ("algorithm.inner_lr=0.001..1:log",)
    search = Search(space=space, trials=60, sampler="random", seeds=(0, 1))
    item = search_item("a search", small(), search)
    queue.append([item.model_copy(update={"begun": 12})])
    panel = open_panel(QueuePanel)
    assert [panel.list.item(row).text() for row in range(3)] == [
        "one, seed 0   given up: worse than half",
        "two, seed 1   waiting",
        "a search, 12 of 60 trials begun   a search",
    ]
    assert len({picture(panel.list.item(row)) for row in range(3)}) == 3
    assert "inner_lr=0.001" in panel.list.item(2).toolTip()
    said = "1 to train, 96 of a search, paused"
    assert panel.sentence.full_text == said
    assert session.beside.queue.text() == "97 runs wait, paused"
    assert session.beside.queue.not_begun(item.sweep) == 96
    batch = [one.model_copy(update={"state": end}) for end in ("done", "pruned")]
    assert queue_words.tally(batch) == "1 run trained, 1 given up"


def picture(item: QListWidgetItem) -> bytes:
    image = item.icon().pixmap(16, 16).toImage()
    return bytes(image.constBits())


def test_as_many_train_as_the_panel_says_and_one_is_stopped_for_good(
    qtbot: QtBot, session: Session, runs: Path, open_panel: Opener
) -> None:
    queue = RunQueue(runs)
    long = small(training__iterations=1_000_000)
    queue.add([("a", long), ("b", long.replace({"training.seed": 1}))])
    panel = open_panel(QueuePanel)
    panel.workers.number.setValue(2)
    panel.start.trigger()
    news = session.beside
    both = "1–2 of 2 · 2 at once by 2 workers"
    qtbot.waitUntil(lambda: news.queue.text() == both, timeout=WAIT_MS)
    assert panel.sentence.full_text == "training"
    assert os.getpid() not in {int(row(panel, each)["Process"]) for each in (0, 1)}
    panel.workers.table.selectRow(0)
    (stopped,) = (
        item
        for item in queue.read().all_begun
        if item.worker == Workers(runs).present()[0].id
    )
    panel.workers.stop.trigger()
    folder = RunFolder(runs / stopped.run)
    qtbot.waitUntil(lambda: folder.info().state == "stopped", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: panel.tabs.tabText(1) == "Workers 1", timeout=WAIT_MS)
    assert panel.busy_with()
    assert panel.sentence.full_text == "training, 1 to go"
