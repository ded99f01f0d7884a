"""Evaluating, comparing, the published table and the queue, used as a person does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QListWidgetItem,
    QStyle,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from tests.core.results.test_results_table import add_tested
from tests.gui.runs.conftest import Opener
from tests.gui.runs.made import small, trained
from tests.made_stores import add_run
from tests.sketch_runs import SMALL, made_run
from workbench.core.base.measure import Measure
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import work_off
from workbench.core.results.published import tables
from workbench.core.results.score_text import score_text
from workbench.core.runs.evaluations import list_evaluations, write_evaluation
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.core.searching.search import Search
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look.toast import Toast
from workbench.gui.published.published_panel import PublishedPanel
from workbench.gui.queue import queue_worker
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.queue.sweep_dialog import SweepDialog
from workbench.gui.runs.compare_panel import ComparePanel
from workbench.gui.runs.evaluate_dialog import EvaluateDialog
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Ending, Session


@pytest.fixture
def dialog(qtbot: QtBot, session: Session, open_panel: Opener) -> EvaluateDialog:
    folder = trained(session)
    panel = open_panel(RunsPanel)
    qtbot.waitUntil(lambda: len(panel.model.rows) == 1)
    panel.table.select([folder.path.name])
    panel.commands.evaluate.trigger()
    return panel.findChild(EvaluateDialog)


def type_into(qtbot: QtBot, dialog: EvaluateDialog, field: str, text: str) -> QLineEdit:
    line = dialog.form.rows[field].editor.control.findChild(QLineEdit)
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    return line


def test_what_cannot_be_evaluated_says_the_limit(
    qtbot: QtBot, dialog: EvaluateDialog
) -> None:
    row = dialog.form.rows["evaluation.tasks"]
    type_into(qtbot, dialog, "evaluation.tasks", "200000")
    assert row.error.text() == "Must be at most 100,000, not 200,000"
    assert not dialog.start.isEnabled()
    qtbot.mouseClick(row.arrow, Qt.MouseButton.LeftButton)
    assert not row.error.isVisible()
    assert dialog.start.isEnabled()
    type_into(qtbot, dialog, "seed", "-1")
    assert dialog.form.rows["seed"].error.text() == "Must be at least 0, not -1"
    assert not dialog.start.isEnabled()
    dialog.close()


def test_an_evaluation_runs_in_the_background_and_is_kept(
    qtbot: QtBot, session: Session, dialog: EvaluateDialog
) -> None:
    type_into(qtbot, dialog, "evaluation.tasks", "1200")
    type_into(qtbot, dialog, "evaluation.steps", "2")
    with qtbot.waitSignal(session.ended, timeout=60_000) as ended:
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    (run,) = list_runs(session.runs)
    kept = list_evaluations(run.path)[-1]
    score = score_text(kept.score, kept.ci95, Measure.LOSS)
    assert ended.args == [Ending("trained", f"evaluated: loss {score}")]
    assert (kept.tasks, kept.steps, kept.split) == (1200, 2, "test")
    assert dialog.table.item(0, 3).text() == "1,200"
    qtbot.waitUntil(dialog.start.isEnabled)
    assert "kept in the run's folder" in dialog.message.text()
    dialog.close()


def test_pictures_are_evaluated_in_several_views_and_numbers_have_none(
    qtbot: QtBot, session: Session, dialog: EvaluateDialog
) -> None:
    assert "evaluation.views" not in dialog.form.rows
    dialog.close()
    run = made_run(session.runs, **SMALL)
    pictures = EvaluateDialog(run, run.config(), session.data)
    qtbot.addWidget(pictures)
    pictures.show()
    type_into(qtbot, pictures, "evaluation.views", "99")
    row = pictures.form.rows["evaluation.views"]
    assert row.error.text() == "Must be at most 17, not 99"
    type_into(qtbot, pictures, "evaluation.views", "3")
    type_into(qtbot, pictures, "evaluation.tasks", "2")
    with qtbot.waitSignal(pictures.kept, timeout=60_000):
        qtbot.mouseClick(pictures.start, Qt.MouseButton.LeftButton)
    assert pictures.table.item(0, 5).text() == "one at a time, 3 views"
    assert [kept.views for kept in list_evaluations(run.path)] == [3]
    qtbot.waitUntil(pictures.start.isEnabled)


def test_an_evaluation_without_room_says_which_field_to_change(
    qtbot: QtBot,
    session: Session,
    dialog: EvaluateDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("workbench.core.training.evaluation.Examiner.evaluate", no_room)
    type_into(qtbot, dialog, "evaluation.queries", "8")
    with qtbot.waitSignal(session.ended, timeout=60_000) as ended:
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.start.isEnabled)
    said = dialog.message.text()
    assert ended.args == [Ending("trained", f"not evaluated: {said}", is_well=False)]
    assert said.startswith("The evaluation: out of memory on ")
    assert said.endswith(". Set Queries at test 4")
    dialog.close()


def test_an_evaluation_can_be_cancelled(
    qtbot: QtBot, session: Session, dialog: EvaluateDialog
) -> None:
    line = type_into(qtbot, dialog, "evaluation.tasks", "100000")
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert not line.isEnabled()
    qtbot.waitUntil(lambda: dialog.bar.maximum() > 0, timeout=60_000)
    assert dialog.bar.text().endswith(" of 100,000 tasks")
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.start.isEnabled, timeout=20_000)
    assert dialog.message.text() == "Cancelled: nothing was kept."
    assert line.isEnabled()
    assert line.text() == "100,000"
    (run,) = list_runs(session.runs)
    assert len(list_evaluations(run.path)) == 1
    dialog.close()


def test_what_a_failed_run_cannot_do_says_why(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folder = add_run(session.runs, small(), state="failed", message="not finite")
    qtbot.waitUntil(
        lambda: [row.state for row in panel.model.rows.values()] == ["failed"]
    )
    panel.table.select([folder.path.name])
    commands = panel.commands
    for action in (commands.evaluate, commands.export_weights):
        assert not action.isEnabled()
        assert "no checkpoint: it ended before the first" in action.toolTip()
    assert not commands.export_csv.isEnabled()
    assert commands.export_csv.toolTip() == "This run has measured nothing"
    assert commands.duplicate.isEnabled()


def test_what_was_trained_can_be_evaluated_and_exported(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folder = trained(session)
    qtbot.waitUntil(lambda: len(panel.model.rows) == 1)
    assert panel.commands.evaluate.toolTip() == "Select a run first"
    panel.table.select([folder.path.name])
    commands = panel.commands
    exports = (commands.export_csv, commands.export_weights)
    assert all(action.isEnabled() for action in (commands.evaluate, *exports))
    assert commands.evaluate.toolTip().startswith("Adapt this run's learner")


def test_a_report_is_written_where_the_person_says(
    qtbot: QtBot,
    session: Session,
    open_panel: Opener,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "all.csv"), "")
    )
    trained(session)
    panel = open_panel(RunsPanel)
    qtbot.waitUntil(lambda: len(panel.model.rows) == 1)
    panel.table.selectAll()
    with qtbot.waitSignal(session.notified, timeout=20_000):
        session.actions.trigger("runs.export_csv")
    assert (tmp_path / "all.csv").read_text().startswith("step,")


def test_checked_runs_are_compared(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    panel = open_panel(ComparePanel)
    assert "Tick two runs" in panel.hint.text()
    preset = "omniglot-maml-5way-1shot"
    rows = [
        add_tested(session.runs, preset, 0.95, name="better"),
        add_tested(session.runs, preset, 0.90, name="worse", algorithm__inner_lr=0.2),
    ]
    session.set_overlaid([RunFolder(session.runs / row.folder) for row in rows])
    qtbot.waitUntil(lambda: panel.table.rowCount() == 2)
    cells = [panel.table.item(1, column).text() for column in range(6)]
    assert cells[0] == "worse"
    assert cells[3] == "90.00 ± 0.40 %"
    assert cells[1].startswith("MAML, Omniglot 5-way 1-shot")
    assert cells[4].startswith("−5.00")
    assert cells[4].endswith("\nworse: a lower accuracy")
    assert "paired t test over 4 tasks" in cells[5]
    session.set_overlaid([])
    assert panel.hint.isVisible()


def test_a_comparison_says_which_seeds_its_figures_are_of(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    folders = [
        add_run(
            session.runs,
            small(training__seed=seed, algorithm__inner_lr=rate, evaluation__shots=5),
            name=f"rate {rate}",
            test={"loss": loss, "loss_ci95": 0.1, "accuracy": None},
        )
        for rate, seed, loss in (
            (0.1, 0, 1e12),
            (0.2, 0, 1.0),
            (0.2, 1, 3.0),
            (0.2, 1, 3.0),
            (0.2, 2, None),
        )
    ]
    panel = open_panel(ComparePanel)
    session.set_overlaid(folders)
    qtbot.waitUntil(lambda: panel.table.rowCount() == 2)
    one, several = (
        [panel.table.item(row, column).text() for column in range(6)] for row in (0, 1)
    )
    assert one[1].endswith("tested 5-shot, 10 steps")
    assert one[3] == "1.00e+12 ± 0.1000"
    assert several[2:5] == [
        "0, 1, 2; 1 of 3 diverged, 1 repeat left out",
        "2.0000 ± 12.7062",
        "–",
    ]
    assert several[5].startswith("not compared: 1 of 3 tests of rate 0.2 diverged")


def test_what_another_process_evaluates_is_compared_anew(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    preset = "omniglot-maml-5way-1shot"
    rows = [
        add_tested(session.runs, preset, 0.95),
        add_tested(session.runs, preset, 0.90, algorithm__inner_lr=0.2),
    ]
    folders = [RunFolder(session.runs / row.folder) for row in rows]
    runs_panel = open_panel(RunsPanel)
    panel = open_panel(ComparePanel)
    session.set_overlaid(folders)
    qtbot.waitUntil(lambda: len(runs_panel.model.rows) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: panel.table.rowCount() == 2)
    (kept,) = list_evaluations(folders[1].path)
    better = replace(kept.final, accuracy=0.91)
    other = kept.model_copy(update={"id": "other", "by_step": (better,)})
    write_evaluation(folders[1].path, other)
    folders[1].update(test="other")
    qtbot.waitUntil(
        lambda: panel.table.item(1, 3).text().startswith("91.00"), timeout=20_000
    )


def test_a_run_of_another_process_is_in_the_published_table_by_itself(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    runs_panel, panel = open_panel(RunsPanel), open_panel(PublishedPanel)
    qtbot.waitUntil(lambda: len(panel.grid.tables) == len(tables()), timeout=20_000)
    qtbot.waitUntil(lambda: "Press Start" in runs_panel.hint.text(), timeout=20_000)
    add_tested(session.runs, "omniglot-maml-5way-1shot", 0.981, name="mine", step=500)
    qtbot.waitUntil(
        lambda: panel.grid.tables[0].item(0, 0).text().endswith("98.10 ± 0.40"),
        timeout=20_000,
    )


@pytest.mark.parametrize("width", [700, 800, 820, 840, 900, 995])
def test_no_line_of_a_comparison_is_cut(
    qtbot: QtBot, session: Session, open_panel: Opener, width: int
) -> None:
    preset = "omniglot-maml-5way-1shot"
    rows = [
        add_tested(session.runs, preset, 0.95),
        add_tested(session.runs, preset, 0.90, algorithm__inner_lr=0.2),
    ]
    panel = open_panel(ComparePanel)
    panel.resize(width, 600)
    session.set_overlaid([RunFolder(session.runs / row.folder) for row in rows])
    table = panel.table
    qtbot.waitUntil(lambda: table.rowCount() == 2)
    for column in range(table.columnCount()):
        index = table.model().index(1, column)
        option = QStyleOptionViewItem()
        table.itemDelegate().initStyleOption(option, index)
        option.initFrom(table)
        option.rect = table.visualRect(index)
        option.text = index.data()
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDisplay
        style, part = table.style(), QStyle.SubElement.SE_ItemViewItemText
        room = style.subElementRect(part, option, table)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1
        words = table.fontMetrics().boundingRect(
            QRect(0, 0, room.width() - 2 * margin, 1000),
            Qt.TextFlag.TextWordWrap,
            index.data(),
        )
        assert words.height() <= room.height(), index.data()


def test_what_no_figure_can_compare_is_not_told_to_be_evaluated(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    panel = open_panel(ComparePanel)
    images = add_tested(session.runs, "omniglot-maml-5way-1shot", 0.95, name="images")
    others = add_tested(session.runs, "glyphs-quick", 0.9, name="glyphs")
    folders = [RunFolder(session.runs / row.folder) for row in (images, others)]
    session.set_overlaid([*folders, trained(session)])
    qtbot.waitUntil(lambda: panel.table.rowCount() == 3)
    verdicts = [panel.table.item(row, 5).text() for row in (1, 2)]
    assert verdicts[0] == (
        "not comparable: they solve different tasks, Omniglot and Glyphs"
    )
    assert verdicts[1].startswith(
        "not comparable: one is measured by its accuracy, the other by its loss"
    )
    panel.resize(760, 600)
    table, line = panel.table, panel.table.fontMetrics().lineSpacing()
    room = table.columnWidth(5) - 2 * 8
    words = table.fontMetrics().boundingRect(
        0, 0, room, 1000, Qt.TextFlag.TextWordWrap, verdicts[1]
    )
    assert words.height() > line
    qtbot.waitUntil(lambda: table.rowHeight(2) >= words.height())


def test_the_published_table_shows_what_stands_behind_a_figure(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    add_tested(session.runs, "omniglot-maml-5way-1shot", 0.981, name="mine", step=500)
    panel = open_panel(PublishedPanel)
    qtbot.waitUntil(lambda: len(panel.grid.tables) == len(tables()), timeout=20_000)
    table = panel.grid.tables[0]
    assert table.item(0, 0).text() == "98.7 ± 0.4\n98.10 ± 0.40"
    assert table.item(0, 1).text().endswith("not measured")
    table.setCurrentCell(0, 0)
    text = panel.details.text()
    assert "mine: 95 % CI over 600 tasks" in text
    assert "Meta-steps: 500, not 60,000" in text
    qtbot.mouseClick(panel.show_run, Qt.MouseButton.LeftButton)
    assert session.run.info().name == "mine"


def test_a_narrow_window_does_not_cut_the_words_of_the_published_table(
    qtbot: QtBot, open_panel: Opener
) -> None:
    panel = open_panel(PublishedPanel)
    qtbot.waitUntil(lambda: len(panel.grid.tables) == len(tables()), timeout=20_000)
    panel.resize(560, 400)
    intro, grid = panel.grid.intro, panel.grid
    qtbot.waitUntil(lambda: intro.width() == grid.width() < 400)
    assert intro.heightForWidth(intro.width()) <= intro.height()


def test_a_figure_not_measured_offers_its_preset(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    panel = open_panel(PublishedPanel)
    qtbot.waitUntil(lambda: len(panel.grid.tables) == len(tables()), timeout=20_000)
    panel.grid.tables[0].setCurrentCell(1, 2)
    assert "Nothing is measured" in panel.details.text()
    qtbot.mouseClick(panel.load, Qt.MouseButton.LeftButton)
    assert session.preset == "omniglot-fomaml-20way-1shot"


def test_a_sweep_is_planned_while_it_is_written(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    queue = RunQueue(session.runs)
    queue.pause(True)
    panel.sweep.trigger()
    dialog = panel.findChild(SweepDialog)
    dialog.seeds.setText("0-2")
    dialog.grid.setPlainText("algorithm.inner_lr=0.1,0.4")
    assert dialog.sentence.text().startswith("6 runs. ")
    dialog.grid.setPlainText("algorithm.iner_lr=0.1")
    assert "did you mean" in dialog.sentence.text()
    dialog.grid.setPlainText("")
    dialog.field.completer().activated.emit("task.shots")
    assert dialog.grid.toPlainText() == "task.shots=10,"
    assert dialog.grid.textCursor().atEnd()
    dialog.grid.setPlainText("task.shots=1,5")
    queue_before = len(queue.read().items)
    dialog.accept()
    assert len(queue.read().items) == queue_before + 6
    assert panel.list.count() == 6
    lines = [panel.list.item(row).text() for row in range(6)]
    assert len({*lines}) == 6
    assert "shots 1, seed 0" in lines[0]


def test_a_search_is_planned_while_it_is_written_and_queued_as_one(
    session: Session, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    queue = RunQueue(session.runs)
    queue.pause(True)
    panel.sweep.trigger()
    dialog = panel.findChild(SweepDialog)
    dialog.seeds.setText("0-1")
    dialog.searching.setChecked(True)
    assert "Nothing is searched" in dialog.sentence.text()
    dialog.field.completer().activated.emit("algorithm.inner_lr")
    assert dialog.grid.toPlainText() == "algorithm.inner_lr=0.001..0.1:log"
    dialog.searching.trials.setValue(12)
    dialog.searching.prune.setCurrentIndex(1)
    assert dialog.sentence.text().startswith("12 trials of 2 runs each")
    dialog.grid.setPlainText("algorithm.inner_lr=1..0.1")
    assert "write the lower number first" in dialog.sentence.text()
    dialog.searching.setChecked(False)
    dialog.grid.setPlainText("algorithm.inner_lr=0.01..0.02")
    assert dialog.searching.isChecked()
    dialog.accept()
    (item,) = queue.read().items
    assert item.search == Search(
        space=("algorithm.inner_lr=0.01..0.02",),
        trials=12,
        prune="median",
        seeds=(0, 1),
    )
    assert item.title == f"{item.name}, 0 of 12 trials begun"
    assert panel.list.count() == 1


def test_a_damaged_queue_is_told_once_and_shows_what_could_be_read(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    queue = RunQueue(session.runs)
    queue.add([(name, session.config) for name in ("one", "two")])
    queue.file.write_bytes(queue.file.read_bytes()[:-3])
    told: list[str] = []
    session.notified.connect(lambda notice: told.append(notice.text))
    panel = open_panel(QueuePanel)
    qtbot.waitUntil(lambda: panel.list.count() == 2)
    panel.list.setCurrentRow(1)
    panel.remove.trigger()
    qtbot.waitUntil(lambda: panel.list.count() == 1)
    damaged = [text for text in told if "was damaged: 2 items could be read" in text]
    assert len(damaged) == 2  # as it is found, and where it is kept
    assert "queue.damaged-1.json" in damaged[1]


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_a_part_of_a_field_s_name_and_enter_add_it_to_the_sweep(
    qtbot: QtBot, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    panel.sweep.trigger()
    dialog = panel.findChild(SweepDialog)
    dialog.field.setFocus()
    qtbot.keyClicks(dialog.field, "Inner_l")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.grid.toPlainText() == "algorithm.inner_lr=0.01,"
    assert dialog.field.text() == ""
    for text in ("no such field", ""):
        dialog.field.clear()
        qtbot.keyClicks(dialog.field, text)
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.grid.toPlainText() == "algorithm.inner_lr=0.01,"
    dialog.reject()


def test_the_queue_is_reordered_and_shortened(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    queue = RunQueue(session.runs)
    queue.pause(True)
    queue.add([(name, small()) for name in ("a", "b", "c")])
    panel = open_panel(QueuePanel)
    panel.list.setCurrentRow(2)
    panel.up.trigger()
    panel.up.trigger()
    assert [item.name for item in queue.read().items] == ["c", "a", "b"]
    panel.remove.trigger()
    assert [item.name for item in queue.read().items] == ["a", "b"]
    queue.add([("from another process", small())])
    qtbot.waitUntil(lambda: panel.list.count() == 3)


def test_what_a_process_left_behind_is_not_called_running(
    session: Session, open_panel: Opener
) -> None:
    queue = RunQueue(session.runs)
    queue.pause(True)
    queue.add([("begun", small()), ("next", small())])
    state = json.loads(queue.file.read_text(encoding="utf-8"))
    state["items"][0]["state"] = "running"
    queue.file.write_text(json.dumps(state), encoding="utf-8")
    panel = open_panel(QueuePanel)
    lines = [panel.list.item(row).text() for row in range(2)]
    assert lines == [
        "begun, seed 0   begun, goes on where it stopped",
        "next, seed 0   waiting",
    ]


def test_what_waits_in_the_queue_is_told_of_when_the_window_opens(
    session: Session, open_window: Callable[[], MainWindow]
) -> None:
    RunQueue(session.runs).add([("one", small())])
    toast = open_window().findChild(Toast)
    assert toast.isVisible()
    assert toast.accessibleName() == "1 run waits in the queue"


def test_what_another_process_trains_is_told_and_can_be_paused(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    queue = RunQueue(session.runs)
    queue.add([("begun", small()), ("next", small(training__seed=1))])
    panel = open_panel(QueuePanel)
    progress = work_off(RunQueue(session.runs), session.data)
    next(progress)
    qtbot.waitUntil(
        lambda: panel.sentence.full_text == "another process trains, 1 to go"
    )
    assert panel.list.item(0).text() == "begun, seed 0   running"
    assert not panel.start.isEnabled()
    assert "Another process trains it" in panel.stop.toolTip()
    panel.pause.trigger()
    assert queue.read().paused
    progress.close()
    qtbot.waitUntil(lambda: panel.sentence.full_text == "2 to train, paused")
    assert panel.list.item(0).text().endswith("begun, goes on where it stopped")


def test_the_queue_is_trained_by_a_process_of_its_own(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    panel = open_panel(QueuePanel)
    panel.add.trigger()
    assert panel.busy_with()
    qtbot.waitUntil(lambda: not panel.busy_with(), timeout=120_000)
    (run,) = list_runs(session.runs)
    assert run.info().state == "completed"
    assert RunQueue(session.runs).read().waiting == ()
    (line,) = lines(panel)
    assert line.text().startswith("MAML, sinusoid, ")
    assert line.text().endswith(", seed 0   done")


def test_what_is_added_while_the_process_ends_is_trained_all_the_same(
    qtbot: QtBot,
    session: Session,
    open_panel: Opener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = open_panel(QueuePanel)
    with monkeypatch.context() as patched:
        # One that looks at the queue no more, and ends when it is let go.
        patched.setattr(queue_worker, "_CODE", "import sys; sys.stdin.read()")
        with qtbot.waitSignal(panel._worker.started, timeout=30_000):
            panel._worker.start()
    panel.add.trigger()
    assert len(RunQueue(session.runs).read().waiting) == 1
    with qtbot.waitSignal(panel._worker.ended, timeout=30_000):
        panel._worker._process.closeWriteChannel()
    qtbot.waitUntil(lambda: not panel.busy_with(), timeout=120_000)
    assert [run.info().state for run in list_runs(session.runs)] == ["completed"]


def lines(panel: QueuePanel) -> list[QListWidgetItem]:
    return [panel.list.item(row) for row in range(panel.list.count())]


def test_what_is_done_stays_until_it_is_cleared(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    queue = RunQueue(session.runs)
    queue.add([("one", small())])
    list(work_off(queue, session.data))
    queue.pause(True)
    queue.add([("two", small())])
    panel = open_panel(QueuePanel)
    one, _ = lines(panel)
    assert one.text() == "one, seed 0   done"
    panel.list.itemActivated.emit(one)
    assert session.run is not None
    assert session.run.info().name == "one"
    shutil.rmtree(session.run.path)
    with qtbot.waitSignal(session.notified) as notified:
        panel.list.itemActivated.emit(one)
    assert notified.args[0].text.endswith("is no longer among the runs")
    panel.clear.trigger()
    assert [item.text() for item in lines(panel)] == ["two, seed 0   waiting"]
    assert not panel.clear.isEnabled()


def test_what_is_next_is_in_view_and_otherwise_nothing_moves(
    session: Session, open_panel: Opener
) -> None:
    queue = RunQueue(session.runs)
    queue.pause(True)
    queue.add([(f"run {number}", small()) for number in range(60)])
    state = json.loads(queue.file.read_text(encoding="utf-8"))
    for item in state["items"][:40]:
        item["state"] = "done"
    queue.file.write_text(json.dumps(state), encoding="utf-8")
    panel = open_panel(QueuePanel)
    view, bar = panel.list.viewport().rect(), panel.list.verticalScrollBar()
    assert view.contains(panel.list.visualItemRect(panel.list.item(40)))
    bar.setValue(0)
    panel.list.setCurrentRow(59)
    bar.setValue(0)
    panel.up.trigger()
    assert bar.value() == 0
    panel.list.item(40).setSelected(True)
    panel.list.setCurrentRow(40)
    panel.remove.trigger()
    assert view.contains(panel.list.visualItemRect(panel.list.item(40)))


@pytest.mark.parametrize("press", ["pause", "stop"])
def test_a_pause_right_after_the_start_holds(
    qtbot: QtBot, session: Session, open_panel: Opener, press: str
) -> None:
    RunQueue(session.runs).add([("one", small(training__iterations=100_000))])
    panel = open_panel(QueuePanel)
    panel.start.trigger()
    pressed = getattr(panel, press)
    assert pressed.isEnabled()
    with qtbot.waitSignal(panel._worker.ended, timeout=30_000) as ended:
        pressed.trigger()
    assert ended.args == [""]
    assert RunQueue(session.runs).read().paused
    assert list_runs(session.runs) == []
    assert panel.sentence.full_text == "1 to train, paused"
    assert panel.start.isEnabled()
