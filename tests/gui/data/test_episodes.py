"""The episode browser shows what training would get, and how a run solves it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QLabel,
    QTabWidget,
    QTreeWidget,
)
from pytestqt.qtbot import QtBot

from tests.made_data import configuration, trained_run
from workbench.core.episodes.shown_episode import Address
from workbench.core.runs.checkpoint import load_checkpoint, save_checkpoint
from workbench.core.runs.store import RunFolder
from workbench.core.training.sampling import sample, tasks_together
from workbench.core.training.trained import Trained
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.data.use_data import use_data
from workbench.gui.episodes import episodes_view
from workbench.gui.episodes.charts import ConfusionMatrix
from workbench.gui.episodes.episode_desk import EpisodeDesk
from workbench.gui.episodes.episodes_view import EpisodesView
from workbench.gui.episodes.run_chooser import RunChooser
from workbench.gui.look import theme
from workbench.gui.look.atlas import to_array
from workbench.gui.look.colours import colours
from workbench.gui.look.elided import ElidedLabel
from workbench.tasks.glyphs import Glyphs

CPU = torch.device("cpu")
Opener = Callable[..., DataPanel]


def shows(view: EpisodesView, address: Address) -> bool:
    shown = view.card.shown
    return shown is not None and shown.address == address


def show_episodes(qtbot: QtBot, panel: DataPanel) -> EpisodesView:
    panel.show_page("Episodes")
    qtbot.waitUntil(lambda: panel.episodes.card.shown is not None, timeout=30_000)
    return panel.episodes


def expected_pictures(panel: DataPanel, address: Address) -> np.ndarray:
    config = panel.session.config
    together = tasks_together(config, address.split)
    number, index = divmod(address.number, together)
    family = config.task.open(panel.session.data, CPU)
    episodes = sample(
        config, family, address.split, number, together, seed=address.seed, device=CPU
    )
    both = torch.cat([episodes.support.x[index], episodes.query.x[index]])
    return (both * 255).round().to(torch.uint8).numpy()[:, 0]


def painted_pictures(view: EpisodesView) -> np.ndarray:
    """What is painted, read back from the pixels of the widget, ink as 255."""
    grid = view.card.grid
    image = to_array(grid.grab().toImage().scaled(grid.size()))
    side = grid.layout_shown.side
    assert side % 28 == 0
    step = side // 28
    image = image if theme.is_dark() else 255 - image
    return np.stack(
        [
            image[
                cell.y + step // 2 : cell.y + cell.side : step,
                cell.x + step // 2 : cell.x + cell.side : step,
                0,
            ]
            for cell in grid.cells()
        ]
    )


def press(qtbot: QtBot, view: EpisodesView, name: str) -> None:
    button = view.findChild(QAbstractButton, name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_is_painted_is_what_the_sampler_gives(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot, task__queries=2, training__seed=4)
    view = show_episodes(qtbot, panel)
    first = Address("train", 4, 0)
    assert shows(view, first)
    np.testing.assert_array_equal(
        painted_pictures(view), expected_pictures(panel, first)
    )
    press(qtbot, view, "data.next.button")
    then = Address("train", 4, 1)
    qtbot.waitUntil(lambda: shows(view, then))
    theme.choose(theme.Theme.DARK)
    np.testing.assert_array_equal(
        painted_pictures(view), expected_pictures(panel, then)
    )


def test_split_seed_and_number_choose_the_episode(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot, task__queries=2, evaluation__queries=2)
    view = show_episodes(qtbot, panel)
    view.bar.split.setCurrentText("test")
    view.bar.seed.setValue(9)
    view.bar.number.setValue(23)
    address = Address("test", 9, 23)
    qtbot.waitUntil(lambda: shows(view, address))
    np.testing.assert_array_equal(
        painted_pictures(view), expected_pictures(panel, address)
    )
    place = view.bar.findChild(QLabel, "episode.place").text()
    assert place == "task 4 of 20 in meta-batch 1"
    press(qtbot, view, "data.previous.button")
    qtbot.waitUntil(lambda: shows(view, Address("test", 9, 22)))


def test_editing_the_configuration_redraws_the_episode(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot)
    view = show_episodes(qtbot, panel)
    panel.session.apply_overrides({"task.ways": 7, "task.queries": 2})
    qtbot.waitUntil(lambda: view.card.shown.ways == 7)
    assert (
        view.findChild(QLabel, "episode.about")
        .text()
        .startswith("Omniglot: 7-way 1-shot, 2 queries a class")
    )
    panel.session.set_field("task.ways", 1)
    assert "not complete" in view.card.message.text()
    assert not view.findChild(QLabel, "episode.place").text()
    panel.session.undo()
    qtbot.waitUntil(lambda: view.card.shown is not None and view.card.shown.ways == 7)


def test_the_line_above_an_episode_tells_of_its_split(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(
        omniglot,
        task__queries=2,
        task__rotation="classes",
        task__distortion=0.7,
        evaluation__queries=5,
    )
    view = show_episodes(qtbot, panel)
    line = view.findChild(QLabel, "episode.about")
    assert line.text() == (
        "Omniglot: 5-way 1-shot, 2 queries a class, every turn is a class, "
        "distorted by up to 0.7, as in training"
    )
    for split, used_in in (("validation", "validation"), ("test", "the test")):
        view.bar.split.setCurrentText(split)
        assert line.text() == (
            f"Omniglot: 5-way 1-shot, 5 queries a class, not turned, as in {used_in}"
        )
        qtbot.waitUntil(lambda: shows(view, view.bar.address))
        assert view.card.shown.queries == 5
        assert {row[0].degrees for row in view.card.shown.drawings} == {0}


def test_random_shows_another_episode_of_the_same_seed(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda below: 77)
    panel = open_panel(omniglot)
    view = show_episodes(qtbot, panel)
    press(qtbot, view, "data.random.button")
    qtbot.waitUntil(lambda: shows(view, Address("train", 0, 77)))


def test_random_shows_an_episode_that_a_run_draws(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda below: below - 1)
    panel = open_panel(
        omniglot,
        training__iterations=40,
        evaluation__tasks=9,
        evaluation__validation_tasks=7,
    )
    view = show_episodes(qtbot, panel)
    for split, last in (("train", 40 * 3 - 1), ("validation", 6), ("test", 8)):
        view.bar.split.setCurrentText(split)
        press(qtbot, view, "data.random.button")
        assert view.bar.address == Address(split, view.bar.seed.value(), last)


def test_hovering_tells_class_label_drawing_and_turn(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_episodes(qtbot, open_panel(omniglot))
    shown, grid = view.card.shown, view.card.grid
    cell = grid.cells()[shown.shots * shown.ways + 4]
    found = grid.cell_at(QPointF(cell.x + 3, cell.y + 3))
    drawing = shown.drawings[0][shown.shots + 4]
    text = grid.describe(found)
    assert f"{drawing.class_name}, label 0" in text
    assert f"query picture {drawing.picture}" in text
    assert grid.cell_at(QPointF(1, 1)) is None
    if drawing.degrees:
        assert f"turned {drawing.degrees}°" in text


def test_a_pinned_episode_stays_beside_the_next_until_it_is_closed(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_episodes(qtbot, open_panel(omniglot))
    press(qtbot, view, "data.pin.button")
    press(qtbot, view, "data.next.button")
    qtbot.waitUntil(lambda: shows(view, Address("train", 0, 1)))
    pinned = view.cards[1]
    qtbot.waitUntil(lambda: pinned.shown is not None)
    assert pinned.shown.address == Address("train", 0, 0)
    press(qtbot, view, "episode.close_1")
    assert list(view.cards) == [0]


def test_clicking_a_class_in_an_episode_shows_all_its_drawings(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot)
    view = show_episodes(qtbot, panel)
    shown, grid = view.card.shown, view.card.grid
    place = QPoint(grid.layout_shown.left(2) + 5, 15)
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    classes = panel.classes
    qtbot.waitUntil(lambda: classes.page.row == shown.classes[2], timeout=30_000)
    assert panel.pages.currentWidget() is classes
    assert classes.page.isVisible()
    name = classes.page.findChild(QLabel, "class.name").text()
    assert name == shown.class_names[2]


def test_a_wait_is_said_in_the_place_of_the_episode_before(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, original = threading.Event(), Glyphs.make

    def slowly(task: Glyphs, *arguments: object) -> object:
        go_on.wait(30)
        return original(task, *arguments)

    monkeypatch.setattr(Glyphs, "make", slowly)
    panel = open_panel(omniglot)
    view = show_episodes(qtbot, panel)
    small = {"alphabets": 1, "characters": 6, "drawers": 16}
    use_data(panel.session, "Glyphs", "glyphs", small)
    message = view.card.message
    qtbot.waitUntil(message.bar.isVisible, timeout=30_000)
    assert "Alphabets are invented and drawn when they are first used" in message.text()
    assert view.card.shown is None
    go_on.set()
    qtbot.waitUntil(lambda: view.card.shown is not None, timeout=30_000)
    assert not message.isVisible()


def test_another_task_stops_the_drawing_that_takes_an_hour(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot)
    view = show_episodes(qtbot, panel)
    use_data(panel.session, "Glyphs", "glyphs", {"alphabets": 10_000})
    message = view.card.message
    qtbot.waitUntil(message.bar.isVisible, timeout=30_000)
    panel.session.undo()
    qtbot.waitUntil(lambda: view.card.shown is not None, timeout=30_000)
    assert view.card.shown.config.task.kind == "omniglot"


def test_missing_data_are_told_and_what_to_do(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    panel = open_panel(tmp_path / "nothing", "sinusoid")
    place = show_episodes(qtbot, panel).findChild(QLabel, "episode.place")
    assert place.text() == "task 1 of 3 in meta-batch 0"
    panel.session.load_config(configuration())
    message = panel.episodes.card.message
    qtbot.waitUntil(lambda: "images_background.zip" in message.text(), timeout=30_000)
    assert not place.text()
    qtbot.mouseClick(message.button, Qt.MouseButton.LeftButton)
    assert panel.pages.currentWidget() is panel.data_sets


def choose_run(qtbot: QtBot, view: EpisodesView) -> None:
    box = view.learner
    qtbot.waitUntil(lambda: len(box.runs) == 1, timeout=30_000)
    box.combo.setCurrentIndex(1)
    qtbot.waitUntil(lambda: view.card.answers is not None, timeout=30_000)


def show_answered(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, folder: Path
) -> EpisodesView:
    """Show an episode, answered by a run that was trained for it."""
    trained_run(folder / "runs", configuration(task__queries=3), "mine")
    view = show_episodes(qtbot, open_panel(omniglot, task__queries=3))
    choose_run(qtbot, view)
    return view


def test_a_run_answers_and_the_slider_shows_every_inner_step(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    config = configuration(task__queries=3)
    folder = trained_run(tmp_path / "runs", config, "mine")
    view = show_episodes(qtbot, open_panel(omniglot, task__queries=3))
    choose_run(qtbot, view)
    shown = view.card.shown
    look = Trained.load(folder).look(shown.episode, 3)
    for step in (0, 1, 3):
        view.learner.slider.setValue(step)
        right = look.query_outputs[step].argmax(-1) == shown.episode.query.y
        result = view.card.findChild(QLabel, "episode.result").text()
        assert result.startswith(f"{100 * right.float().mean():.1f} % right")
        assert view.card.grid.step == step
        counts = view.learner.confusion.counts
        assert np.trace(counts) == int(right.sum())
    x, y = view.learner.chart.query.getData()
    np.testing.assert_allclose(y, look.query_loss, rtol=1e-6)
    assert list(x) == [0, 1, 2, 3]
    cell = view.card.grid.cells()[5]
    text = view.card.grid.describe(cell)
    assert "after 3 inner steps" in text
    assert ("right" in text) == bool(right[0])


def test_right_and_wrong_differ_in_shape_and_colour(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    trained_run(tmp_path / "runs", configuration(task__queries=3), "mine")
    view = show_episodes(qtbot, open_panel(omniglot, task__queries=3))
    grid = view.card.grid
    before = to_array(grid.grab().toImage())
    choose_run(qtbot, view)
    after = to_array(grid.grab().toImage())
    right = view.card.answers.right(grid.step)
    assert right.any()
    assert not right.all()
    cells = [cell for cell in grid.cells() if cell.part == "query"]
    edges = {True: [], False: []}
    for cell in cells:
        top = after[cell.y, cell.x + 2 : cell.x + cell.side - 14]
        edges[bool(right[cell.row])].append(len(np.unique(top, axis=0)))
    assert max(edges[True]) == 1  # one solid line
    assert min(edges[False]) > 1  # dashes
    changed = (before != after).any(-1)
    assert changed.any()


@pytest.mark.parametrize("ways", [2, 5, 20])
def test_the_confusion_matrix_names_its_axes_and_its_cells(
    qtbot: QtBot, ways: int
) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(200, 200)
    counts = np.zeros((ways, ways), int)
    matrix.show_counts(counts, tuple(f"class {way}" for way in range(ways)))
    before = to_array(matrix.grab().toImage())
    for strip in (before[:14], before[:, :14]):  # the names, across and upwards
        assert len(np.unique(strip.reshape(-1, 3), axis=0)) > 1
    counts[1, 0] = 3
    matrix.show_counts(counts, tuple(f"class {way}" for way in range(ways)))
    changed = (to_array(matrix.grab().toImage()) != before).any(-1)
    down, across = np.argwhere(changed).mean(0)
    place = QPointF(float(across), float(down))
    assert matrix.describe(place) == "class 1: 3 of 3 taken for class 0"


def entries(view: EpisodesView) -> list[str]:
    combo = view.learner.combo
    return [combo.itemText(index) for index in range(combo.count())]


def test_a_run_of_other_tasks_is_not_offered_and_it_is_said_why(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    trained_run(tmp_path / "runs", configuration(task__queries=3), "mine")
    trained_run(tmp_path / "runs", configuration("sinusoid"), "another")
    panel = open_panel(omniglot, task__ways=6, task__queries=3)
    view = show_episodes(qtbot, panel)
    says = "2 runs do not fit the configuration"
    qtbot.waitUntil(lambda: entries(view)[1:] == [says], timeout=30_000)
    combo = view.learner.combo
    assert not combo.model().item(1).isEnabled()
    assert "choose another run" in combo.itemData(1, Qt.ItemDataRole.ToolTipRole)
    assert "none fits it" in view.learner.hint.text()
    panel.session.set_field("task.ways", 5)
    qtbot.waitUntil(lambda: len(view.learner.runs) == 1, timeout=30_000)
    assert entries(view)[1].startswith("mine, 2")
    assert entries(view)[2] == "1 run does not fit the configuration"


def test_a_run_chosen_stays_and_says_why_when_it_no_longer_fits(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    trained_run(tmp_path / "runs", configuration(task__queries=3), "mine")
    panel = open_panel(omniglot, task__queries=3)
    view = show_episodes(qtbot, panel)
    choose_run(qtbot, view)
    panel.session.set_field("task.ways", 6)
    hint, combo = view.learner.hint, view.learner.combo
    qtbot.waitUntil(lambda: "5 classes apart" in hint.text(), timeout=30_000)
    qtbot.waitUntil(lambda: combo.currentText().endswith("(does not fit)"))
    assert view.card.shown is not None
    assert view.card.grid.answers is None
    panel.session.set_field("task.ways", 5)
    qtbot.waitUntil(lambda: view.card.answers is not None, timeout=30_000)
    qtbot.waitUntil(lambda: not combo.currentText().endswith("(does not fit)"))


def test_of_many_runs_the_newest_are_listed_and_any_is_found_by_words(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    config = configuration(task__queries=3)
    for number in range(60):
        trained_run(tmp_path / "runs", config, f"run-{number:02d}")
    view = show_episodes(qtbot, open_panel(omniglot, task__queries=3))
    qtbot.waitUntil(lambda: len(view.learner.runs) == 60, timeout=30_000)
    assert len(entries(view)) == 52
    assert entries(view)[-1] == "Choose among all 60 runs…"
    view.learner.combo.setCurrentIndex(51)
    assert view.learner.learner is None
    dialog = view.findChild(RunChooser)
    qtbot.keyClicks(dialog.search, "RUN-07")
    assert dialog.list.model().rowCount() == 1
    qtbot.mouseClick(
        dialog.findChild(QAbstractButton, "run_chooser.accept"),
        Qt.MouseButton.LeftButton,
    )
    assert view.learner.combo.currentText().startswith("run-07, 2")
    qtbot.waitUntil(lambda: view.card.answers is not None, timeout=30_000)


def test_without_a_run_steps_cannot_be_played_and_it_is_said_why(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    trained_run(tmp_path / "runs", configuration(task__queries=3), "mine")
    view = show_episodes(qtbot, open_panel(omniglot, task__queries=3))
    box = view.learner
    for widget in (box.play, box.slider, box.steps, view.hardest.button):
        assert not widget.isEnabled()
        assert "Choose a run" in widget.toolTip()
    choose_run(qtbot, view)
    for widget in (box.play, box.slider, box.steps, view.hardest.button):
        assert widget.isEnabled()
        assert "Choose a run" not in widget.toolTip()
    box.combo.setCurrentIndex(0)
    assert not box.play.isEnabled()
    assert "Choose a run" in box.play.toolTip()


def fits(tree: QTreeWidget) -> bool:
    return tree.isVisible() and tree.header().length() <= tree.viewport().width()


def test_the_hardest_are_listed_and_one_click_shows_them(
    qtbot: QtBot,
    omniglot: Path,
    open_panel: Opener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(episodes_view, "COUNT", 30)
    view = show_answered(qtbot, omniglot, open_panel, tmp_path)
    view.hardest.button.click()
    qtbot.waitUntil(lambda: view.hardest.found is not None, timeout=60_000)
    episodes = view.hardest.found.episodes
    assert len(episodes) == 30
    item = view.hardest.episodes.topLevelItem(0)
    view.hardest.episodes.clicked.emit(view.hardest.episodes.indexFromItem(item))
    qtbot.waitUntil(lambda: shows(view, episodes[0].address))
    qtbot.waitUntil(lambda: view.card.answers is not None, timeout=30_000)
    answers = view.card.answers
    assert answers.accuracy(answers.steps) == episodes[0].accuracy
    assert view.hardest.classes.topLevelItemCount() == len(view.hardest.found.classes)
    view.learner.findChild(QTabWidget, "learner.tabs").setCurrentIndex(1)
    tabs = view.hardest.findChild(QTabWidget, "hardest.tabs")
    for index, tree in enumerate((view.hardest.episodes, view.hardest.classes)):
        tabs.setCurrentIndex(index)
        qtbot.waitUntil(partial(fits, tree))


@pytest.mark.parametrize("change", ["seed", "split", "queries", "steps"])
def test_the_list_of_the_hardest_goes_when_it_is_of_something_else(
    qtbot: QtBot,
    omniglot: Path,
    open_panel: Opener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    monkeypatch.setattr(episodes_view, "COUNT", 2)
    trained_run(tmp_path / "runs", configuration(task__queries=3), "mine")
    panel = open_panel(omniglot, task__queries=3)
    view = show_episodes(qtbot, panel)
    choose_run(qtbot, view)
    view.hardest.button.click()
    qtbot.waitUntil(lambda: view.hardest.found is not None, timeout=60_000)
    view.bar.number.setValue(7)
    assert view.hardest.found is not None
    if change == "seed":
        view.bar.seed.setValue(5)
    elif change == "split":
        view.bar.split.setCurrentText("test")
    elif change == "queries":
        panel.session.set_field("task.queries", 2)
    else:
        view.learner.steps.setValue(1)
    assert view.hardest.found is None
    assert "find the hardest again" in view.hardest.message.text()
    view.hardest.button.click()
    qtbot.waitUntil(lambda: view.hardest.found is not None, timeout=60_000)
    assert view.hardest.message.isHidden()


def test_long_names_lose_their_middle_and_are_whole_on_hover(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    name = "a run with quite a long name, and another half of it that says more"
    trained_run(tmp_path / "runs", configuration(task__queries=3), name)
    panel = open_panel(omniglot, task__queries=3)
    view = show_episodes(qtbot, panel)
    for _ in range(3):
        press(qtbot, view, "data.pin.button")
    choose_run(qtbot, view)
    combo = view.learner.combo
    assert combo.width() < combo.fontMetrics().horizontalAdvance(name)
    assert name in combo.toolTip()
    pinned = view.cards[1]
    qtbot.waitUntil(lambda: pinned.shown is not None and pinned.answers is not None)
    assert view.minimumSizeHint().width() < 640
    title = pinned.findChild(ElidedLabel, "episode.caption")
    result = pinned.findChild(ElidedLabel, "episode.result")
    assert title.full_text == "Episode 0 of train, seed 0"
    assert "right, loss" in result.full_text
    pinned.resize(120, pinned.height())
    for label in (title, result):
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    assert "meta-batch" in title.toolTip()
    mode = Qt.TextElideMode.ElideMiddle
    assert view.hardest.classes.textElideMode() == mode


def test_what_stands_above_the_queries_is_whole_wherever_it_is_narrow(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    view = show_answered(qtbot, omniglot, open_panel, tmp_path)
    grid = view.card.grid
    metrics, right = grid.fontMetrics(), int(view.card.answers.right(3).sum())
    score = f"{right} of 15 right"
    texts = (f"Query, {score} after 3 inner steps", f"Query, {score}", score, "Query")
    for text, narrower in pairwise(texts):
        room = metrics.horizontalAdvance(text)
        assert grid.query_caption(metrics, room) == text
        assert grid.query_caption(metrics, room - 1) == narrower


def test_the_name_of_an_axis_is_whole_in_the_smallest_chart(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    view = show_answered(qtbot, omniglot, open_panel, tmp_path)
    chart = view.learner.chart
    chart.resize(chart.width(), chart.minimumHeight())
    name = chart.getAxis("bottom").label
    margin = name.document().documentMargin()
    lowest = name.sceneBoundingRect().bottom() - margin
    assert lowest < chart.mapToScene(chart.viewport().rect().bottomLeft()).y()


def test_the_search_can_be_cancelled(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    view = show_answered(qtbot, omniglot, open_panel, tmp_path)
    view.hardest.button.click()
    view.hardest.button.click()
    qtbot.waitUntil(lambda: not view.hardest.is_searching, timeout=60_000)
    assert view.hardest.found is None
    assert not view.hardest.message.text()


def test_a_sinusoid_is_shown_with_its_function_and_the_model_at_each_step(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, tmp_path: Path
) -> None:
    folder = trained_run(tmp_path / "runs", configuration("sinusoid"), "mine")
    view = show_episodes(qtbot, open_panel(omniglot, "sinusoid"))
    curve, shown = view.card.curve, view.card.shown
    assert curve.isVisible()
    x, y = curve.support.getData()
    np.testing.assert_allclose(x, shown.episode.support.x[:, 0])
    np.testing.assert_allclose(y, shown.episode.support.y[:, 0])
    np.testing.assert_allclose(curve.truth.getData()[1], shown.curve.y)
    choose_run(qtbot, view)
    answers = view.card.answers
    for step in (3, 1):
        view.learner.slider.setValue(step)
        np.testing.assert_allclose(curve.model.getData()[1], answers.curves[step])
        assert len(curve.earlier) == step
        # All steps are on one scale, and the legend lies above every curve.
        low, high = curve.getViewBox().viewRange()[1]
        assert low <= answers.curves.min()
        assert high > answers.curves.max() + 0.1 * np.ptp(answers.curves)
    assert not view.learner.confusion.isVisible()
    assert Trained.load(folder).step == 7


def test_the_legend_of_a_curve_follows_the_theme(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    curve = show_episodes(qtbot, open_panel(omniglot, "sinusoid")).card.curve
    for chosen in (theme.Theme.DARK, theme.Theme.LIGHT):
        theme.choose(chosen)
        labels = [label for _, label in curve.getPlotItem().legend.items]
        assert [label.text for label in labels] == ["true function", "support", "query"]
        for label in labels:
            assert f"color:{colours().text.name()}" in label.item.toHtml()


def test_an_episode_is_copied_and_saved(
    qtbot: QtBot,
    omniglot: Path,
    open_panel: Opener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = open_panel(omniglot, task__queries=2)
    view = show_episodes(qtbot, panel)
    said: list[str] = []
    view.said.connect(lambda text, kind, _: said.append(f"{kind}: {text}"))
    press(qtbot, view, "data.copy.button")
    assert QGuiApplication.clipboard().image().width() > 200
    for ending in ("png", "npz"):
        path = tmp_path / f"episode.{ending}"
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), "")
        )
        press(qtbot, view, f"data.save_{ending}.button")
        assert path.stat().st_size > 1000
        assert said[-1] == f"good: Saved {path.name} in {tmp_path}"
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or 1
    )
    panel.session.actions.trigger("data.open_folder")
    assert opened == [str(tmp_path)]
    with np.load(tmp_path / "episode.npz") as saved:
        both = np.concatenate([saved["support_x"], saved["query_x"]])[:, 0]
        expected = expected_pictures(panel, Address())
        np.testing.assert_array_equal(np.rint(both * 255), expected)
    path = tmp_path / "no" / "such" / "episode.npz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    press(qtbot, view, "data.save_npz.button")
    assert said[-1].startswith("error: Cannot write")


def test_a_checkpoint_written_after_the_clock_was_set_back_is_the_one_that_answers(
    run: RunFolder, tmp_path: Path
) -> None:
    desk = EpisodeDesk(tmp_path / "data")
    for path in run.checkpoints.glob("*.safetensors"):
        os.utime(path, (to_come := time.time() + 3600, to_come))
    before, best = desk._load(run.path), load_checkpoint(run.checkpoint("best"))
    assert desk._load(run.path) is before
    newer = best._replace(facts={**best.facts, "step": before.step + 1})
    save_checkpoint(run.checkpoint("best"), newer)
    assert desk._load(run.path).step == before.step + 1
    desk.shut_down()
