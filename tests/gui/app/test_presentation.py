"""Presentation mode: large, alone, and put back as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QFontInfo
from PySide6.QtWidgets import QApplication, QTabBar, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from tests.gui import made_up
from workbench.gui.app.command_palette import CommandPalette
from workbench.gui.app.main_window import MainWindow
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.look.cursor_trail import CursorTrail
from workbench.gui.look.toast import Toast
from workbench.gui.shell.session import Session


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    """Press a key that is a shortcut of the window, which has them while active."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.focusWidget() or window, key)


@pytest.fixture
def presented(qtbot: QtBot, window: MainWindow) -> Iterator[MainWindow]:
    press(qtbot, window, Qt.Key.Key_F5)
    assert window.isFullScreen()
    yield window
    window._presentation.end()


def bars(window: MainWindow) -> list[QWidget]:
    toolbar = window.findChild(QToolBar, "toolbar")
    return [window.menuBar(), window.statusBar(), toolbar]


def test_nothing_but_the_tab_is_presented(
    presented: MainWindow, session: Session
) -> None:
    assert not any(bar.isVisible() for bar in bars(presented))
    assert presented.findChild(QTabBar, "centre.tabs").isVisible()
    for panel in presented.panels:
        if panel.place == "centre":
            presented.show_panel(panel.title)
            assert all(dock.isHidden() for dock in presented.docks.values())
    assert "Escape" in presented.findChild(Toast).accessibleName()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F5])
def test_what_was_taken_away_comes_back(
    qtbot: QtBot, presented: MainWindow, qapp: QApplication, key: Qt.Key
) -> None:
    larger = qapp.font().pointSizeF()
    presented.show_panel("Data")
    press(qtbot, presented, key)
    assert not presented.isFullScreen()
    assert all(bar.isVisible() for bar in bars(presented))
    assert not any(dock.isHidden() for dock in presented.docks.values())
    assert qapp.font().pointSizeF() == pytest.approx(larger / 1.4)


def test_escape_closes_what_is_open_before_it_ends_the_presentation(
    qtbot: QtBot, presented: MainWindow, session: Session
) -> None:
    session.actions.trigger("help.palette")
    line = presented.focusWidget()
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not presented.findChildren(CommandPalette))
    assert presented.isFullScreen()


@pytest.mark.parametrize("id", ["view.present", "view.toggle_docks"])
def test_a_key_held_too_long_counts_once(window: MainWindow, id: str) -> None:
    assert not window.session.actions[id].autoRepeat()


def test_docks_asked_for_in_the_presentation_are_gone_after_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.docks["Queue"].hide()
    press(qtbot, window, Qt.Key.Key_F5)
    press(qtbot, window, Qt.Key.Key_F4)
    assert not window.docks["Experiment"].isHidden()
    press(qtbot, window, Qt.Key.Key_F4)
    assert window.docks["Experiment"].isHidden()
    press(qtbot, window, Qt.Key.Key_F5)
    assert not window.docks["Experiment"].isHidden()
    assert window.docks["Queue"].isHidden()


def test_a_window_closed_while_presenting_comes_back_as_it_was(
    qtbot: QtBot, presented: MainWindow, session: Session, qapp: QApplication
) -> None:
    presented.close()
    again = MainWindow(Session(session.data, session.runs))
    again.show()
    try:
        assert not again.isFullScreen()
        assert all(bar.isVisible() for bar in bars(again))
        assert not any(dock.isHidden() for dock in again.docks.values())
    finally:
        again.close()
        again.deleteLater()


def letters(widget: QWidget) -> float:
    return QFontInfo(widget.font()).pointSizeF()


def test_everything_is_written_larger_also_at_the_axes(
    qtbot: QtBot, window: MainWindow
) -> None:
    plot = window.panel("Training").board.plot("meta_loss")
    history = RunHistory("run", "run", made_up.config())
    history.add(made_up.run_events(300))
    plot.show_runs((ShownRun(history, 0),))
    axis = plot.item.getAxis("left")

    def sizes() -> list[float]:
        numbers = axis.style["tickFont"].pointSizeF()
        written = (window, window.findChild(QTabBar), plot.legend)
        return [*map(letters, written), numbers, axis.width()]

    usual = sizes()
    press(qtbot, window, Qt.Key.Key_F5)
    larger = sizes()
    press(qtbot, window, Qt.Key.Key_F5)
    for before, during, after in zip(usual, larger, sizes(), strict=True):
        assert during > 1.25 * before
        assert after == pytest.approx(before, rel=0.02)


def test_a_trail_follows_the_mouse_and_fades(
    qtbot: QtBot, presented: MainWindow
) -> None:
    trail = presented.findChild(CursorTrail)
    for x in range(100, 400, 30):
        QCursor.setPos(presented.mapToGlobal(QPoint(x, 200)))
        reached = trail.length
        qtbot.waitUntil(lambda reached=reached: trail.length > reached)
    qtbot.waitUntil(lambda: trail.length == 0)


def test_the_trail_lets_the_mouse_through(presented: MainWindow) -> None:
    trail = presented.findChild(CursorTrail)
    assert trail.rect() == presented.rect()
    assert presented.childAt(presented.rect().center()) is not trail
