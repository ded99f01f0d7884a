"""The sketch studio, used as a person uses it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QThread, QUrl
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QAbstractSlider,
    QApplication,
    QMainWindow,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.sketch_hands import (
    draw_with_finger,
    draw_with_mouse,
    draw_with_pen,
    on_pad,
    replay,
)
from tests.sketch_runs import made_run, train_here
from workbench.core.drawing.strokes import read_strokes
from workbench.core.sketch.session import (
    EMPTY,
    MOST_SHOTS,
    MOST_WAYS,
    Answer,
    Guess,
    Sketch,
    load,
    save,
)
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import preferences, theme
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.run_picker import bundled_model
from workbench.gui.shell.session import Session
from workbench.gui.sketch import sources
from workbench.gui.sketch.answering import SketchAnswers
from workbench.gui.sketch.cards import Cards
from workbench.gui.sketch.pad import offers_picture
from workbench.gui.sketch.sketch_panel import SketchPanel
from workbench.tasks.sketch_examples import ExampleSource, GlyphExamples

LINE = [(20.0, 20.0), (50.0, 40.0), (80.0, 80.0)]
OTHER = [(20.0, 80.0), (50.0, 60.0), (80.0, 20.0)]
_SECONDS = 60_000


def names(panel: SketchPanel) -> list[str]:
    return [card.name.text() for card in panel.cards.cards]


def test_it_starts_with_a_filled_example_that_is_answered(panel: SketchPanel) -> None:
    assert names(panel) == ["A", "B", "C", "D", "E"]
    assert not panel.desk.query.drawing.is_empty
    (column,) = panel.view.columns()
    assert sum(column.probabilities.values()) == pytest.approx(1, abs=1e-3)
    winner = max(column.probabilities, key=column.probabilities.__getitem__)
    marked = [c.name.text() for c in panel.cards.cards if c.pad.mark is not None]
    assert marked == [winner]


@pytest.mark.parametrize("hand", ["mouse", "pen", "finger"])
def test_lifting_the_pen_gets_an_answer(
    qtbot: QtBot, panel: SketchPanel, hand: str
) -> None:
    panel.desk.clear()
    qtbot.waitUntil(
        lambda: panel.view.bars.hint.startswith("Now draw"), timeout=_SECONDS
    )

    def is_final(answers: SketchAnswers) -> bool:
        return not answers.live and not answers.question.sketch.query.is_empty

    with qtbot.waitSignal(
        panel.answering.answered, check_params_cb=is_final, timeout=_SECONDS
    ):
        if hand == "mouse":
            draw_with_mouse(qtbot, panel.desk.query, LINE)
        elif hand == "pen":
            draw_with_pen(panel.desk.query, [(x, y, 0.7) for x, y in LINE])
        else:
            draw_with_finger(panel.desk.query, LINE)
    assert panel.view.winner() is not None
    assert panel.view.bars.hint == ""
    assert panel.view.timing.text().startswith("Answered")


def test_a_guess_is_shown_while_the_pen_is_still_down(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    panel.desk.clear()
    qtbot.waitUntil(
        lambda: panel.view.bars.hint.startswith("Now draw"), timeout=_SECONDS
    )
    points = [on_pad(panel.desk.query, place).toPoint() for place in LINE]
    with qtbot.waitSignal(
        panel.answering.answered,
        check_params_cb=lambda answers: answers.live,
        timeout=_SECONDS,
    ):
        qtbot.mousePress(panel.desk.query, Qt.MouseButton.LeftButton, pos=points[0])
        qtbot.mouseMove(panel.desk.query, points[1])
    assert panel.desk.query.is_drawing
    assert panel.view.winner() is not None
    assert not panel.view.scoreboard.right_button.isEnabled()
    qtbot.mouseRelease(panel.desk.query, Qt.MouseButton.LeftButton, pos=points[2])


def test_the_newest_question_wins(qtbot: QtBot, panel: SketchPanel) -> None:
    heard: list[SketchAnswers] = []
    panel.answering.answered.connect(heard.append)
    for _ in range(12):
        draw_with_mouse(qtbot, panel.desk.query, LINE)
    newest = panel.document.sketch
    qtbot.waitUntil(
        lambda: bool(heard) and heard[-1].question.sketch == newest, timeout=_SECONDS
    )
    assert len(heard) < 12
    assert not panel.answering.is_busy


def test_ctrl_z_and_ctrl_y_go_through_all_cards(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    quiet.show()
    start = quiet.document.sketch
    states = [start]
    for draw in (
        lambda: draw_with_mouse(qtbot, quiet.cards.cards[0].pad, LINE),
        lambda: draw_with_pen(quiet.cards.cards[3].pad, [(9, 9, 0.1), (90, 90, 1.0)]),
        lambda: draw_with_finger(quiet.desk.query, OTHER),
        quiet.cards.add_class,
        quiet.desk.clear,
        quiet.start_blank,
    ):
        draw()
        assert quiet.document.sketch != states[-1]
        states.append(quiet.document.sketch)
    quiet.desk.query.setFocus()
    for state in reversed(states[:-1]):
        qtbot.keyClick(
            QApplication.focusWidget(),
            Qt.Key.Key_Z,
            Qt.KeyboardModifier.ControlModifier,
        )
        assert quiet.document.sketch == state
    assert quiet.desk.query.drawing == start.query
    for state in states[1:]:
        qtbot.keyClick(
            QApplication.focusWidget(),
            Qt.Key.Key_Y,
            Qt.KeyboardModifier.ControlModifier,
        )
        assert quiet.document.sketch == state


def test_ctrl_z_in_the_studio_is_not_the_windows(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    others: list[bool] = []
    undo = QAction("Undo", window)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undo.triggered.connect(others.append)
    window.addAction(undo)
    window.setCentralWidget(quiet)
    window.show()
    qtbot.waitExposed(window)
    before = quiet.document.sketch
    draw_with_mouse(qtbot, quiet.desk.query, LINE)
    qtbot.keyClick(quiet.desk.query, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert quiet.document.sketch == before
    assert not others
    window.takeCentralWidget()


def test_classes_are_added_renamed_moved_and_removed(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    quiet.show()
    qtbot.mouseClick(quiet.cards.add_button, Qt.MouseButton.LeftButton)
    assert names(quiet) == ["A", "B", "C", "D", "E", "F"]
    field = quiet.cards.cards[0].name
    field.selectAll()
    qtbot.keyClicks(field, "alpha")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    quiet.cards.cards[0].move_requested.emit(1)
    quiet.cards.cards[5].remove_requested.emit()
    assert names(quiet) == ["B", "alpha", "C", "D", "E"]
    assert quiet.document.sketch.classes[1].name == "alpha"


def test_a_long_name_shows_its_beginning(qtbot: QtBot, quiet: SketchPanel) -> None:
    quiet.show()
    field = quiet.cards.cards[0].name
    field.selectAll()
    qtbot.keyClicks(field, "a name that is far too long for a narrow card")
    assert field.cursorPosition() > 0
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert names(quiet)[0].startswith("a name")
    assert field.cursorPosition() == 0


def test_a_name_that_is_taken_is_refused(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    quiet.show()
    field = quiet.cards.cards[0].name
    field.selectAll()
    with qtbot.waitSignal(session.notified) as notice:
        qtbot.keyClicks(field, "B")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "named B already" in (notice.args or [None])[0].text  # type: ignore[union-attr]
    assert names(quiet)[0] == "A"


def test_there_are_two_to_twenty_classes_of_one_to_five_drawings(
    quiet: SketchPanel,
) -> None:
    for _ in range(30):
        quiet.cards.add_class()
        quiet.cards.cards[0].add_shot()
    assert len(quiet.cards.cards) == MOST_WAYS
    assert len(quiet.document.sketch.classes[0].drawings) == MOST_SHOTS
    for _ in range(30):
        quiet.cards.cards[0].remove_requested.emit()
    assert len(quiet.cards.cards) == 2


def test_twenty_classes_with_five_drawings_each_are_answered(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    for _ in range(15):
        panel.cards.add_class()
    for card in panel.cards.cards:
        for _ in range(4):
            card.add_shot()
    with qtbot.waitSignal(
        panel.answering.answered,
        check_params_cb=lambda answers: len(answers.question.names) == 20,
        timeout=_SECONDS,
    ):
        panel.new_task("glyphs")
    assert len(panel.view.columns()[0].probabilities) == 20
    assert panel.view.bars.minimumSizeHint().height() >= 20 * 16


def test_many_classes_scroll_and_the_window_stays_as_it_is(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    few = panel.minimumSizeHint().height()
    for _ in range(15):
        panel.cards.add_class()
    with qtbot.waitSignal(
        panel.answering.answered,
        check_params_cb=lambda answers: len(answers.question.names) == 20,
        timeout=_SECONDS,
    ):
        panel.new_task("glyphs")
    bars = panel.view.bars
    area = panel.view.findChild(QScrollArea, "bars.area")
    qtbot.waitUntil(lambda: bars.height() >= 20 * 16)
    assert panel.minimumSizeHint().height() <= few
    assert panel.height() == 640
    assert bars.height() > area.viewport().height()
    bars.setFocus()
    for _ in range(20):
        qtbot.keyClick(bars, Qt.Key.Key_Down)
    assert area.verticalScrollBar().value() == area.verticalScrollBar().maximum()


def test_a_class_that_was_added_is_in_view(qtbot: QtBot, quiet: SketchPanel) -> None:
    quiet.show()
    cards = quiet.cards
    for count in range(6, 15):
        qtbot.mouseClick(cards.add_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: is_in_view(cards.add_button, cards.viewport()))
        assert len(cards.cards) == count
        assert is_in_view(cards.cards[-1], cards.viewport())


def test_with_twelve_cards_in_the_window_the_plus_stays_in_view(
    qtbot: QtBot, open_window: Callable[[], MainWindow]
) -> None:
    window = open_window()
    window.resize(1366, 768)
    panel = window.findChild(SketchPanel)
    window.show_panel("Sketch")
    qtbot.waitExposed(window)
    cards = panel.cards
    while len(cards.cards) < 12:
        qtbot.mouseClick(cards.add_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: shows_the_end(cards))
    bar = cards.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    window.resize(1300, 768)
    QApplication.processEvents()
    assert bar.value() == 0


def shows_the_end(cards: Cards) -> bool:
    """Whether the last card and, beside it, the button are laid out and in view."""
    card, button = cards.cards[-1], cards.add_button
    return (
        cards.cards[-2].geometry().right() < card.x()
        and card.geometry().right() < button.x()
        and is_in_view(card, cards.viewport())
        and is_in_view(button, cards.viewport())
    )


def is_in_view(widget: QWidget, area: QWidget) -> bool:
    place = QRect(widget.mapTo(area, QPoint(0, 0)), widget.size())
    return area.rect().contains(place.adjusted(0, 0, 0, 1 - place.height()))


def test_the_button_that_fills_with_examples_keeps_its_short_name(
    quiet: SketchPanel,
) -> None:
    button = quiet.findChild(QToolButton, "sketch.task.button")
    assert button.text() == "Fill with examples"
    theme.choose(theme.Theme.DARK)
    assert button.text() == "Fill with examples"


def test_a_card_is_filled_with_an_example_by_the_keyboard(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    quiet.show()
    quiet.cards.show_sources((("glyphs", "Glyphs"),))
    card = quiet.cards.cards[1]
    before = card.shown
    card.menu.aboutToShow.emit()
    fill = next(a for a in card.menu.actions() if "example of Glyphs" in a.text())
    fill.trigger()
    assert quiet.document.sketch.classes[1] != before
    assert quiet.document.sketch.classes[1].drawn


def test_omniglot_is_unpacked_off_the_windows_thread(
    qtbot: QtBot, quiet: SketchPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def find(_data: Path, _cancel: object) -> list[ExampleSource]:
        threads.append(QThread.currentThread())
        return [GlyphExamples("late", "Found later"), GlyphExamples()]

    monkeypatch.setattr(sources, "example_sources", find)
    with qtbot.waitSignal(quiet.sources.changed, timeout=_SECONDS):
        quiet.show()
        assert [source.key for source in quiet.sources.found] == ["glyphs"]
        quiet.new_task()
    assert threads
    assert quiet.thread() not in threads
    card = quiet.cards.cards[0]
    card.menu.aboutToShow.emit()
    assert any("Found later" in action.text() for action in card.menu.actions())


def test_as_many_steps_are_made_as_where_the_first_run_is_evaluated(
    qtbot: QtBot, quiet: SketchPanel, session: Session
) -> None:
    few = made_run(session.runs, name="few", evaluation__steps=3)
    many = made_run(session.runs, name="many", evaluation__steps=12)
    quiet.view.picker.choose([few.path])
    with qtbot.waitSignal(quiet.answering.answered, timeout=_SECONDS):
        quiet.show()
    assert quiet.view.stepper.slider.maximum() == 3
    quiet.view.picker.choose([many.path, few.path])
    assert quiet.view.steps.value() == 12
    quiet.view.steps.setValue(7)
    quiet.view.picker.choose([many.path])
    assert quiet.view.steps.value() == 7


def a_picture() -> QImage:
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for place in range(40, 160):
        for width in range(12):
            image.setPixelColor(place, 90 + width, QColor("black"))
    return image


def test_a_picture_is_pasted_on_the_paper_in_use(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    quiet.show()
    QGuiApplication.clipboard().setImage(a_picture())
    pad = quiet.cards.cards[2].pad
    pad.setFocus()
    qtbot.keyClick(pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert quiet.document.sketch.classes[2].drawings[0].pixels is not None
    quiet.desk.query.setFocus()
    qtbot.keyClick(quiet.desk.query, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert quiet.document.sketch.query.pixels is not None


def dropped(pad: QWidget, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    about = (
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(20, 20), *about)
    QApplication.sendEvent(pad, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(pad, QDropEvent(QPointF(20, 20), *about))


def test_a_picture_is_dropped_on_a_card(quiet: SketchPanel, tmp_path: Path) -> None:
    a_picture().save(str(tmp_path / "line.png"))
    dropped(quiet.cards.cards[0].pad, tmp_path / "line.png")
    assert quiet.document.sketch.classes[0].drawings[0].pixels is not None


@pytest.mark.parametrize(
    ("kind", "message"), [("text", "no picture"), ("blank", "blank"), ("huge", "huge")]
)
def test_an_odd_file_is_refused_with_a_message(
    qtbot: QtBot,
    quiet: SketchPanel,
    session: Session,
    tmp_path: Path,
    kind: str,
    message: str,
) -> None:
    path, before = tmp_path / "odd.png", quiet.document.sketch
    if kind == "text":
        path.write_text("no picture at all")
    else:
        Image.new("1", (9000, 6000) if kind == "huge" else (50, 50), 1).save(path)
    with qtbot.waitSignal(session.failed) as failed:
        dropped(quiet.desk.query, path)
    assert message in (failed.args or [""])[0]
    assert quiet.document.sketch == before


def test_an_animated_picture_is_taken_with_a_remark(
    qtbot: QtBot, quiet: SketchPanel, session: Session, tmp_path: Path
) -> None:
    frames = [Image.new("L", (80, 80), 255) for _ in range(2)]
    ImageDraw.Draw(frames[0]).line((10, 10, 70, 70), fill=0, width=8)
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    with qtbot.waitSignal(session.notified) as notified:
        dropped(quiet.desk.query, tmp_path / "two.gif")
    assert "first frame" in (notified.args or [None])[0].text  # type: ignore[union-attr]


def test_the_slider_and_play_go_through_the_inner_steps(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    stepper, shown = panel.view.stepper, []
    assert stepper.step == 5
    stepper.slider.setValue(0)
    first = panel.view.columns()[0].probabilities
    assert max(first.values()) == pytest.approx(0.2, abs=1e-3)
    assert all(card.pad.mark is None for card in panel.cards.cards)
    stepper.slider.setValue(5)
    stepper.step_changed.connect(shown.append)
    assert stepper.play_button.text() == "Play"
    qtbot.mouseClick(stepper.play_button, Qt.MouseButton.LeftButton)
    assert stepper.play_button.text() == "Pause"
    qtbot.waitUntil(lambda: shown[-1:] == [5], timeout=_SECONDS)
    assert shown == [0, 1, 2, 3, 4, 5]
    assert not stepper.play_button.isChecked()
    assert stepper.play_button.text() == "Play"
    assert panel.view.columns()[0].probabilities != first


def test_the_curve_is_of_this_episode(panel: SketchPanel) -> None:
    (curve,) = panel.view.curve.curves
    assert len(curve.support_loss) == len(curve.confidence) == 6
    assert curve.support_loss[-1] < curve.support_loss[0]


def test_up_to_four_runs_answer_side_by_side(
    qtbot: QtBot, panel: SketchPanel, session: Session
) -> None:
    kinds = ("anil", "maml", "reptile", "imaml")
    runs = [made_run(session.runs, name=k, algorithm__kind=k).path for k in kinds]
    with qtbot.waitSignal(panel.answering.answered, timeout=_SECONDS):
        panel.view.picker.choose(runs)
    assert [bool(c.probabilities) for c in panel.view.columns()] == [True] * 4
    assert len(panel.view.curve.curves) == 4
    assert not panel.view.picker.add_button.isVisible()


def test_what_the_network_sees_is_as_large_as_the_first_run_takes_it(
    qtbot: QtBot, panel: SketchPanel, session: Session
) -> None:
    seen = panel.desk.seen
    assert "28 x 28" in seen.toolTip()
    before = seen.grab().toImage()
    larger = made_run(session.runs, task__side=40)
    panel.view.picker.choose([larger.path])
    qtbot.waitUntil(lambda: "40 x 40" in seen.toolTip(), timeout=_SECONDS)
    assert "40 x 40" in panel.cards.cards[0].seen.toolTip()
    assert seen.grab().toImage() != before
    panel.cards.add_class()
    assert "40 x 40" in panel.cards.cards[-1].seen.toolTip()


def test_four_runs_of_one_name_can_be_told_apart(
    quiet: SketchPanel, session: Session
) -> None:
    name = "glyphs-anil-5-way-1-shot"
    runs = [made_run(session.runs, name=name) for _ in range(4)]
    quiet.show()
    quiet.view.picker.choose([run.path for run in runs])
    QApplication.processEvents()
    ends = [run.info().id[-6:] for run in runs]
    assert len(set(ends)) == 4
    for row, end in enumerate(ends):
        button = quiet.findChild(QToolButton, f"run_picker.run_{row + 1}")
        assert button.text().endswith(end)
        assert button.text() != f"{name} {end}"
        assert button.sizeHint().width() <= button.width()
        assert f"{name} {end}" in button.toolTip()


def test_a_run_that_completed_is_no_longer_called_training(
    quiet: SketchPanel, session: Session
) -> None:
    run = made_run(session.runs)
    train_here(run)
    session.set_run_state("running")
    quiet.view.picker.choose([run.path])
    button = quiet.findChild(QToolButton, "run_picker.run_1")
    assert "(training)" in button.toolTip()
    run.update(state="completed")
    session.set_run_state("")
    assert "(training)" not in button.toolTip()
    assert "(training)" not in button.text()


def test_runs_that_fit_are_offered_and_others_are_not(
    quiet: SketchPanel, session: Session
) -> None:
    fits = made_run(session.runs)
    made_run(
        session.runs,
        task__kind="sinusoid",
        model__kind="mlp",
        model__hidden=[40, 40],
        model__head="per class",
        algorithm__kind="maml",
    )
    offered = quiet.view.picker.usable_runs()
    assert [folder for folder in offered if folder != bundled_model()] == [fits.path]


def test_judging_keeps_the_score_and_makes_room(
    qtbot: QtBot, panel: SketchPanel
) -> None:
    winner = panel.view.winner()
    assert winner is not None
    qtbot.mouseClick(panel.view.scoreboard.right_button, Qt.MouseButton.LeftButton)
    assert panel.desk.query.drawing.is_empty
    assert panel.view.scoreboard.score.text().startswith("1 of 1 right, 100 % (21 to")
    with qtbot.waitSignal(
        panel.answering.answered,
        check_params_cb=lambda a: not a.question.sketch.query.is_empty and not a.live,
        timeout=_SECONDS,
    ):
        draw_with_mouse(qtbot, panel.desk.query, LINE)
    guess = panel.view.winner()
    assert guess is not None
    wrong = next(name for name in names(panel) if name != guess[0])
    row = names(panel).index(wrong)
    height = panel.view.bars.height() / 5
    at = QPoint(10, round(min(height, 30) * (row + 0.5)))
    qtbot.mouseClick(panel.view.bars, Qt.MouseButton.LeftButton, pos=at)
    assert panel.view.scoreboard.score.text().startswith("1 of 2 right, 50 %")
    assert panel.document.sketch.answers[-1].right == wrong


def test_the_score_is_of_the_runs_that_answer(quiet: SketchPanel) -> None:
    guess = Guess(run="gone 123456", name="A", probability=0.9)
    other = guess.model_copy(update={"run": "Bundled model"})
    answer = Answer(drawing=EMPTY, right="A", guesses=(guess,))
    before = quiet.document.sketch
    score = quiet.view.scoreboard.score
    quiet.document.apply("open", before.changed(answers=(answer,)))
    assert score.text() == "Nothing judged of what answers now"
    both = answer.model_copy(update={"guesses": (guess, other)})
    quiet.document.apply("open", before.changed(answers=(answer, both)))
    assert score.text().startswith("1 of 1 right")
    assert "gone" not in score.text()


def test_five_classes_are_seen_whole_beside_the_form_on_a_narrow_screen(
    quiet: SketchPanel,
) -> None:
    quiet.resize(1280 - 374, 520)
    quiet.grab()
    assert len(quiet.cards.cards) == 5
    assert quiet.cards.horizontalScrollBar().maximum() == 0


def test_no_setting_is_cut_beside_the_form_on_a_narrow_screen(
    quiet: SketchPanel,
) -> None:
    view = quiet.view
    view.steps.setValue(view.steps.maximum())
    view.rate.setValue(view.rate.maximum())
    quiet.resize(1280 - 374, 520)
    quiet.grab()
    for combo in (view.together, view.views):
        assert combo.width() >= combo.sizeHint().width()
    for spin in (view.steps, view.rate):
        text = spin.fontMetrics().horizontalAdvance(spin.text())
        assert text < spin.lineEdit().width()
    shown = (view.steps, view.rate, view.views, view.together)
    assert all(view.rect().contains(each.geometry()) for each in shown)
    assert len({each.geometry().top() for each in shown}) == 2


def test_a_session_is_saved_and_opened_with_its_answers(
    qtbot: QtBot, panel: SketchPanel, tmp_path: Path
) -> None:
    panel.judge("A")
    before = panel.document.sketch
    panel.keeping.save_file(before, tmp_path / "mine.json")
    panel.start_blank()
    panel.keeping.open_file(tmp_path / "mine.json")
    assert panel.document.sketch == before
    assert panel.chooser.text() == "mine ▾"
    panel.sessions.switch("Sketch 1")
    assert panel.document.sketch.answers == ()


def test_a_damaged_session_is_refused_with_a_message(
    qtbot: QtBot, quiet: SketchPanel, session: Session, tmp_path: Path
) -> None:
    before = quiet.document.sketch
    save(before, tmp_path / "torn.json")
    text = (tmp_path / "torn.json").read_text()
    (tmp_path / "torn.json").write_text(text[: len(text) // 2])
    with qtbot.waitSignal(session.failed) as failed:
        quiet.keeping.open_file(tmp_path / "torn.json")
    assert failed.args == ["torn.json is damaged: it ends too soon.", ""]
    assert quiet.document.sketch == before


def test_an_alphabet_is_exported_and_listed(
    quiet: SketchPanel, session: Session
) -> None:
    quiet.keeping.export_alphabet(quiet.document.sketch, session.data, "Runes", "me")
    kept = load(session.data / "sketches" / "Runes" / "me.json")
    assert kept.classes == quiet.document.sketch.classes
    from workbench.core.pictures.datasets import data_set

    assert data_set("sketches", session.data).report(session.data).classes == 5


def test_the_episode_is_copied_as_an_image(panel: SketchPanel) -> None:
    QGuiApplication.clipboard().clear()
    panel.copy_image()
    image = QGuiApplication.clipboard().image()
    assert image.width() > 800
    dark = sum(
        image.pixelColor(x, y).lightness() < 100
        for x in range(0, image.width(), 8)
        for y in range(0, image.height(), 8)
    )
    assert dark > 40


def test_what_the_network_sees_follows_centring(quiet: SketchPanel) -> None:
    quiet.show()
    quiet.start_blank()
    draw_with_pen(quiet.desk.query, [(5, 5, 0.5), (20, 20, 0.5)])
    fitted = quiet.desk.seen.grab().toImage()
    quiet.desk.fit.click()
    assert not quiet.document.sketch.fit
    assert quiet.desk.seen.grab().toImage() != fitted


@pytest.mark.skipif(
    not (bundled_model() / "run.json").is_file(), reason="needs the bundled model"
)
def test_recorded_hands_are_recognised_by_the_bundled_model(
    qtbot: QtBot, quiet: SketchPanel
) -> None:
    folder = Path(os.environ.get("FEWSHOT_DATA", "nowhere"))
    file = folder / "strokes_background_small2.zip"
    if not file.is_file():
        pytest.skip("needs strokes_background_small2.zip in FEWSHOT_DATA")
    quiet.resize(1400, 900)
    with qtbot.waitSignal(quiet.answering.answered, timeout=_SECONDS):
        quiet.show()
    hits = [_recognised(qtbot, quiet, file, character) for character in range(1, 11)]
    assert sum(hits) >= 8


def _recognised(qtbot: QtBot, panel: SketchPanel, file: Path, character: int) -> bool:
    """Draw five Greek letters by one hand and one of them by another."""
    chosen = [character + step for step in range(5)]
    panel.start_blank()
    with zipfile.ZipFile(file) as archive:
        texts = {
            Path(name).parts[-2:]: archive.read(name).decode()
            for name in archive.namelist()
            if "/Greek/" in name and name.endswith(".txt")
        }
    hand = {
        (int(folder[-2:]), int(name[-6:-4])): text
        for (folder, name), text in texts.items()
    }
    for card, letter in zip(panel.cards.cards, chosen, strict=True):
        replay(qtbot, card.pad, read_strokes(hand[letter, 3]))
    replay(qtbot, panel.desk.query, read_strokes(hand[chosen[2], 11]))
    newest = panel.document.sketch
    qtbot.waitUntil(
        lambda: (
            panel.view.answers is not None
            and panel.view.answers.question.sketch == newest
        ),
        timeout=_SECONDS,
    )
    winner = panel.view.winner()
    return winner is not None and winner[0] == "C"


def test_importing_the_studio_does_not_import_torch() -> None:
    import subprocess
    import sys

    code = (
        "import sys, workbench.gui.sketch.sketch_panel; "
        "sys.exit('torch' in sys.modules)"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


@pytest.mark.parametrize("name", ["Runes.sketch.json", "Runes.json"])
def test_a_session_s_file_that_the_window_is_given_is_opened(
    quiet: SketchPanel, session: Session, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    drawn = Sketch.blank(3)
    save(drawn, tmp_path / name)
    with qtbot.waitSignal(session.panel_requested) as requested:
        open_path(session, tmp_path / name)
    assert requested.args == ["Sketch"]
    assert quiet.document.sketch == drawn
    assert quiet.sessions.name == "Runes"
    assert preferences.recent()[0] == tmp_path / name


def test_paper_takes_pictures_and_leaves_to_the_window_what_that_opens(
    tmp_path: Path,
) -> None:
    def offers(name: str) -> bool:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        return offers_picture(mime)

    assert offers("letter.png")
    for name in ("Runes.sketch.json", "config.toml", "."):
        assert not offers(name)
