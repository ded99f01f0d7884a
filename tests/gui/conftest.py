"""What all window tests share: own preferences, and nothing may be left over."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui.app.main_window import MainWindow
from workbench.gui.experiment import forecast
from workbench.gui.look import theme
from workbench.gui.shell.session import Session

_SECONDS_TO_END = 5.0


@pytest.fixture(autouse=True)
def _own_preferences(qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    qapp.setOrganizationName("fewshot-workbench-tests")
    qapp.setApplicationName("fewshot-workbench-tests")
    form = QSettings.Format.IniFormat
    QSettings.setDefaultFormat(form)
    QSettings.setPath(form, QSettings.Scope.UserScope, str(tmp_path / "preferences"))
    QSettings().clear()
    theme.start(qapp, theme.Theme.LIGHT)
    yield
    theme.choose(theme.Theme.LIGHT)


@pytest.fixture(autouse=True)
def _nothing_left_over(qapp: QApplication) -> Iterator[None]:
    widgets = set(map(id, qapp.topLevelWidgets()))
    threads = set(threading.enumerate())
    # What is there before the test need not be looked through after it.
    gc.freeze()
    # As in the application: no thread of a test may destroy widgets of another.
    gc.disable()
    yield
    gc.enable()
    for _ in range(3):
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
    left = [
        widget
        for widget in qapp.topLevelWidgets()
        if id(widget) not in widgets and widget.isVisible()
    ]
    assert not left, f"left-over widgets: {left}"
    started = [
        thread
        for thread in threading.enumerate()
        if thread not in threads and not thread.name.startswith("Dummy")
    ]
    for thread in started:
        thread.join(_SECONDS_TO_END)  # a pool's end when it was collected, not at once
    started = [thread for thread in started if thread.is_alive()]
    assert not started, f"left-over threads: {started}"
    running = [
        item
        for item in gc.get_objects()
        if issubclass(type(item), QThread)
        and shiboken6.isValid(item)
        and item.isRunning()
    ]
    assert not [t for t in running if t is not qapp.thread()], f"running: {running}"


@pytest.fixture(autouse=True)
def _forecasts_where_they_are_looked_at(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Make none but in tests that are marked so: each computes for a third second."""
    if request.node.get_closest_marker("forecasts") is None:
        monkeypatch.setattr(forecast, "_PAUSE", 3_600_000)


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Session:
    return Session(tmp_path / "data", tmp_path / "runs")


@pytest.fixture
def open_window(qtbot: QtBot, session: Session) -> Iterator[Callable[[], MainWindow]]:
    opened: list[MainWindow] = []

    def opener() -> MainWindow:
        window = MainWindow(session)
        opened.append(window)
        window.show()
        qtbot.waitExposed(window)
        window.fill()
        return window

    yield opener
    for window in opened:
        if shiboken6.isValid(window):
            window.end()  # a test that failed may leave a run behind
            qtbot.waitUntil(lambda: not window.isVisible(), timeout=30_000)  # noqa: B023
            window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()
