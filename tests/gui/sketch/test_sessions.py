"""Sketches are kept as they are drawn, whatever becomes of the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.sketch_hands import draw_with_mouse
from workbench.core.sketch.session import Sketch, load
from workbench.gui.app.main_window import MainWindow
from workbench.gui.shell.edits import MOST_UNDONE
from workbench.gui.shell.session import Session
from workbench.gui.sketch.sessions import SketchDocument, sessions_folder
from workbench.gui.sketch.sketch_panel import SketchPanel

LINE = [(20.0, 20.0), (50.0, 40.0), (80.0, 80.0)]

Reopen = Callable[[], SketchPanel]


@pytest.fixture
def reopened(qtbot: QtBot, session: Session) -> Reopen:
    """Opens the studio anew, as a window started later would."""

    def open_again() -> SketchPanel:
        panel = SketchPanel(session)
        panel.answering.shut_down()  # what is said is of no matter here
        qtbot.addWidget(panel, before_close_func=SketchPanel.shut_down)
        panel.open()
        panel.resize(1000, 640)
        panel.show()
        return panel

    return open_again


def kept(name: str) -> Sketch:
    return load(sessions_folder() / f"{name}.json")


def entry(panel: SketchPanel, text: str) -> QAction:
    """An entry of the chooser's menu, as it is shown now."""
    menu = panel.chooser.sessions_menu
    menu.aboutToShow.emit()
    return next(each for each in menu.actions() if each.text() == text)


def rename(qtbot: QtBot, panel: SketchPanel, name: str) -> None:
    entry(panel, "Rename the sketch session…").trigger()
    dialog = panel.findChild(QInputDialog, "sketch.rename_dialog")
    field = dialog.findChild(QLineEdit)
    qtbot.keyClicks(field, name)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_stroke_is_kept_a_moment_later_and_there_again(
    qtbot: QtBot, reopened: Reopen
) -> None:
    panel = reopened()
    assert not sessions_folder().exists()
    draw_with_mouse(qtbot, panel.cards.cards[1].pad, LINE)
    drawn = panel.document.sketch
    qtbot.waitUntil(lambda: (sessions_folder() / "Sketch 1.json").is_file())
    assert kept("Sketch 1") == drawn
    again = reopened()
    assert again.document.sketch == drawn
    assert again.cards.cards[1].pad.drawing == drawn.classes[1].drawings[0]


def test_examples_never_take_the_place_of_what_was_drawn_on_a_card(
    qtbot: QtBot, reopened: Reopen
) -> None:
    panel = reopened()
    button = panel.findChild(QToolButton, "sketch.task.button")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.sessions.names() == ["Sketch 1"]
    draw_with_mouse(qtbot, panel.cards.cards[1].pad, LINE)
    own = panel.document.sketch
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert kept("Sketch 1") == own
    assert panel.sessions.name == "Glyphs examples"
    examples = panel.document.sketch
    assert not set(examples.classes) & set(own.classes)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.document.sketch != examples
    assert panel.sessions.names() == ["Glyphs examples", "Sketch 1"]
    entry(panel, "Sketch 1").trigger()
    assert panel.document.sketch == own


def test_a_query_of_ones_own_that_made_room_is_offered_back(
    qtbot: QtBot, reopened: Reopen, session: Session
) -> None:
    panel = reopened()
    panel.desk.clear()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    own = panel.document.sketch
    with qtbot.waitSignal(session.notified) as notified:
        panel.new_task("glyphs")
    assert panel.sessions.names() == ["Sketch 1"]
    assert notified.args[0].action == "sketch.undo"
    panel.document.undo_stack.undo()
    assert panel.document.sketch == own


def test_quitting_at_once_loses_nothing(qtbot: QtBot, reopened: Reopen) -> None:
    panel = reopened()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    panel.shut_down()
    assert kept("Sketch 1") == panel.document.sketch


def test_a_window_that_is_killed_leaves_what_was_drawn(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from workbench.gui.app.application import make_application
from workbench.gui.shell.session import Session
from workbench.gui.sketch.sessions import sessions_folder
from workbench.gui.sketch.sketch_panel import SketchPanel
app = make_application()
panel = SketchPanel(Session(Path("data"), Path("runs")))
panel.cards.cards[0].renamed.emit("survivor")
def tell():
    if (sessions_folder() / "Sketch 1.json").is_file():
        print("kept", flush=True)
timer = QTimer(interval=20)
timer.timeout.connect(tell)
timer.start()
app.exec()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "kept\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert kept("Sketch 1").classes[0].name == "survivor"


def test_who_only_looks_leaves_nothing_behind(reopened: Reopen) -> None:
    reopened().shut_down()
    assert not sessions_folder().exists()


def test_a_blank_sketch_forgets_the_names_of_the_classes(
    qtbot: QtBot, reopened: Reopen
) -> None:
    panel = reopened()
    field = panel.cards.cards[0].name
    field.selectAll()
    qtbot.keyClicks(field, "triangle")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    panel.findChild(QAction, "sketch.blank").trigger()
    assert [card.name.text() for card in panel.cards.cards] == [*"ABCDE"]
    panel.document.undo_stack.undo()
    assert panel.cards.cards[0].name.text() == "triangle"


def test_sessions_are_begun_named_and_switched(qtbot: QtBot, reopened: Reopen) -> None:
    panel = reopened()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    first = panel.document.sketch
    rename(qtbot, panel, "Runes")
    assert panel.sessions.name == "Runes"
    entry(panel, "New sketch session").trigger()
    assert panel.chooser.text() == "Sketch 1 ▾"
    assert panel.document.sketch == Sketch.blank()
    assert not panel.document.undo_stack.canUndo()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    second = panel.document.sketch
    entry(panel, "Runes").trigger()
    assert panel.document.sketch == first
    assert entry(panel, "Runes").isChecked()
    entry(panel, "Sketch 1").trigger()
    assert panel.document.sketch == second
    again = reopened()
    assert (again.sessions.name, again.document.sketch) == ("Sketch 1", second)


def test_a_session_begun_from_another_tab_is_the_one_that_is_shown(
    qtbot: QtBot, reopened: Reopen, open_window: Callable[[], MainWindow]
) -> None:
    panel = reopened()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    panel.shut_down()
    window = open_window()
    studio = window.findChild(SketchPanel)
    assert not studio.isVisible()
    studio.findChild(QAction, "sketch.new_session").trigger()
    assert studio.isVisible()
    assert studio.document.sketch == Sketch.blank()
    assert studio.chooser.text() == "Sketch 2 ▾"


def test_a_deleted_session_comes_back(
    qtbot: QtBot, reopened: Reopen, session: Session
) -> None:
    panel = reopened()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    drawn = panel.document.sketch
    rename(qtbot, panel, "Runes")
    with qtbot.waitSignal(session.notified) as notified:
        entry(panel, "Delete the sketch session").trigger()
    (notice,) = notified.args or [None]
    assert (notice.text, notice.action) == ("Deleted Runes", "sketch.bring_back")
    assert panel.document.sketch == Sketch.blank()
    panel.findChild(QAction, notice.action).trigger()
    assert (panel.sessions.name, panel.document.sketch) == ("Runes", drawn)
    entry(panel, "Delete the sketch session").trigger()
    back = entry(panel, "Bring back").menu()
    next(each for each in back.actions() if each.text() == "Runes").trigger()
    assert panel.document.sketch == drawn


def test_a_damaged_session_is_kept_aside_with_one_message(
    qtbot: QtBot, reopened: Reopen, session: Session
) -> None:
    panel = reopened()
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    panel.shut_down()
    file = sessions_folder() / "Sketch 1.json"
    torn = file.read_bytes()[:300]
    file.write_bytes(torn)
    told: list[str] = []
    session.failed.connect(lambda summary, _details: told.append(summary))
    again = reopened()
    (message,) = told
    aside = sessions_folder() / "aside" / "Sketch 1.json"
    assert message == (
        f"Sketch 1.json is damaged: it ends too soon. It is kept aside as {aside}."
    )
    draw_with_mouse(qtbot, again.desk.query, LINE)
    again.shut_down()
    assert aside.read_bytes() == torn
    assert len(told) == 1


def test_two_windows_do_not_write_over_each_other(
    qtbot: QtBot, reopened: Reopen, session: Session
) -> None:
    one = reopened()
    draw_with_mouse(qtbot, one.desk.query, LINE)
    one.sessions.keep()
    other = reopened()
    for panel in (one, other):
        draw_with_mouse(qtbot, panel.cards.cards[0].pad, LINE)
    other.cards.add_class()
    one.sessions.keep()
    with qtbot.waitSignal(session.notified) as notified:
        other.sessions.keep()
    assert "changed elsewhere" in (notified.args or [None])[0].text  # type: ignore[union-attr]
    assert kept("Sketch 1") == one.document.sketch
    assert kept("Sketch 2") == other.document.sketch


def test_a_folder_that_cannot_be_written_to_is_told_once(
    qtbot: QtBot, reopened: Reopen, session: Session
) -> None:
    panel = reopened()
    sessions_folder().parent.mkdir(parents=True, exist_ok=True)
    sessions_folder().write_text("a file")
    told: list[str] = []
    session.failed.connect(lambda summary, _details: told.append(summary))
    for _ in range(2):
        draw_with_mouse(qtbot, panel.desk.query, LINE)
        panel.sessions.keep()
    (message,) = told
    assert message.startswith("The sketch is not kept. Cannot write Sketch 1.json")
    sessions_folder().unlink()
    panel.sessions.keep()
    assert kept("Sketch 1") == panel.document.sketch


def test_the_newest_changes_are_undone_and_older_ones_forgotten() -> None:
    document = SketchDocument(Sketch.blank())
    for number in range(MOST_UNDONE + 50):
        drawer = f"drawer {number}"
        document.apply("sign", document.sketch.changed(drawer=drawer))
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.sketch.drawer == "drawer 49"
