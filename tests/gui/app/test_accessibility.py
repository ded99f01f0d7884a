"""Every control of the real window can be named, explained, reached and seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollBar,
    QTabBar,
    QTabWidget,
    QWhatsThis,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.acting_runs import made_run
from workbench.gui.app.main_window import MainWindow
from workbench.gui.play.plane_view import PlaneView
from workbench.gui.play.play_panel import PlayPanel
from workbench.gui.play.track_view import TrackView
from workbench.gui.shell.session import Session
from workbench.gui.sketch.pad import Pad
from workbench.gui.sketch.sketch_panel import SketchPanel

CLICKED = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
)
INSIDE = (QAbstractSpinBox, QComboBox, QLineEdit, QScrollBar, QTabBar)
"""What Qt makes of several widgets, of which only the outermost is ours."""
QUIET = (QAbstractScrollArea, QTabWidget, QTabBar, Pad, PlaneView, TrackView)
"""What is looked at or drawn on: a tooltip would cover it. Its parts have their own."""


def is_ours(widget: QWidget) -> bool:
    """Whether a person can click or focus the widget, and we made it."""
    parent = widget.parentWidget()
    if widget.objectName().startswith("qt_") or isinstance(
        widget, (QScrollBar, QLabel)
    ):
        return False
    if isinstance(widget, QTabBar) and isinstance(parent, QMainWindow):
        return False
    while parent is not None:
        if isinstance(parent, INSIDE):
            return False
        is_viewport = isinstance(parent, QAbstractScrollArea) and (
            widget is parent.viewport()
        )
        if is_viewport:
            return False
        parent = None if widget.isWindow() else parent.parentWidget()
    has_focus = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    return has_focus or isinstance(widget, CLICKED)


def describe(widget: QWidget) -> str:
    parents = []
    while widget is not None and len(parents) < 4:
        parents.append(f"{type(widget).__name__} {widget.objectName()!r}")
        widget = widget.parentWidget()
    return " in ".join(parents)


def pages(window: MainWindow, qtbot: QtBot) -> Iterator[str]:
    """Bring every page of the window to the front, the Data tab's one by one."""
    for panel in window.panels:
        window.show_panel(panel.title)
        qtbot.waitUntil(panel.isVisible)
        if isinstance(panel, SketchPanel):  # its first answer moves what is there
            timing = panel.view.timing
            qtbot.waitUntil(lambda: bool(timing.text()), timeout=30_000)  # noqa: B023
        if isinstance(panel, PlayPanel):  # likewise
            stage = panel.plane.stage
            qtbot.waitUntil(lambda: bool(stage.journeys), timeout=30_000)  # noqa: B023
        inner = panel.findChild(QTabWidget, "data.pages")
        for index in range(1 if inner is None else inner.count()):
            if inner is not None:
                inner.setCurrentIndex(index)
            QApplication.processEvents()
            yield f"{panel.title} {index}"


@pytest.fixture
def shown(
    glyphs_at_hand: Path, session: Session, open_window: Callable[[], MainWindow]
) -> MainWindow:
    made_run(session.runs)
    window = open_window()
    window.resize(1366, 768)
    window.activateWindow()
    return window


def test_every_control_has_an_object_name_an_accessible_name_and_a_tooltip(
    shown: MainWindow, qtbot: QtBot
) -> None:
    lacking: list[str] = []
    for page in pages(shown, qtbot):
        for control in filter(is_ours, shown.findChildren(QWidget)):
            facts = {
                "object name": control.objectName(),
                "accessible name": control.accessibleName() or _text(control),
                "tooltip": isinstance(control, QUIET) or control.toolTip(),
            }
            lacking += [
                f"{what}: {describe(control)} ({page})"
                for what, fact in facts.items()
                if not fact
            ]
    assert not lacking, "\n".join(sorted(set(lacking)))


def test_what_has_no_tooltip_says_what_it_is_when_asked(
    shown: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.actions.trigger("help.what")
    assert QWhatsThis.inWhatsThisMode()
    QWhatsThis.leaveWhatsThisMode()
    lacking: set[str] = set()
    for _page in pages(shown, qtbot):
        controls = filter(is_ours, shown.findChildren(QWidget))
        for widget in controls:
            about: QWidget | None = widget
            if widget.toolTip() or isinstance(widget, (QTabWidget, QTabBar)):
                continue
            while about is not None and not about.whatsThis():
                about = about.parentWidget()
            if about is None:
                lacking.add(describe(widget))
    assert lacking == set()


def test_every_tab_has_a_tooltip(shown: MainWindow, qtbot: QtBot) -> None:
    for _page in pages(shown, qtbot):
        pass
    lacking = [
        f"{bar.tabText(index)}: {describe(bar)}"
        for bar in shown.findChildren(QTabBar)
        if not isinstance(bar.parentWidget(), QMainWindow)
        for index in range(bar.count())
        if not bar.tabToolTip(index)
    ]
    assert lacking == []


def test_tab_reaches_every_control_and_its_focus_is_seen(
    shown: MainWindow, qtbot: QtBot
) -> None:
    missed: list[str] = []
    unseen: list[str] = []
    for page in pages(shown, qtbot):
        stops = [c for c in shown.findChildren(QWidget) if _is_tab_stop(c)]
        start = next(c for c in stops if isinstance(c, QAbstractButton))
        wanted = set(stops)
        reached = dict(_walk(start, 2 * len(wanted)))
        missed += [f"{describe(c)} ({page})" for c in wanted - set(reached)]
        unseen += [f"{describe(c)} ({page})" for c, seen in reached.items() if not seen]
    assert not missed, "\n".join(sorted(missed))
    assert not unseen, "\n".join(sorted(set(unseen)))


def _text(control: QWidget) -> str:
    return control.text() if isinstance(control, QAbstractButton) else ""


def _is_tab_stop(control: QWidget) -> bool:
    policy = control.focusPolicy() & Qt.FocusPolicy.TabFocus
    is_usable = control.isEnabled() and control.isVisible() and bool(policy)
    return is_usable and is_ours(control) and control.focusProxy() is None


def _walk(start: QWidget, most: int) -> Iterator[tuple[QWidget, bool]]:
    """Press Tab; yield each control reached, and whether its focus can be seen."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(start, Qt.Key.Key_Tab)  # focus is shown once keys have moved it
    start = QApplication.focusWidget()
    for _ in range(most):
        control = QApplication.focusWidget()
        assert control is not None
        focused = _picture(control)
        QTest.keyClick(control, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not control, describe(control)
        yield control, focused != _picture(control)
        if QApplication.focusWidget() is start:
            return


def _picture(control: QWidget) -> QImage:
    """Return the control and a little around it, as it is drawn now."""
    window = control.window()
    corner = control.mapTo(window, QPoint(0, 0))
    around = control.rect().translated(corner).adjusted(-3, -3, 3, 3)
    return window.grab(around).toImage()
