"""The window as a whole: panels, menus, docks, news, errors, closing."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.made_stores import add_run
from workbench.gui.app.about_dialog import AboutDialog
from workbench.gui.app.command_palette import CommandPalette
from workbench.gui.app.error_hook import ErrorHook
from workbench.gui.app.main_window import MainWindow
from workbench.gui.app.shortcut_sheet import ShortcutSheet
from workbench.gui.app.stopping import Stopping
from workbench.gui.graphs.plot import Quarter, plots
from workbench.gui.look import preferences, theme
from workbench.gui.look.error_dialog import ErrorDialog
from workbench.gui.look.toast import Toast
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Session

Opener = Callable[[], MainWindow]


def press(qtbot: QtBot, host: QWidget, name: str) -> None:
    button = host.findChild(QAbstractButton, name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_menus_and_palette_are_fed_by_the_registry(
    window: MainWindow, session: Session
) -> None:
    shown = {action.text() for action in window.menuBar().actions()}
    assert {"&File", "&Edit", "&View", "&Help"} <= shown
    assert session.actions["file.open"].keys
    assert all(action.tip for action in session.actions)
    # An ellipsis is one letter, and says that more is asked for first.
    assert not any("..." in action.text() for action in session.actions)
    asking = {action.id for action in session.actions if "…" in action.text()}
    assert {"file.open", "queue.sweep", "runs.evaluate", "runs.trash"} <= asking
    assert not {"runs.check", "runs.check_all", "run.continue"} & asking


@pytest.mark.parametrize("hand", ["button", "double click"])
def test_a_dock_that_floats_again_is_all_on_the_screen(
    qtbot: QtBot, window: MainWindow, hand: str
) -> None:
    window.show_panel("Runs")
    dock = window.docks["Runs"]

    def toggle() -> None:
        if hand == "button":
            press(qtbot, dock, "dock.runs.float")
        else:
            title = dock.titleBarWidget()
            qtbot.mouseDClick(title, Qt.MouseButton.LeftButton, pos=QPoint(40, 8))

    toggle()
    assert dock.isFloating()
    room = dock.screen().availableGeometry()
    dock.setGeometry(room.translated(room.center()))
    toggle()
    assert not dock.isFloating()
    toggle()
    assert dock.isFloating()
    qtbot.waitUntil(lambda: room.contains(dock.frameGeometry()))


def test_no_two_actions_share_a_shortcut(window: MainWindow, session: Session) -> None:
    keys = [
        sequence.toString()
        for action in session.actions
        for sequence in action.shortcuts()
    ]
    assert sorted(set(keys)) == sorted(keys)


def palette_of(window: MainWindow) -> tuple[CommandPalette, QLineEdit]:
    """Open the palette; return it, and where one types."""
    window.session.actions.trigger("help.palette")
    palette = window.findChildren(CommandPalette)[-1]  # the last may not be gone yet
    return palette, palette.findChild(QLineEdit, "command_palette.search")


def test_the_palette_finds_a_command_by_a_part_of_its_name_and_performs_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    palette, line = palette_of(window)
    qtbot.keyClicks(line, "dark")
    assert palette.shown()[0].startswith("View: Dark theme")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert preferences.theme() == theme.Theme.DARK
    assert theme.is_dark()


def test_the_palette_goes_to_a_setting_also_where_it_is_folded_away(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.show()
    palette, line = palette_of(window)
    qtbot.keyClicks(line, "transduc")
    assert palette.shown()[0] == "Setting, Evaluation: Transductive"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    control = window.findChild(QWidget, "evaluation.transductive")
    qtbot.waitUntil(control.isVisible)
    qtbot.waitUntil(lambda: window.focusWidget() is control)
    _, line = palette_of(window)
    qtbot.keyClicks(line, "checkpoint every")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    control = window.findChild(QWidget, "training.checkpoint_every")
    qtbot.waitUntil(lambda: control.isVisible() and window.focusWidget() is control)


def test_the_palette_loads_a_preset_and_shows_a_run(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    _, line = palette_of(window)
    qtbot.keyClicks(line, "preset sinusoids in a minute")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert session.preset == "sinusoid-quick"
    folder = add_run(session.runs, name="Tuesday's 100% try_out")
    add_run(session.runs, name="Wednesday")
    panel = window.findChild(RunsPanel)
    qtbot.waitUntil(lambda: len(panel.model.rows) == 2)
    palette, line = palette_of(window)
    qtbot.keyClicks(line, "tuesday 100% try_")
    assert palette.shown() == ["Run: Tuesday's 100% try_out"]
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert session.run is not None
    assert session.run.path == folder.path


def test_the_palette_says_that_nothing_is_called_so(
    window: MainWindow, qtbot: QtBot
) -> None:
    palette, line = palette_of(window)
    qtbot.keyClicks(line, "xyzzy")
    assert palette.shown()[0] == "Nothing is called 'xyzzy' here"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.isVisible() or not window.isVisible()


def test_the_theme_reaches_the_palette_of_the_application(
    window: MainWindow, session: Session, qapp: QApplication
) -> None:
    session.actions.trigger("view.theme_dark")
    assert qapp.palette().window().color().lightness() < 80
    session.actions.trigger("view.theme_light")
    assert qapp.palette().window().color().lightness() > 200


def test_the_shortcut_sheet_shows_what_has_a_shortcut(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.actions.trigger("help.shortcuts")
    sheet = window.findChild(ShortcutSheet)
    texts = {
        label.text() for label in sheet.findChildren(QWidget) if hasattr(label, "text")
    }
    assert {"Commands", "Ctrl+Shift+P", "Keyboard shortcuts", "F1"} <= texts
    sheet.close()


def test_about_copies_system_information(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.actions.trigger("help.about")
    about = window.findChild(AboutDialog)
    press(qtbot, about, "about_dialog.copy")
    text = QGuiApplication.clipboard().text()
    assert "Few-Shot Workbench" in text
    assert "torch" in text
    assert str(session.runs) in text
    about.close()


def test_news_comes_as_a_toast_whose_button_performs_an_action(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.notify("The theme can be dark", "info", "view.theme_dark")
    toast = window.findChild(Toast)
    assert toast.isVisible()
    assert window.rect().contains(toast.geometry())
    assert not window.centralWidget().geometry().intersects(toast.geometry())
    with qtbot.waitSignal(toast.closed):
        press(qtbot, toast, "toast.action")
    assert theme.is_dark()


def test_only_the_newest_toasts_stay(window: MainWindow, session: Session) -> None:
    for number in range(5):
        session.notify(f"news {number}")
    shown = [toast for toast in window.findChildren(Toast) if toast.isVisible()]
    assert {toast.accessibleName() for toast in shown} == {"news 2", "news 3", "news 4"}
    places = [toast.geometry() for toast in shown]
    assert not any(a.intersects(b) for a, b in itertools.combinations(places, 2))


def test_the_same_news_stays_once_unless_there_is_something_to_do(
    window: MainWindow, session: Session
) -> None:
    for _ in range(2):
        session.notify("nothing to draw")
        session.notify("gone", "info", "view.theme_dark")
    shown = [toast for toast in window.findChildren(Toast) if toast.isVisible()]
    assert sorted(toast.accessibleName() for toast in shown) == [
        "gone",
        "gone",
        "nothing to draw",
    ]


def test_news_never_lies_over_the_commands_nor_over_what_is_typed_in(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    for number in range(3):
        session.notify(f"news {number}, and what there is to say about it")
    toasts = [toast for toast in window.findChildren(Toast) if toast.isVisible()]
    usual = [toast.geometry() for toast in toasts]
    session.actions.trigger("help.palette")
    palette = window.findChild(CommandPalette)

    def is_clear(widget: QWidget) -> bool:
        place = QRect(widget.mapTo(window, QPoint()), widget.size())
        return not any(place.intersects(toast.geometry()) for toast in toasts)

    assert any(palette.geometry().intersects(place) for place in usual)
    qtbot.waitUntil(lambda: is_clear(palette))
    for one, other in itertools.combinations(toasts, 2):
        assert not one.geometry().intersects(other.geometry())
    assert all(window.rect().contains(toast.geometry()) for toast in toasts)
    qtbot.keyClick(palette.findChild(QLineEdit), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: [toast.geometry() for toast in toasts] == usual)
    field = QLineEdit(window)
    field.setGeometry(usual[-1].adjusted(20, 10, -20, 0))
    field.show()
    field.setFocus()
    qtbot.waitUntil(lambda: is_clear(field))
    field.setGeometry(window.rect())  # there is no other room: the news waits
    window.setFocus()
    field.setFocus()
    qtbot.waitUntil(lambda: not any(toast.isVisible() for toast in toasts))
    field.hide()
    qtbot.waitUntil(lambda: all(toast.isVisible() for toast in toasts))
    field.deleteLater()


def test_a_click_takes_news_away(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.notify("read already")
    toast = window.findChild(Toast)
    with qtbot.waitSignal(toast.closed):
        qtbot.mouseClick(toast.findChild(QLabel), Qt.MouseButton.LeftButton)
    assert not toast.isVisible()


def test_an_error_is_one_sentence_with_folded_details_to_copy(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.fail("Cannot read the data.", "line 1\nline 2")
    dialog = window.findChild(ErrorDialog)
    details = dialog.findChild(QWidget, "error_dialog.details")
    assert not details.isVisible()
    press(qtbot, dialog, "fold.error_details")
    assert details.isVisible()
    press(qtbot, dialog, "error_dialog.copy")
    text = QGuiApplication.clipboard().text()
    assert text == "Cannot read the data.\n\nline 1\nline 2\n"
    dialog.close()


def test_the_reason_of_an_error_is_read_at_once(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.fail("Cannot read the data.", "Its pickle would run code.")
    dialog = window.findChild(ErrorDialog)
    assert dialog.findChild(QLabel, "error_dialog.reason").isVisible()
    assert "would run code" in dialog.text()
    dialog.close()


def test_an_exception_in_a_slot_is_shown_and_the_window_lives_on(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    hook = ErrorHook()
    hook.caught.connect(session.unforeseen)
    hook.install()
    try:
        with qtbot.waitSignal(session.unforeseen) as signal, qtbot.captureExceptions():
            hook._on_exception(ValueError, ValueError("a planted error"), None)
    finally:
        hook.remove()
    assert "a planted error" in signal.args[0]
    dialog = window.findChild(ErrorDialog)
    assert dialog.isVisible()
    go_on = dialog.findChild(QPushButton, "error_dialog.close")
    assert (go_on.text(), go_on.isDefault()) == ("Continue", True)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is None)
    session.notify("still here")
    assert window.findChild(Toast).isVisible()


def test_what_nobody_foresaw_is_saved_as_a_report_and_shown_once(
    window: MainWindow,
    session: Session,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(2):
        session.unforeseen.emit("It broke.", "line 1\nline 2")
    (dialog,) = window.findChildren(ErrorDialog)
    file = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    press(qtbot, dialog, "error_dialog.save")
    said = dialog.findChild(QLabel, "error_dialog.saved")
    assert said.text() == f"Saved {file}"
    report = file.read_text(encoding="utf-8")
    assert report.startswith("It broke.\n\nline 1\nline 2\n")
    assert f"Runs folder {session.runs}" in report
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.txt"), "")
    )
    press(qtbot, dialog, "error_dialog.save")
    assert said.text().startswith("Cannot write ")
    dialog.close()


def test_an_exception_in_a_thread_reaches_the_window(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    hook = ErrorHook()
    hook.caught.connect(session.unforeseen)
    hook.install()
    try:
        with qtbot.waitSignal(session.unforeseen) as signal:
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    finally:
        hook.remove()
    assert "ZeroDivisionError" in signal.args[0]
    window.findChild(ErrorDialog).close()


@pytest.fixture
def unshown(qapp: QApplication, session: Session) -> Iterator[MainWindow]:
    window = MainWindow(session)
    yield window
    window.close()
    window.deleteLater()


def test_what_is_not_seen_at_first_is_made_when_the_window_is_idle(
    unshown: MainWindow, qtbot: QtBot
) -> None:
    data, board = unshown.panel("Data"), unshown.panel("Training").board
    assert data.pages.count() == len(board.plots) == 0
    with qtbot.waitSignal(unshown.filled):
        unshown.show()
    assert data.pages.count() == 4
    assert {type(plot) for plot in board.plots} == set(plots())


def test_what_is_made_late_is_reached_from_its_neighbours_by_tab(
    window: MainWindow,
) -> None:
    cell = window.panel("Training").board.cells[Quarter.TOP_LEFT]
    reached = cell._expand
    for _ in range(40):
        reached = reached.nextInFocusChain()
        if reached.isVisible() and reached.focusPolicy() & Qt.FocusPolicy.TabFocus:
            break
    assert reached.objectName() == "plot.meta_loss.smoothing"


def test_a_tab_asked_for_before_its_turn_is_complete_at_once(
    unshown: MainWindow, session: Session
) -> None:
    session.actions.trigger("data.episodes")
    data = unshown.panel("Data")
    assert data.isVisibleTo(unshown)
    assert data.pages.currentWidget() is data.episodes


@pytest.mark.parametrize("pieces", range(5))
def test_a_window_closed_before_it_is_complete_makes_no_more(
    unshown: MainWindow, pieces: int
) -> None:
    data, board = unshown.panel("Data"), unshown.panel("Training").board
    for _ in itertools.islice(unshown._filling._left[data], pieces):
        pass
    assert unshown.close()
    assert (data.pages.count() == 4) == (pieces == 4)
    assert not board.plots


def test_docks_come_back_where_they_were(open_window: Opener, session: Session) -> None:
    first = open_window()
    first.docks["Experiment"].hide()
    first.close()
    again = MainWindow(Session(session.data, session.runs))
    again.show()
    try:
        assert not again.docks["Experiment"].isVisible()
        again.session.actions.trigger("view.reset_layout")
        assert again.docks["Experiment"].isVisible()
    finally:
        again.close()
        again.deleteLater()


def test_a_hidden_panel_can_be_asked_for(window: MainWindow, session: Session) -> None:
    window.docks["Experiment"].hide()
    session.show_panel("Experiment")
    assert window.docks["Experiment"].isVisible()


def test_the_draft_is_remembered_at_closing(
    open_window: Opener, session: Session
) -> None:
    window = open_window()
    session.set_field("training.seed", 99)
    window.close()
    stored = preferences.draft()
    assert stored is not None
    assert stored[0]["training"]["seed"] == 99


def test_the_draft_is_remembered_while_it_is_edited_not_only_at_closing(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.set_field("training.seed", 98)

    def is_kept_while_typing_goes_on() -> bool:
        edits = session.draft["training"]["iterations"]
        session.set_field("training.iterations", edits + 1)
        after_a_crash = Session(session.data, session.runs)
        came_back = after_a_crash.restore_last()
        return came_back and after_a_crash.draft["training"]["seed"] == 98

    qtbot.waitUntil(is_kept_while_typing_goes_on)


def test_a_file_dropped_on_the_window_is_opened(
    window: MainWindow, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "dropped.toml"
    assert session.save(path)
    session.set_field("training.seed", 5)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert session.draft["training"]["seed"] == 0
    assert "dropped.toml" in window.windowTitle()


@pytest.mark.parametrize("answer", ["Stop and quit", "Cancel"])
def test_quitting_while_something_runs_asks_once(
    open_window: Opener,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    window = open_window()
    panel = window.panel("Experiment")
    monkeypatch.setattr(panel, "busy_with", lambda: "A run is training.")
    asked: list[str] = []

    def reply() -> None:
        box = window.findChild(QMessageBox)
        asked.append(box.text())
        next(b for b in box.buttons() if b.text().replace("&", "") == answer).click()

    QTimer.singleShot(0, reply)
    window.close()
    assert asked == ["A run is training."]
    assert window.isVisible()
    stopping = window.findChild(Stopping)
    assert (stopping is not None) == (answer == "Stop and quit")
    monkeypatch.setattr(panel, "busy_with", lambda: "")
    if stopping is None:
        window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_what_is_being_stopped_is_said_until_it_is_and_cannot_be_dismissed(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    panel = window.panel("Experiment")
    monkeypatch.setattr(panel, "busy_with", lambda: "A run is training.")
    monkeypatch.setattr(window, "_may_quit", lambda _busy: True)
    window.close()
    stopping = window.findChild(Stopping)
    qtbot.waitUntil(stopping.isVisible)
    assert stopping.text.text().startswith("Stopping…")
    qtbot.keyClick(stopping, Qt.Key.Key_Escape)
    assert stopping.isVisible()
    monkeypatch.setattr(panel, "busy_with", lambda: "")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not stopping.isVisible()


def test_every_control_has_a_tooltip(window: MainWindow) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit)
    unexplained = [
        f"{type(widget).__name__} {widget.objectName()!r} in {panel.title}"
        for panel in window.panels
        for widget in panel.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not widget.objectName().startswith(("qt_", "Scroll"))
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.toolTip()
    ]
    assert unexplained == []


def test_every_control_of_the_form_has_a_name(window: MainWindow) -> None:
    controls = window.panel("Experiment").findChildren(QAbstractButton)
    nameless = [
        control.text()
        for control in controls
        if not (control.objectName() and (control.accessibleName() or control.text()))
    ]
    assert nameless == []


def test_the_window_fits_a_small_screen(window: MainWindow) -> None:
    hint = window.minimumSizeHint()
    assert hint.width() <= 960
    assert hint.height() <= 500
    window.resize(960, 500)
    start = window.findChild(QPushButton, "experiment.start")
    assert start.visibleRegion().boundingRect() == start.rect()


def test_a_window_asks_for_no_more_room_before_it_is_complete(
    session: Session, qtbot: QtBot
) -> None:
    window = MainWindow(session)
    qtbot.addWidget(window)
    assert window.minimumSizeHint().width() <= 960
    assert window.minimumSizeHint().height() <= 500


def test_a_tab_scrolls_to_what_it_has_no_room_for_and_only_then(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.show_panel("Sketch")
    panel = window.panel("Sketch")
    page = panel.parentWidget().parentWidget()
    bars = page.horizontalScrollBar(), page.verticalScrollBar()
    for size in ((1600, 1000), (960, 500)):
        window.resize(*size)
        qtbot.waitUntil(lambda: panel.size() == page.viewport().size())
        assert not any(bar.isVisible() for bar in bars)
    window.session.actions.trigger("view.toggle_docks")
    qtbot.waitUntil(lambda: all(bar.isVisible() for bar in bars))
    fit = panel.findChild(QWidget, "sketch.fit")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    fit.setFocus()
    qtbot.waitUntil(lambda: not fit.visibleRegion().isEmpty())


def test_start_says_why_it_cannot(window: MainWindow, session: Session) -> None:
    session.set_field("training.iterations", 0)
    reason = window.findChild(QWidget, "experiment.reason")
    assert reason.isVisible()
    assert "Iterations" in reason.text()
    session.undo()
    assert not reason.isVisible()
    assert window.findChild(QPushButton, "experiment.start") is not None
