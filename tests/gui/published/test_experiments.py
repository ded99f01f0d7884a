"""The papers' experiments in the Published tab, used as a person does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from tests.core.experiments.written import small
from tests.made_runs import finish
from workbench.core.experiments.reading import list_experiments
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.new_run import new_run
from workbench.gui.app.main_window import MainWindow
from workbench.gui.published import experiments_view
from workbench.gui.published.experiments_view import ExperimentsView
from workbench.gui.published.published_panel import PublishedPanel
from workbench.gui.shell.session import Session

Opener = Callable[[], ExperimentsView]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(qtbot: QtBot, session: Session) -> Iterator[Opener]:
    panels: list[PublishedPanel] = []

    def opener() -> ExperimentsView:
        panel = PublishedPanel(session)
        qtbot.addWidget(panel)
        panels.append(panel)
        for _ in panel.fill():
            pass
        panel.pages.setCurrentIndex(1)
        panel.resize(1000, 640)
        panel.show()
        view = panel.experiments
        assert view is not None
        qtbot.waitUntil(lambda: view.table.rowCount() > 0, timeout=20_000)
        return view

    yield opener
    for panel in panels:
        panel.shut_down()


@pytest.fixture
def only_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        experiments_view, "list_experiments", lambda: (small(tmp_path),)
    )


def line(view: ExperimentsView, row: int) -> list[str]:
    return [view.table.item(row, at).text() for at in range(view.table.columnCount())]


def test_every_experiment_is_there_with_what_it_needs(opened: Opener) -> None:
    view = opened()
    names = [experiment.name for experiment in list_experiments()]
    assert view.table.rowCount() == len(names)
    row = names.index("sinusoid-maml")
    assert line(view, row)[3:] == ["0 of 3", "Sinusoid"]
    view.table.selectRow(row)
    assert view.train.isEnabled()
    row = names.index("omniglot-maml")
    view.table.selectRow(row)
    assert line(view, row)[4] == "Omniglot (not here)"
    assert not view.train.isEnabled()
    assert "Fetch it in the Data tab" in view.details.text()


@pytest.mark.usefixtures("only_small")
def test_what_is_missing_is_queued_once(
    qtbot: QtBot, session: Session, opened: Opener
) -> None:
    view = opened()
    with qtbot.waitSignal(session.queued) as said:
        qtbot.mouseClick(view.train, LEFT)
    assert said.args == ["Small sinusoids, 1 run"]
    qtbot.waitUntil(lambda: "1 in the queue" in view.details.text())
    assert not view.train.isEnabled()
    view.quick.click()
    assert line(view, 0)[2] == "0 of 2"
    qtbot.mouseClick(view.train, LEFT)
    items = RunQueue(session.runs).read().waiting
    assert [item.name.partition(", ")[2] for item in items] == [
        "MAML",
        "MAML, seed 0",
        "MAML, seed 1",
    ]


@pytest.mark.usefixtures("only_small")
def test_a_paused_queue_is_left_to_the_person(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    RunQueue(session.runs).pause(True)
    session.show_panel("Published")
    panel = window.findChild(PublishedPanel)
    panel.pages.setCurrentIndex(1)
    view = panel.experiments
    qtbot.waitUntil(lambda: view.table.rowCount() == 1, timeout=20_000)
    with qtbot.waitSignal(session.notified) as told:
        qtbot.mouseClick(view.train, LEFT)
    assert "added to the queue, which is paused" in told.args[0].text
    assert told.args[0].action == "queue.start"
    qtbot.waitUntil(lambda: session.actions["queue.start"].isEnabled())


@pytest.mark.usefixtures("only_small")
def test_the_page_is_made_of_what_is_there_and_opened(
    qtbot: QtBot,
    session: Session,
    opened: Opener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    config = small(tmp_path).runs[0].configs(quick=True)[0]
    finish(new_run(session.runs, config, name="mine"))
    view = opened()
    assert line(view, 0)[3] == "1 of 1"
    assert not view.train.isEnabled()
    qtbot.mouseClick(view.draw, LEFT)
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=20_000)
    page = Path(shown[0].toLocalFile())
    assert "A first version" in page.read_text("utf-8")
    qtbot.waitUntil(lambda: view.draw.text() == "Open its page")
