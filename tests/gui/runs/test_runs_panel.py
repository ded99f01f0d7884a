"""The Runs panel, used as a person does."""

from __future__ import annotations

import os
import threading
from itertools import accumulate
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QStyle,
    QStyleOptionViewItem,
    QTableWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.runs.conftest import Opener
from tests.made_stores import add_damaged, add_many, add_run, configuration
from workbench.core.runs import filter as filters
from workbench.core.runs.index import RunIndex
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.runs import scanner
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Session
from workbench.gui.training.training_panel import TrainingPanel


def until_listed(qtbot: QtBot, panel: RunsPanel, count: int) -> None:
    qtbot.waitUntil(lambda: len(panel.model.rows) == count, timeout=20_000)


def shown(panel: RunsPanel, key: str = "name") -> list[str]:
    model = panel.model
    column = panel.model.at(key)
    return [model.index(row, column).data() for row in range(model.rowCount())]


def click_check_box(qtbot: QtBot, panel: RunsPanel, folder: RunFolder) -> None:
    table = panel.table
    index = panel.model.index_of(folder.path.name)
    table.scrollTo(index)
    option = QStyleOptionViewItem()
    option.initFrom(table)
    option.rect = table.visualRect(index)
    option.features = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = table.style().subElementRect(
        QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, table
    )
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.center())
    )


def answer(name: str, text: str) -> None:
    """Press the button with this text in the question that comes up."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert box.objectName() == name
        next(b for b in box.buttons() if text in b.text()).click()

    QTimer.singleShot(0, press)


def write(before: str, after: str) -> None:
    """See what the dialog that comes up has, write something else, and accept."""

    def type_and_accept() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QInputDialog)
        assert dialog.textValue() == before
        dialog.setTextValue(after)
        dialog.accept()

    QTimer.singleShot(0, type_and_accept)


def until_done(qtbot: QtBot, panel: RunsPanel) -> None:
    """Wait for what is done with runs in the background."""
    qtbot.waitUntil(lambda: not panel.commands.together.bar.doing, timeout=20_000)


def test_no_runs_says_what_will_be_here_and_what_to_do(
    qtbot: QtBot, panel: RunsPanel
) -> None:
    qtbot.waitUntil(lambda: "Press Start" in panel.hint.text())
    assert panel.hint.isVisible()


def test_a_run_of_another_process_appears_by_itself(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder = add_run(runs, name="from elsewhere", state="completed")
    until_listed(qtbot, panel, 1)
    assert shown(panel) == ["from elsewhere"]
    folder.update(state="failed", message="out of memory")
    panel.commands.changed.emit()
    qtbot.waitUntil(lambda: shown(panel, "state") == ["failed"])
    assert shown(panel, "notes") == ["out of memory"]


def test_a_folder_whose_name_is_no_text_is_shown_and_others_go_on_appearing(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    odd = os.fsencode(runs) + b"/bad\xffname"
    os.makedirs(odd)
    os.utime(odd, (1e9, 1e9))
    panel.commands.changed.emit()
    until_listed(qtbot, panel, 1)
    assert (shown(panel), shown(panel, "state")) == (["bad\ufffdname"], ["damaged"])
    add_run(runs, name="later")
    until_listed(qtbot, panel, 2)
    assert "later" in shown(panel)


def test_closing_does_not_wait_for_a_disk_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked, answers, closed = (threading.Event() for _ in range(3))

    class Stuck(RunIndex):
        def rows(self) -> list[RunRow]:
            asked.set()
            answers.wait()
            return super().rows()

        def close(self) -> None:
            super().close()
            closed.set()

    monkeypatch.setattr(scanner, "RunIndex", Stuck)
    monkeypatch.setattr(scanner, "_PATIENCE", 0.05)
    looking = scanner.RunScanner(tmp_path)
    looking.start()
    assert asked.wait(10)
    looking.shut_down()
    assert not closed.is_set()
    answers.set()
    assert closed.wait(10)


def test_checked_runs_are_overlaid_in_the_plots(
    qtbot: QtBot, window: MainWindow, runs: Path, session: Session
) -> None:
    window.show_panel("Runs")
    panel = window.panel("Runs")
    assert isinstance(panel, RunsPanel)
    first, second = add_run(runs, name="one"), add_run(runs, name="two")
    until_listed(qtbot, panel, 2)
    click_check_box(qtbot, panel, first)
    click_check_box(qtbot, panel, second)
    assert [run.path for run in session.overlaid] == [first.path, second.path]
    qtbot.waitUntil(lambda: len(panel.model.shown) == 2)
    index = panel.model.index_of(first.path.name)
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()
    click_check_box(qtbot, panel, first)
    assert [run.path for run in session.overlaid] == [second.path]


def test_a_laptop_shows_several_runs_also_below_a_message(
    qtbot: QtBot, window: MainWindow, runs: Path
) -> None:
    window.resize(1366, 720)
    window.reset_layout()
    window.show_panel("Runs")
    panel, training = window.panel("Runs"), window.panel("Training")
    assert isinstance(panel, RunsPanel)
    assert isinstance(training, TrainingPanel)
    for number in range(12):
        add_run(runs, name=f"run {number}")
    until_listed(qtbot, panel, 12)
    table = panel.table
    height = table.visualRect(panel.model.index(0, 0)).height()
    qtbot.waitUntil(lambda: table.viewport().height() >= 4 * height)
    before = table.viewport().height()
    training.banner.show_offers("The run failed: " + "its meta-loss is not finite " * 5)
    QApplication.processEvents()
    assert table.viewport().height() == before
    dismiss = training.banner.buttons[-1]
    assert training.banner.height() < 3 * dismiss.height()
    qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert not training.banner.isVisible()


def test_typing_filters_and_says_how_many_are_left(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    for name, rate in (("slow", 0.01), ("fast", 0.4), ("faster", 0.5)):
        add_run(runs, configuration(algorithm__inner_lr=rate), name=name)
    until_listed(qtbot, panel, 3)
    qtbot.keyClicks(panel.filter, "inner_lr>0.1")
    qtbot.waitUntil(lambda: sorted(shown(panel)) == ["fast", "faster"])
    assert panel.count.text() == "2 of 3 runs"
    qtbot.keyClicks(panel.filter, " faster")
    qtbot.waitUntil(lambda: shown(panel) == ["faster"])
    panel.filter.setText("nowhere")
    qtbot.waitUntil(lambda: panel.hint.text() == "No run matches the filter.")
    assert panel.hint.isVisible()
    panel.filter.setText("inner_rate>1")
    assert panel.filter.property("wrong") == "true"
    assert panel.problem.isVisible()
    assert "no column or field" in panel.problem.text()
    qtbot.waitUntil(lambda: panel.model.count == 3)
    panel.filter.setText("inner_lr>1")
    assert not panel.problem.isVisible()


def add_seeds(runs: Path, losses: tuple[float | None, ...]) -> None:
    """Add a run for each seed, with this loss in its test; None if it diverged."""
    for seed, loss in enumerate(losses):
        add_run(
            runs,
            configuration(training__seed=seed),
            name=f"maml-s{seed}",
            state="completed",
            test={"loss": loss, "loss_ci95": 0.1, "accuracy": None},
        )


def test_seeds_are_grouped_with_mean_and_interval(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    add_seeds(runs, (1.0, 2.0, 3.0))
    add_run(runs, configuration(task__shots=3), name="other")
    until_listed(qtbot, panel, 4)
    qtbot.mouseClick(panel.group, Qt.MouseButton.LeftButton)
    assert sorted(shown(panel)) == ["maml (3 runs)", "other"]
    index = panel.model.index(shown(panel).index("maml (3 runs)"), 0)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.siblingAtColumn(panel.model.at("seed")).data() == "0–2"
    assert tip == "maml (3 runs)\n3 runs that differ in nothing but the seed"
    test = index.siblingAtColumn(panel.model.at("test"))
    assert test.data() == "2.0000 ± 2.4841"
    tip = test.data(Qt.ItemDataRole.ToolTipRole)
    assert tip.endswith("The mean over 3 seeds, with the 95 % CI over them")
    notes = index.siblingAtColumn(panel.model.at("notes")).data()
    assert notes == "Seeds 0–2; test: mean over 3 seeds"
    assert panel.model.rowCount(index) == 3
    panel.table.select([panel.model.node(index).key])
    assert len(panel.table.chosen()) == 3


def test_a_group_says_which_of_its_runs_diverged(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    add_seeds(runs, (1.0, None, 3.0))
    until_listed(qtbot, panel, 3)
    column = panel.model.at("test")
    cells = [panel.model.index(row, column).data() for row in range(3)]
    assert sorted(cells) == ["1.0000 ± 0.1000", "3.0000 ± 0.1000", "diverged"]
    qtbot.mouseClick(panel.group, Qt.MouseButton.LeftButton)
    cell = panel.model.index(0, column)
    assert cell.data() == "2.0000 ± 12.7062 (2 of 3)"
    assert "2 of 3 seeds, 1 diverged" in cell.data(Qt.ItemDataRole.ToolTipRole)


def test_clicking_a_header_sorts(qtbot: QtBot, panel: RunsPanel, runs: Path) -> None:
    for name in ("b", "c", "a"):
        add_run(runs, name=name)
    until_listed(qtbot, panel, 3)
    header = panel.table.header()
    position = QPoint(header.sectionViewportPosition(0) + 30, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=position)
    first = shown(panel)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=position)
    assert {tuple(first), tuple(shown(panel))} == {("a", "b", "c"), ("c", "b", "a")}


def test_a_run_is_renamed_in_its_line_and_in_its_folder(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder = add_run(runs, name="before")
    until_listed(qtbot, panel, 1)
    panel.table.select([folder.path.name])
    panel.commands.rename.trigger()
    assert panel.table.state() == QAbstractItemView.State.EditingState
    editor = panel.table.viewport().findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "after")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(panel) == ["after"])
    assert folder.info().name == "after"


def test_only_a_key_or_the_menu_begins_to_rename(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder = add_run(runs, name="before")
    until_listed(qtbot, panel, 1)
    table = panel.table
    name = panel.model.index_of(folder.path.name)
    state = name.siblingAtColumn(panel.model.at("state"))
    for index in (name, name, state):
        middle = table.visualRect(index).center()
        button = Qt.MouseButton.LeftButton
        qtbot.mouseClick(table.viewport(), button, pos=middle)
    assert table.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers
    assert table.state() != QAbstractItemView.State.EditingState
    qtbot.keyClick(table, Qt.Key.Key_F2)
    assert table.viewport().findChild(QLineEdit).text() == "before"


def test_tags_and_notes_are_written_to_the_folder(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder = add_run(runs)
    until_listed(qtbot, panel, 1)
    panel.commands.edit([folder.path.name], "tags", "paper, slow, paper,")
    panel.commands.edit([folder.path.name], "notes", "needs more steps")
    info = folder.info()
    assert (info.tags, info.notes) == (("paper", "slow"), "needs more steps")
    qtbot.waitUntil(lambda: shown(panel, "tags") == ["paper, slow"])


def test_a_note_of_several_lines_takes_one_and_is_kept_whole(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    note = "the first line\n" + "and more\n" * 7 + "end"
    noted = add_run(runs, name="noted", notes=note)
    plain = add_run(runs, name="plain")
    until_listed(qtbot, panel, 2)
    heights = {
        panel.table.visualRect(panel.model.index_of(run.path.name)).height()
        for run in (noted, plain)
    }
    assert max(heights) < 3 * panel.fontMetrics().height()
    column = panel.model.at("notes")
    index = panel.model.index_of(noted.path.name).siblingAtColumn(column)
    assert index.data() == "the first line…"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == note
    panel.table.edit(index)
    qtbot.keyClick(panel.table.viewport().findChild(QLineEdit), Qt.Key.Key_Return)
    assert noted.info().notes == note


def test_the_error_of_a_failed_run_is_not_edited_as_its_note(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder = add_run(runs, state="failed", message="out of memory")
    until_listed(qtbot, panel, 1)
    column = panel.model.at("notes")
    index = panel.model.index_of(folder.path.name).siblingAtColumn(column)
    qtbot.waitUntil(lambda: index.data() == "out of memory")
    panel.table.edit(index)
    editor = panel.table.viewport().findChild(QLineEdit)
    assert editor.text() == ""
    qtbot.keyClicks(editor, "halve the batch")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: folder.info().notes == "halve the batch")


def test_a_tag_is_added_to_several_runs_and_each_keeps_its_own(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    one = add_run(runs, tags=("slow", "paper"))
    two = add_run(runs, tags=("paper", "bad"))
    until_listed(qtbot, panel, 2)
    panel.table.selectAll()
    write("paper", "best")
    panel.commands.tag.trigger()
    until_done(qtbot, panel)
    assert one.info().tags == ("slow", "best")
    assert two.info().tags == ("bad", "best")


def test_a_note_on_several_runs_leaves_theirs_where_nothing_was_written(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folders = [add_run(runs, notes=note) for note in ("first", "second")]
    until_listed(qtbot, panel, 2)
    panel.table.selectAll()
    write("", "")
    panel.commands.note.trigger()
    until_done(qtbot, panel)
    assert [folder.info().notes for folder in folders] == ["first", "second"]
    write("", "both")
    panel.commands.note.trigger()
    until_done(qtbot, panel)
    assert [folder.info().notes for folder in folders] == ["both", "both"]


def test_enter_shows_the_run_in_the_plots(
    qtbot: QtBot, panel: RunsPanel, runs: Path, session: Session
) -> None:
    folder = add_run(runs)
    until_listed(qtbot, panel, 1)
    panel.table.select([folder.path.name])
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert session.run.path == folder.path


def test_a_copy_of_the_configuration_is_edited(
    qtbot: QtBot, panel: RunsPanel, runs: Path, session: Session
) -> None:
    config = configuration(algorithm__inner_lr=0.123)
    folder = add_run(runs, config)
    until_listed(qtbot, panel, 1)
    panel.table.select([folder.path.name])
    panel.commands.duplicate.trigger()
    assert session.config == config


def test_the_difference_of_two_runs_is_told_in_the_words_of_the_form(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    long = "a name that is longer than a column of the table has room for"
    one = add_run(runs, configuration(), name=long)
    changes = {"training__iterations": 20000, "algorithm__kind": "reptile"}
    two = add_run(runs, configuration(**changes), name="two")
    until_listed(qtbot, panel, 2)
    panel.table.select([one.path.name])
    assert not panel.commands.difference.isEnabled()
    panel.table.select([one.path.name, two.path.name])
    panel.commands.difference.trigger()
    table = panel.findChild(QTableWidget, "difference.table")
    rows = {
        table.item(line, 0).toolTip(): [table.item(line, at).text() for at in range(3)]
        for line in range(table.rowCount())
    }
    assert rows["training.iterations"] == ["Training: iterations", "2,000", "20,000"]
    assert rows["algorithm.kind"] == ["Learner", "MAML", "Reptile"]
    assert rows["algorithm.batch"][0] == "Learner: inner batch"
    assert "–" in rows["algorithm.batch"]
    head = table.horizontalHeaderItem(1)
    name, made = head.text().split("\n")
    assert name.startswith("a name that is")
    assert made.startswith("20")
    assert long in head.toolTip()
    header = table.horizontalHeader()
    room = header.sectionSize(1)
    assert header.fontMetrics().horizontalAdvance(name) < room
    assert next(iter(rows)) == "algorithm.kind"
    table.window().close()


def test_what_is_no_run_is_moved_to_the_trash_as_what_it_is(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    (runs / "holiday").mkdir(parents=True)
    os.utime(runs / "holiday", (1e9, 1e9))
    panel.commands.changed.emit()
    until_listed(qtbot, panel, 1)
    panel.table.select(["holiday"])
    asked: list[str] = []

    def refuse() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.informativeText())
        box.button(QMessageBox.StandardButton.Cancel).click()

    QTimer.singleShot(0, refuse)
    panel.commands.trash.trigger()
    assert asked == ["With all that is in it. They can be put back from there."]


def test_moving_to_the_trash_asks_first(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder, kept = add_run(runs, name="bad"), add_run(runs, name="good")
    until_listed(qtbot, panel, 2)
    panel.table.select([folder.path.name])
    answer("trash_question", "Cancel")
    panel.commands.trash.trigger()
    assert folder.path.is_dir()
    answer("trash_question", "Move to trash")
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    until_done(qtbot, panel)
    assert not folder.path.exists()
    qtbot.waitUntil(lambda: shown(panel) == ["good"])
    assert kept.path.is_dir()
    qtbot.waitUntil(lambda: not panel.findChildren(QMessageBox))


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_a_menu_acts_on_the_runs_it_was_opened_on(
    qtbot: QtBot, panel: RunsPanel, runs: Path, session: Session
) -> None:
    bad, good = add_run(runs, name="bad"), add_run(runs, name="good")
    until_listed(qtbot, panel, 2)
    panel.table.select([bad.path.name])
    panel.table.customContextMenuRequested.emit(QPoint(5, 5))
    menu = panel.commands.menu
    session.set_run(good)
    assert panel.table.selected_folders() == [good.path.name]
    menu.setActiveAction(panel.commands.trash)
    answer("trash_question", "Move to trash")
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    until_done(qtbot, panel)
    assert good.path.is_dir()
    assert not bad.path.exists()
    assert [row.name for row in panel.table.chosen()] == ["good"]


def test_what_was_moved_to_the_trash_can_be_put_back(
    qtbot: QtBot, panel: RunsPanel, runs: Path, session: Session
) -> None:
    folders = [add_run(runs, name=name) for name in ("one", "two")]
    until_listed(qtbot, panel, 2)
    for _ in range(2):
        panel.table.selectAll()
        answer("trash_question", "Move to trash")
        with qtbot.waitSignal(session.notified) as notified:
            panel.commands.trash.trigger()
        assert notified.args[0].text == "Moved 2 runs to the trash"
        assert not any(folder.path.exists() for folder in folders)
        session.actions.trigger(notified.args[0].action)
        until_listed(qtbot, panel, 2)
        assert [folder.info().name for folder in folders] == ["one", "two"]
        assert not panel.commands.put_back.isEnabled()
    trash = Path(os.environ["XDG_DATA_HOME"]) / "Trash"
    assert not list(trash.glob("*/*"))


def test_what_is_put_back_does_not_replace_what_is_there(
    qtbot: QtBot, panel: RunsPanel, runs: Path, session: Session
) -> None:
    folder = add_run(runs, name="one")
    until_listed(qtbot, panel, 1)
    panel.table.selectAll()
    answer("trash_question", "Move to trash")
    panel.commands.trash.trigger()
    until_done(qtbot, panel)
    folder.path.mkdir()
    with qtbot.waitSignal(session.failed) as failed:
        panel.commands.put_back.trigger()
    assert "there is another" in failed.args[1]
    assert not list(folder.path.iterdir())


def test_what_cannot_be_put_back_stays_in_the_trash_and_the_rest_comes_back(
    qtbot: QtBot, panel: RunsPanel, runs: Path, session: Session
) -> None:
    folders = [add_run(runs, name=name).path for name in ("one", "two", "three")]
    until_listed(qtbot, panel, 3)
    panel.table.selectAll()
    answer("trash_question", "Move to trash")
    panel.commands.trash.trigger()
    until_done(qtbot, panel)
    folders[1].mkdir()
    with qtbot.waitSignal(session.failed) as failed:
        panel.commands.put_back.trigger()
    assert failed.args[0] == "two cannot be brought back."
    assert (folders[0] / "run.json").is_file()
    assert (folders[2] / "run.json").is_file()
    folders[1].rmdir()
    panel.commands.put_back.trigger()
    assert (folders[1] / "run.json").is_file()


def test_a_run_being_trained_is_not_moved_to_the_trash(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    import socket

    folder = add_run(runs, state="paused", pid=os.getpid(), host=socket.gethostname())
    until_listed(qtbot, panel, 1)
    qtbot.waitUntil(lambda: shown(panel, "state") == ["paused"])
    panel.table.select([folder.path.name])
    panel.commands.trash.trigger()
    assert folder.path.is_dir()


def test_damaged_folders_say_why_and_can_be_thrown_away(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    add_damaged(runs, 100)
    until_listed(qtbot, panel, 100)
    assert set(shown(panel, "state")) == {"damaged", "foreign"}
    assert all(shown(panel, "notes"))
    panel.table.selectAll()
    assert not panel.commands.show.isEnabled()
    assert panel.commands.trash.isEnabled()


def test_columns_can_be_chosen_and_are_kept(qtbot: QtBot, open_panel: Opener) -> None:
    panel = open_panel(RunsPanel)
    columns = panel.table.columns
    assert not columns.is_shown("model")
    columns.menu.aboutToShow.emit()
    next(a for a in columns.menu.actions() if a.data() == "model").trigger()
    assert columns.is_shown("model")
    panel.shut_down()
    assert open_panel(RunsPanel).table.columns.is_shown("model")


def test_selection_stays_when_other_runs_come_and_go(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    folder = add_run(runs, name="selected")
    until_listed(qtbot, panel, 1)
    panel.table.select([folder.path.name])
    for number in range(3):
        add_run(runs, name=f"new {number}")
    panel.commands.changed.emit()
    until_listed(qtbot, panel, 4)
    assert [row.name for row in panel.table.chosen()] == ["selected"]


def test_a_key_typed_reads_no_run_and_paints_only_what_is_seen(
    qtbot: QtBot, session: Session, open_panel: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_many(session.runs, 1000)
    panel = open_panel(RunsPanel)
    until_listed(qtbot, panel, 1000)
    monkeypatch.delattr("workbench.core.runs.index.read_row")
    said, painted = panel.model.data, set()

    def data(index: QModelIndex, role: int) -> object:
        painted.add(index.row())
        return said(index, role)

    monkeypatch.setattr(panel.model, "data", data)
    filters._searched.cache_clear()
    for typed in accumulate("sweep 99 seed=4"):
        with qtbot.waitSignal(panel.model.rearranged):
            panel.filter.setText(typed)
        panel.table.viewport().repaint()
    assert 0 < panel.model.count < 20
    assert 0 < len(painted) < 100
    assert filters._searched.cache_info().misses == 1000  # once, not for each key
