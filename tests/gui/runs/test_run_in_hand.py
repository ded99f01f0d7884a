"""The selected run is what every view and action is about, seen in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.gui.runs.test_columns import click_header
from tests.gui.runs.test_runs_panel import (
    answer,
    click_check_box,
    shown,
    until_done,
    until_listed,
)
from tests.gui.training.test_following import WAIT_MS, wait_for
from tests.gui.training.test_run_controller import tiny
from tests.made_runs import stop_after
from tests.made_stores import add_run
from tests.sketch_runs import made_run
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Session
from workbench.gui.sketch.sketch_panel import SketchPanel
from workbench.gui.training.run_state import RunState
from workbench.gui.training.training_panel import TrainingPanel


@pytest.fixture
def training(window: MainWindow) -> Iterator[TrainingPanel]:
    found = window.panel("Training")
    assert isinstance(found, TrainingPanel)
    yield found
    found.controller.shut_down()


@pytest.fixture
def panel(window: MainWindow, training: TrainingPanel) -> RunsPanel:
    window.show_panel("Runs")
    found = window.panel("Runs")
    assert isinstance(found, RunsPanel)
    return found


def select(qtbot: QtBot, panel: RunsPanel, folder: RunFolder) -> None:
    """Click a run's line, beside its check box."""
    table, index = panel.table, panel.model.index_of(folder.path.name)
    table.scrollTo(index)
    place = table.visualRect(index).center() + QPoint(40, 0)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def take(qtbot: QtBot, panel: RunsPanel, folder: RunFolder) -> None:
    """Click a run's line, and wait until the run is in hand."""
    select(qtbot, panel, folder)
    session = panel.session
    qtbot.waitUntil(
        lambda: session.run is not None and session.run.path == folder.path,
        timeout=WAIT_MS,
    )


def test_a_stopped_run_is_selected_and_continued(
    qtbot: QtBot, panel: RunsPanel, training: TrainingPanel, session: Session
) -> None:
    stopped = RunFolder.create(session.runs, tiny(), name="the stopped one")
    stop_after(stopped, 3)
    until_listed(qtbot, panel, 1)
    go_on = session.actions["run.continue"]
    assert not go_on.isEnabled()
    assert go_on.toolTip() == "Select a run first"
    assert go_on in panel.commands.menu.actions()
    take(qtbot, panel, stopped)
    assert go_on.isEnabled()
    assert "the stopped one" in go_on.toolTip()
    assert training.status.name.full_text == "the stopped one"
    go_on.trigger()
    wait_for(qtbot, training, RunState.RUNNING)
    assert training.controller.trained.path == stopped.path


def test_what_trains_stays_visible_while_another_is_looked_at(
    qtbot: QtBot, panel: RunsPanel, training: TrainingPanel, session: Session
) -> None:
    other = add_run(session.runs, tiny(iterations=77), name="other")
    until_listed(qtbot, panel, 1)
    session.load_config(tiny(iterations=100_000))
    session.actions.trigger("run.start")
    wait_for(qtbot, training, RunState.RUNNING)
    trained = session.run
    name = trained.info().name
    until_listed(qtbot, panel, 2)
    qtbot.waitUntil(lambda: panel.table.selected_folders() == [trained.path.name])
    assert not training.elsewhere.isVisible()
    take(qtbot, panel, other)
    qtbot.waitUntil(training.elsewhere.isVisible)
    assert training.elsewhere.label.full_text == (
        f"You look at other. {name} is being trained."
    )
    assert training.status.name.full_text == name
    actions = session.actions
    assert name in actions["run.pause"].toolTip()
    assert name in actions["run.stop"].toolTip()
    assert (
        actions["run.continue"].toolTip() == f"{name} is being trained: stop it first"
    )
    panel.commands.edit([trained.path.name], "name", "renamed")
    assert training.status.name.full_text == "renamed"
    assert "renamed" in actions["run.stop"].toolTip()
    qtbot.mouseClick(training.elsewhere.back, Qt.MouseButton.LeftButton)
    assert session.run.path == trained.path
    assert panel.table.selected_folders() == [trained.path.name]
    assert not training.elsewhere.isVisible()
    actions.trigger("run.stop")
    wait_for(qtbot, training, RunState.STOPPED)


def test_a_click_on_a_check_box_leaves_the_run_in_hand(
    qtbot: QtBot, panel: RunsPanel, session: Session, runs: Path
) -> None:
    first, second = add_run(runs, name="first"), add_run(runs, name="second")
    until_listed(qtbot, panel, 2)
    take(qtbot, panel, first)
    click_check_box(qtbot, panel, second)
    assert panel.table.selected_folders() == [first.path.name]
    assert [run.path for run in session.overlaid] == [second.path]


def test_a_run_that_the_filter_hides_is_still_in_hand(
    qtbot: QtBot, panel: RunsPanel, session: Session, runs: Path
) -> None:
    hidden = add_run(runs, name="hidden")
    add_run(runs, name="seen")
    until_listed(qtbot, panel, 2)
    take(qtbot, panel, hidden)
    panel.filter.setText("seen")
    qtbot.waitUntil(lambda: panel.model.count == 1)
    assert [row.name for row in panel.table.chosen()] == ["hidden"]
    assert session.run.path == hidden.path


def test_a_run_just_started_is_seen_whatever_the_filter_is(
    qtbot: QtBot, panel: RunsPanel, training: TrainingPanel, session: Session
) -> None:
    add_run(session.runs, name="other")
    until_listed(qtbot, panel, 1)
    qtbot.keyClicks(panel.filter, "nowhere")
    qtbot.waitUntil(panel.hint.isVisible)
    session.load_config(tiny(iterations=20))
    session.actions.trigger("run.start")
    wait_for(qtbot, training, RunState.COMPLETED)
    started = session.run
    qtbot.waitUntil(lambda: shown(panel) == [started.info().name], timeout=WAIT_MS)
    assert panel.table.isVisible()
    assert panel.table.selected_folders() == [started.path.name]
    assert panel.count.text() == "0 of 2 runs, and the one trained last"
    qtbot.keyClicks(panel.filter, "s")
    qtbot.waitUntil(panel.hint.isVisible)
    assert panel.count.text() == "0 of 2 runs"
    panel.filter.clear()
    qtbot.waitUntil(lambda: panel.count.text() == "2 runs")


def test_after_the_run_shown_went_to_the_trash_the_next_is_shown(
    qtbot: QtBot, panel: RunsPanel, training: TrainingPanel, session: Session
) -> None:
    names = ["first", "second", "third"]
    folders = {name: add_run(session.runs, name=name) for name in names}
    until_listed(qtbot, panel, 3)
    click_header(qtbot, panel, "name")
    assert shown(panel) == names
    for gone, following in (("second", "third"), ("third", "first")):
        take(qtbot, panel, folders[gone])
        answer("trash_question", "Move to trash")
        panel.commands.trash.trigger()
        until_done(qtbot, panel)
        assert session.run.path == folders[following].path
        assert panel.table.selected_folders() == [folders[following].path.name]
        qtbot.waitUntil(
            lambda name=following: training.status.name.full_text == name,
            timeout=WAIT_MS,
        )
    answer("trash_question", "Move to trash")
    panel.commands.trash.trigger()
    until_done(qtbot, panel)
    assert session.run is None


def test_a_run_that_cannot_be_read_says_so_and_leaves_the_plots_empty(
    qtbot: QtBot, panel: RunsPanel, training: TrainingPanel, session: Session
) -> None:
    strange = add_run(session.runs, name="from a newer program")
    file = strange.path / "config.toml"
    file.write_text(file.read_text().replace('"maml"', '"maml-of-tomorrow"'))
    until_listed(qtbot, panel, 1)
    with qtbot.waitSignal(session.notified) as notified:
        select(qtbot, panel, strange)
    assert "cannot be shown" in notified.args[0].text
    assert training.controller.shown() == ()
    assert not session.actions["run.continue"].isEnabled()
    with qtbot.waitSignal(session.notified) as notified:
        click_check_box(qtbot, panel, strange)
    assert "cannot be shown" in notified.args[0].text
    assert training.controller.shown() == ()


def test_the_selected_run_answers_sketches_and_episodes(
    qtbot: QtBot, panel: RunsPanel, session: Session, window: MainWindow, runs: Path
) -> None:
    able, unable = made_run(runs, name="able"), add_run(runs, name="unable")
    until_listed(qtbot, panel, 2)
    sketch, data = window.panel("Sketch"), window.panel("Data")
    assert isinstance(sketch, SketchPanel)
    assert isinstance(data, DataPanel)
    session.load_config(able.config())
    take(qtbot, panel, able)
    assert sketch.view.picker.folders == [able.path]
    data.show_page("Episodes")
    learner = data.episodes.learner
    qtbot.waitUntil(
        lambda: learner.combo.currentData() == str(able.path), timeout=WAIT_MS
    )
    take(qtbot, panel, unable)
    assert sketch.view.picker.folders == [able.path]


def test_every_plot_names_its_run_and_a_name_is_nobody_elses(
    qtbot: QtBot, panel: RunsPanel, training: TrainingPanel, session: Session
) -> None:
    first, second = (new_run(session.runs, tiny(iterations=5)) for _ in range(2))
    for folder in (first, second):
        stop_after(folder, 3)
    until_listed(qtbot, panel, 2)
    name = "MAML, sinusoid"
    assert first.info().name.startswith(name)
    called = {panel.model.index(row, 0).data() for row in range(2)}
    assert called == {
        f"{folder.info().name} ({folder.path.name[-6:]})" for folder in (first, second)
    }
    take(qtbot, panel, first)
    plot = training.board.plot("meta_loss")
    task = training.board.plot("task_curve")
    for each in (plot, task):
        qtbot.waitUntil(lambda each=each: each.caption.full_text == first.info().name)
    assert plot.caption.isVisible()
    click_check_box(qtbot, panel, second)
    qtbot.waitUntil(lambda: {*plot.legend.names} == called)
    assert not plot.caption.isVisible()
    panel.commands.edit([second.path.name], "name", "mine")
    qtbot.waitUntil(
        lambda: plot.legend.names == [first.info().name, "mine"], timeout=WAIT_MS
    )
