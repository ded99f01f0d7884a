"""What a person is told who looks elsewhere while something takes long."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from tests.gui.training.test_run_controller import tiny
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import preferences
from workbench.gui.shell.session import Session

WAIT_MS = 60_000
_NO_TRAY = pytest.mark.qt_log_ignore("systemTrayWindowChanged")


class Told(list[Any]):
    """What was said in messages of the system, and how often the taskbar called."""

    calls = 0


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    said = Told()

    def count(_window: object) -> None:
        said.calls += 1

    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QApplication, "alert", count)

    def show(_tray: object, title: str, text: str, *_how: object) -> None:
        said.append((title, text))

    monkeypatch.setattr(QSystemTrayIcon, "showMessage", show)
    return said


@pytest.fixture
def elsewhere(qtbot: QtBot, window: MainWindow) -> Iterator[None]:
    """A window that is none of ours, as far as Qt's widgets know, is in front."""
    other = QWindow()
    other.show()
    window.showMinimized()
    other.requestActivate()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is None)
    yield
    other.close()


def test_nobody_is_called_for_what_ends_in_front_of_them(
    qtbot: QtBot, window: MainWindow, session: Session, told: Told
) -> None:
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    session.tell_end("a run", "completed")
    assert (told, told.calls) == ([], 0)


@_NO_TRAY
@pytest.mark.usefixtures("elsewhere")
def test_a_run_that_ends_behind_other_windows_is_told_of_with_its_score(
    qtbot: QtBot, window: MainWindow, session: Session, told: Told
) -> None:
    session.load_config(tiny(iterations=10))
    session.actions.trigger("run.start")
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    assert session.run is not None
    ((title, text),) = told
    assert title == session.run.info().name
    assert text.startswith("10 meta-steps made, test loss ")
    assert told.calls == 1
    tray = window.findChild(QSystemTrayIcon)
    assert tray.isVisible()
    tray.messageClicked.emit()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    assert not window.isMinimized()
    qtbot.waitUntil(lambda: not tray.isVisible())


@_NO_TRAY
@pytest.mark.usefixtures("elsewhere")
def test_messages_of_the_system_can_be_turned_off(
    qtbot: QtBot, session: Session, told: Told
) -> None:
    assert session.actions["run.notify"].isChecked()
    session.actions.trigger("run.notify")
    session.tell_end("a run", "completed")
    assert (told, told.calls) == ([], 1)
    assert not preferences.notifies()
    session.actions.trigger("run.notify")
    session.tell_end("another run", "completed")
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("another run", "completed")]


@pytest.mark.usefixtures("elsewhere")
def test_where_there_is_no_tray_the_desktop_is_asked_to_tell(
    session: Session, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "wayland")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(QProcess, "startDetached", lambda *about: sent.append(about))
    session.tell_end("a run", "-5 < 0 is its loss")
    ((program, words),) = sent
    assert program == "notify-send"
    assert words[-3:] == ["--", "a run", "-5 &lt; 0 is its loss"]
    assert told == []
