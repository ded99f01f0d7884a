"""How sure the answers are: calibrated, none of these, and where a rate breaks down."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QTableWidget
from pytestqt.qtbot import QtBot

from tests.gui.sketch.conftest import SECONDS
from tests.gui.sketch_hands import draw_with_mouse
from tests.sketch_runs import SMALL, a_calibration, a_size, made_run, train_here
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.calibration import (
    AtRate,
    calibration_file,
    keep_calibration,
    serving_checkpoint,
)
from workbench.core.sketch.session import NONE
from workbench.gui.shell.run_picker import bundled_model
from workbench.gui.shell.session import Session
from workbench.gui.sketch import calibrator
from workbench.gui.sketch.answering import SketchAnswers
from workbench.gui.sketch.reliability_dialog import ReliabilityDialog
from workbench.gui.sketch.sketch_panel import SketchPanel

LINE = [(20.0, 20.0), (50.0, 40.0), (80.0, 80.0)]
TRIANGLES = (
    [(20.0, 85.0), (52.0, 20.0), (85.0, 85.0), (20.0, 85.0)],
    [(24.0, 80.0), (54.0, 25.0), (80.0, 82.0), (25.0, 83.0)],
)
CROSS = ([(20.0, 20.0), (85.0, 85.0)], [(85.0, 20.0), (20.0, 85.0)])
STAIRS = ([(20.0, 80.0), (20.0, 50.0), (55.0, 50.0), (55.0, 20.0), (85.0, 20.0)],)
DOT = [(52.0, 52.0), (53.0, 52.0)]


def is_final(answers: SketchAnswers) -> bool:
    return not answers.live and not answers.question.sketch.query.is_empty


def shown_with(
    qtbot: QtBot, panel: SketchPanel, run: Path, *, rate: float = 1.0
) -> None:
    panel.view.picker.choose([run])
    panel.view.rate.setValue(rate)
    with qtbot.waitSignal(panel.answering.answered, timeout=SECONDS):
        panel.show()
        qtbot.waitExposed(panel)


def with_calibration(session: Session, **changes: object) -> RunFolder:
    run = made_run(session.runs)
    keep_calibration(a_calibration(**changes), serving_checkpoint(run))
    return run


def test_the_bundled_model_is_sure_of_a_triangle_and_a_dot_is_none_of_these(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    shown_with(qtbot, quiet, bundled_model())
    quiet.start_blank()
    for pad, strokes in zip(
        (card.pad for card in quiet.cards.cards),
        (TRIANGLES[:1], CROSS, STAIRS),
        strict=False,
    ):
        for stroke in strokes:
            draw_with_mouse(qtbot, pad, stroke)
    answered = quiet.answering.answered
    with qtbot.waitSignal(answered, check_params_cb=is_final, timeout=SECONDS):
        draw_with_mouse(qtbot, quiet.desk.query, TRIANGLES[1])
    winner = quiet.view.winner()
    assert winner is not None
    assert winner[0] == "A"
    assert winner[1] > 0.9
    assert quiet.view.calibration.text() == "Calibrated"
    assert "uncalibrated" in quiet.view.calibration.toolTip()
    quiet.desk.clear()
    with qtbot.waitSignal(answered, check_params_cb=is_final, timeout=SECONDS):
        draw_with_mouse(qtbot, quiet.desk.query, DOT)
    assert quiet.view.winner() == (NONE, 0.0)
    assert quiet.view.bars.accessibleDescription() == "none of these"
    assert all(card.pad.mark is None for card in quiet.cards.cards)
    (column,) = quiet.view.columns()
    assert [column.figure(name) for name in ("A", NONE)] == ["", "likely"]
    right = quiet.view.scoreboard.right_button
    assert right.text() == "Right, it was none of these"
    qtbot.mouseClick(right, Qt.MouseButton.LeftButton)
    assert quiet.document.sketch.answers[-1].right == NONE
    assert quiet.view.scoreboard.score.text().startswith("1 of 1 right")


def test_a_drawing_is_judged_to_be_none_of_these_by_a_click(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    run = with_calibration(session, sizes=(a_size(least_likeness=-1),))
    shown_with(qtbot, quiet, run.path)
    bars, before = quiet.view.bars, quiet.document.sketch
    assert bars.names[-1] == NONE
    at = QPoint(10, round(5.5 * bars._row_height()))
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=at)
    assert quiet.document.sketch.answers[-1].right == NONE
    assert quiet.document.sketch.classes == before.classes
    assert quiet.view.scoreboard.score.text().startswith("0 of 1 right")


def test_a_click_shows_how_far_the_percentages_can_be_believed(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    shown_with(qtbot, quiet, bundled_model())
    qtbot.mouseClick(quiet.view.calibration, Qt.MouseButton.LeftButton)
    dialog = quiet.findChild(ReliabilityDialog)
    table = dialog.findChild(QTableWidget, "reliability.table")
    row = table.currentRow()
    assert [table.item(row, column).text() for column in (0, 1)] == ["5", "1"]
    before, now = (
        float(table.item(row, column).text().removesuffix(" %")) for column in (3, 4)
    )
    assert now < 2 < 20 < before
    empty = dialog.pages[0].diagram.grab().toImage()
    table.selectRow(table.rowCount() - 1)
    assert dialog.pages[0].diagram.grab().toImage() != empty
    dialog.close()


def test_the_word_on_calibration_looks_as_if_it_can_be_clicked_and_its_table_explains(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    shown_with(qtbot, quiet, bundled_model())
    word = quiet.view.calibration
    assert word.cursor().shape() is Qt.CursorShape.PointingHandCursor
    qtbot.mouseClick(word, Qt.MouseButton.LeftButton)
    dialog = quiet.findChild(ReliabilityDialog)
    page, table = dialog.pages[0], dialog.findChild(QTableWidget, "reliability.table")
    assert "'Off' is how far the percentages are" in page.sentence.text()
    header = table.horizontalHeader()
    for width in (dialog.width(), 500):
        dialog.resize(width, dialog.height())
        for column in range(header.count()):
            assert header.sectionSize(column) >= header.sectionSizeHint(column)
            assert len(table.horizontalHeaderItem(column).toolTip().split()) >= 4
    dialog.close()


def test_nothing_is_said_of_answers_that_there_are_not(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    assert quiet.view.calibration.isHidden()
    shown_with(qtbot, quiet, bundled_model())
    assert quiet.view.calibration.isVisible()
    with qtbot.waitSignal(quiet.answering.answered, timeout=SECONDS):
        quiet.start_blank()
    assert not quiet.view.calibration.isVisible()


def test_without_a_calibration_that_is_said(qtbot: QtBot, panel: SketchPanel) -> None:
    assert panel.view.calibration.text() == "Not calibrated"
    assert NONE not in panel.view.bars.names
    qtbot.mouseClick(panel.view.calibration, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(ReliabilityDialog)
    assert "is not calibrated" in dialog.pages[0].about.text()
    dialog.close()


def test_a_run_is_calibrated_while_the_pen_rests(
    qtbot: QtBot, quiet: SketchPanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.core.sketch import calibrating

    monkeypatch.setattr(calibrating, "RATES", (1.0, 2.0))
    monkeypatch.setattr(calibrating.calibrate, "__kwdefaults__", {
        "tasks": 2, "seed": 0, "cancel": None
    })  # fmt: skip
    quiet.calibrator._rest.setInterval(0)
    run = made_run(session.runs, **SMALL)
    said: list[str] = []
    quiet.calibrator.progressed.connect(lambda _folder, text: said.append(text))
    with qtbot.waitSignal(quiet.calibrator.calibrated, timeout=SECONDS):
        shown_with(qtbot, quiet, run.path)
    assert all(text.startswith("Calibrating, ") for text in said)
    qtbot.waitUntil(
        lambda: quiet.view.calibration.text() == "Calibrated", timeout=SECONDS
    )
    assert calibration_file(serving_checkpoint(run)).is_file()


def test_a_run_whose_data_are_not_at_hand_says_why_it_is_not_calibrated(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    quiet.calibrator._rest.setInterval(0)
    run = made_run(session.runs, task__kind="omniglot")
    with qtbot.waitSignal(quiet.calibrator.progressed, timeout=SECONDS):
        shown_with(qtbot, quiet, run.path)
    assert quiet.view.calibration.text() == "Not calibrated"
    said = quiet.view.calibration.toolTip()
    assert "validation tasks are not at hand: Omniglot is not here" in said
    assert "fetch it in the Data tab" in said.replace("Fetch", "fetch")


def test_a_run_is_not_calibrated_before_it_has_ended(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    run = made_run(session.runs)
    train_here(run)
    quiet.calibrator._rest.setInterval(0)
    shown_with(qtbot, quiet, run.path)
    assert quiet.view.calibration.toolTip().endswith("still being trained")


def test_calibrating_waits_while_something_is_drawn(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    assert panel.calibrator._rest.isActive()
    assert panel.calibrator._rest.interval() == calibrator._REST
    draw_with_mouse(qtbot, panel.desk.query, LINE)
    assert panel.calibrator._rest.remainingTime() > calibrator._REST / 2


def test_a_rate_that_breaks_the_answers_is_warned_of(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    rates = tuple(
        AtRate(rate=rate, accuracy=accuracy, temperature=0.2)
        for rate, accuracy in ((1.0, 0.94), (2.0, 0.78))
    )
    run = with_calibration(session, rates=rates, rates_ways=5)
    shown_with(qtbot, quiet, run.path)
    caution = quiet.view.caution
    assert caution.isHidden()
    for rate, is_warned in ((2.0, True), (1.0, False)):
        with qtbot.waitSignal(quiet.answering.answered, timeout=SECONDS):
            quiet.view.rate.setValue(rate)
        assert caution.isVisible() is is_warned
        assert ("validation tasks with 5 ways" in caution.toolTip()) is is_warned
        assert ("Wrong answers: 22 %" in caution.text()) is is_warned


def test_other_views_than_the_run_s_say_what_they_cost_and_what_is_calibrated(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    view = quiet.view
    shown_with(qtbot, quiet, with_calibration(session).path)
    assert view.calibration.text() == "Calibrated"
    assert "view" not in view.timing.text()
    for number, told in ((3, "Calibrated for 1 view"), (1, "Calibrated")):
        view.views.setCurrentIndex(view.views.findData(number))
        qtbot.waitUntil(lambda: view.calibration.text() == told, timeout=SECONDS)  # noqa: B023
        assert view.timing.text().endswith(", 3 views") is (number == 3)
    view.views.setCurrentIndex(view.views.findData(3))
    view.steps.setValue(2)
    both = "Calibrated for 5 steps, 1 view"
    qtbot.waitUntil(lambda: view.calibration.text() == both, timeout=SECONDS)


def corrected(panel: SketchPanel, name: str) -> None:
    """Say by the menu which class the drawing was of."""
    menu = panel.view.scoreboard.other_button.menu()
    menu.aboutToShow.emit()
    next(each for each in menu.actions() if each.text() == name).trigger()


def test_a_corrected_drawing_becomes_an_example_of_its_class(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    winner, query = panel.view.winner(), panel.document.sketch.query
    assert winner is not None
    wrong = next(name for name in "AB" if name != winner[0])
    row = "AB".index(wrong)
    before = panel.document.sketch.classes[row].drawings
    corrected(panel, wrong)
    assert panel.document.sketch.classes[row].drawings == (*before, query)
    assert panel.document.sketch.answers[-1].right == wrong
    assert panel.desk.query.drawing.is_empty
    panel.document.undo_stack.undo()
    assert panel.document.sketch.classes[row].drawings == before
    assert panel.document.sketch.query == query


def test_corrections_can_be_counted_without_learning_from_them(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    winner, before = panel.view.winner(), panel.document.sketch.classes
    assert winner is not None
    panel.findChild(QAction, "scoreboard.learns").trigger()
    corrected(panel, next(name for name in "AB" if name != winner[0]))
    assert panel.document.sketch.classes == before
    assert len(panel.document.sketch.answers) == 1


def test_several_examples_of_a_class_are_drawn_side_by_side(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    quiet.show()
    quiet.start_blank()
    card = quiet.cards.cards[1]
    card.menu.aboutToShow.emit()
    next(a for a in card.menu.actions() if "several" in a.text()).trigger()
    dialog = quiet.findChild(QDialog, "shots")
    for pad in (dialog.pads[0], dialog.pads[1], dialog.pads[3]):
        draw_with_mouse(qtbot, pad, LINE)
    assert len(quiet.document.sketch.classes[1].drawn) == 3
    assert not dialog.pads[3].drawing.is_empty
    qtbot.keyClick(dialog.pads[0], Qt.Key.Key_Delete)
    assert len(quiet.document.sketch.classes[1].drawn) == 2
    quiet.document.undo_stack.undo()
    assert not dialog.pads[0].drawing.is_empty
    dialog.close()
    assert len(quiet.document.sketch.classes[1].drawings) == 4
