"""Docks beside tabs: each tab has its own, and one key puts them away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from workbench.gui.app import dock_layout
from workbench.gui.app.main_window import MainWindow
from workbench.gui.shell.session import Session

Opener = Callable[[], MainWindow]
ALL = {"Experiment", "Runs", "Queue", "Log"}


def docks_open(window: MainWindow) -> set[str]:
    return {title for title, dock in window.docks.items() if not dock.isHidden()}


def in_front(window: MainWindow) -> set[str]:
    return {title for title, dock in window.docks.items() if dock.isEnabled()}


def press_f4(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F4)


@pytest.fixture
def large_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dock_layout, "_SMALL_SCREEN", 0)


def test_on_a_small_screen_sketch_and_compare_begin_alone(window: MainWindow) -> None:
    for tab in ("Training", "Data", "Published"):
        window.show_panel(tab)
        assert docks_open(window) == ALL
    for tab in ("Sketch", "Compare"):
        window.show_panel(tab)
        assert docks_open(window) == set()
    window.show_panel("Training")
    assert docks_open(window) == ALL


@pytest.mark.usefixtures("large_screen")
def test_on_a_large_screen_every_tab_begins_with_docks(open_window: Opener) -> None:
    window = open_window()
    for panel in window.panels:
        if panel.place == "centre":
            window.show_panel(panel.title)
            assert docks_open(window) == ALL


def test_on_a_low_screen_what_lies_below_is_away_at_first(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dock_layout, "_LOW_SCREEN", 10_000)
    window = open_window()
    assert docks_open(window) == {"Experiment"}
    window.show_panel("Runs")
    assert docks_open(window) == {"Experiment", "Runs"}
    window.session.actions.trigger("view.reset_layout")
    assert docks_open(window) == {"Experiment"}


def test_each_tab_has_the_docks_that_were_open_beside_it(window: MainWindow) -> None:
    window.docks["Experiment"].hide()
    window.show_panel("Sketch")
    window.show_panel("Log")
    window.show_panel("Training")
    assert docks_open(window) == ALL - {"Experiment"}
    window.show_panel("Sketch")
    assert docks_open(window) == {"Log"}


def test_docks_beside_tabs_are_remembered(
    open_window: Opener, session: Session
) -> None:
    first = open_window()
    first.show_panel("Sketch")
    first.show_panel("Experiment")
    first.show_panel("Data")
    first.docks["Queue"].hide()
    first.close()
    again = MainWindow(Session(session.data, session.runs))
    again.show()
    try:
        assert docks_open(again) == ALL
        again.show_panel("Data")
        assert docks_open(again) == ALL - {"Queue"}
        again.show_panel("Sketch")
        assert docks_open(again) == {"Experiment"}
        again.session.actions.trigger("view.reset_layout")
        assert docks_open(again) == set()
        again.show_panel("Data")
        assert docks_open(again) == ALL
    finally:
        again.close()
        again.deleteLater()


def test_one_key_puts_the_docks_away_and_brings_them_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.docks["Queue"].hide()
    window.show_panel("Log")
    width = window.docks["Experiment"].width()
    press_f4(qtbot, window)
    assert docks_open(window) == set()
    window.show_panel("Data")
    assert docks_open(window) == ALL
    window.show_panel("Training")
    assert docks_open(window) == set()
    press_f4(qtbot, window)
    assert docks_open(window) == ALL - {"Queue"}
    qtbot.waitUntil(lambda: in_front(window) == {"Experiment", "Log"})
    qtbot.waitUntil(lambda: window.docks["Experiment"].width() == width)


def test_the_key_brings_docks_to_a_tab_that_began_without(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.show_panel("Sketch")
    press_f4(qtbot, window)
    assert docks_open(window) == ALL
    qtbot.waitUntil(lambda: in_front(window) == {"Experiment", "Runs"})


def test_a_button_beside_the_tabs_does_the_same(
    qtbot: QtBot, window: MainWindow
) -> None:
    button = window.findChild(QToolButton, "view.toggle_docks.button")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert docks_open(window) == set()
    assert "F4" in button.toolTip()


def test_compare_brings_the_runs_that_it_asks_for(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.show_panel("Compare")
    show = window.panel("Compare").findChild(QPushButton, "compare.show_runs")
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert docks_open(window) == {"Runs"}


def test_the_bar_of_tabs_stays_where_it_is_when_docks_go(window: MainWindow) -> None:
    bar = window.findChild(QTabBar, "centre.tabs")

    def place() -> tuple[QPoint, int]:
        return bar.mapTo(window, bar.tabRect(0).topLeft()), bar.tabRect(0).width()

    with_docks = place()
    window.show_panel("Sketch")
    assert docks_open(window) == set()
    assert place() == with_docks
    assert bar.tabText(bar.currentIndex()) == "Sketch"


def test_the_mouse_and_ctrl_tab_turn_to_another_tab(
    qtbot: QtBot, window: MainWindow
) -> None:
    bar = window.findChild(QTabBar, "centre.tabs")
    place = bar.tabRect(1).center()
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place)
    assert window.panel(bar.tabText(1)).isVisible()
    window.panel(bar.tabText(1)).setFocus()
    qtbot.keyClick(
        window.centralWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier
    )
    assert window.panel(bar.tabText(2)).isVisible()
    assert bar.currentIndex() == 2
