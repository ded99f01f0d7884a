"""The Training panel in the window, used as a person does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTabBar,
)
from pytestqt.qtbot import QtBot

from tests.core.training.test_generations import damage
from tests.gui import made_up
from tests.gui.training.test_following import WAIT_MS, wait_for
from tests.gui.training.test_run_controller import foreign_run, tiny
from workbench.core.base.errors import Problem
from workbench.core.config.presets import load_config
from workbench.core.results.own_result import own_result
from workbench.core.runs.events import AlertEvent
from workbench.core.runs.store import MetricsWriter, RunFolder
from workbench.core.training.smaller import smaller_training
from workbench.gui.app.main_window import MainWindow
from workbench.gui.log.log_panel import LogPanel
from workbench.gui.look import theme
from workbench.gui.plots.adaptation import AdaptationCurves
from workbench.gui.plots.task_curve import TaskCurve
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.session import Session
from workbench.gui.training.continue_dialog import ContinueDialog
from workbench.gui.training.run_state import RunState
from workbench.gui.training.training_panel import TrainingPanel

Opener = Callable[[], MainWindow]


@pytest.fixture
def panel(open_window: Opener, session: Session) -> Iterator[TrainingPanel]:
    session.load_config(tiny())
    found = open_window().panel("Training")
    assert isinstance(found, TrainingPanel)
    yield found
    # What still trains is stopped before the window closes, which would ask.
    found.controller.shut_down()


def start(qtbot: QtBot, panel: TrainingPanel, session: Session) -> None:
    session.actions.trigger("run.start")
    wait_for(qtbot, panel, RunState.RUNNING)


def test_a_person_starts_watches_pauses_resumes_and_stops(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    actions = session.actions
    assert actions["run.start"].isEnabled()
    assert not actions["run.pause"].isEnabled()
    assert not actions["run.stop"].isEnabled()
    start(qtbot, panel, session)
    assert not actions["run.start"].isEnabled()
    assert actions["run.start"].plain_text == "Queue this"
    loss = panel.board.plot("meta_loss")
    qtbot.waitUntil(lambda: not loss.is_empty(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "running" in panel.status.text("state"), timeout=WAIT_MS)
    actions.trigger("run.pause")
    wait_for(qtbot, panel, RunState.PAUSED)
    assert actions["run.pause"].plain_text == "Resume"
    actions.trigger("run.pause")
    wait_for(qtbot, panel, RunState.RUNNING)
    assert actions["run.pause"].plain_text == "Pause"
    actions.trigger("run.stop")
    wait_for(qtbot, panel, RunState.STOPPED)
    assert actions["run.start"].isEnabled()
    assert actions["run.continue"].isEnabled()
    assert actions["run.continue"].plain_text == "Continue"
    actions.trigger("run.continue")
    wait_for(qtbot, panel, RunState.RUNNING)


def test_start_is_disabled_and_says_why_while_a_field_is_wrong(
    panel: TrainingPanel, session: Session
) -> None:
    session.set_field("training.meta_lr", -1)
    action = session.actions["run.start"]
    assert not action.isEnabled()
    assert "Meta learning rate: must be above 0, not -1" in action.toolTip()
    session.set_field("training.meta_lr", 0.01)
    assert action.isEnabled()


def test_only_plots_that_apply_have_a_place(
    panel: TrainingPanel, session: Session, qtbot: QtBot
) -> None:
    assert not panel.board.plot("accuracy").isVisible()
    assert panel.board.plot("gradient_norm").isVisible()
    assert panel.board.plot("task_curve").isVisible()
    session.set_kind("task", "glyphs")
    session.set_kind("model", "conv4")
    assert session.config is not None, session.mistakes
    qtbot.waitUntil(lambda: panel.board.plot("accuracy").isVisible())
    assert panel.board.plot("task_pictures").isVisible()
    assert not panel.board.plot("task_curve").isVisible()


def test_before_a_run_the_plot_of_adaptation_is_of_what_would_be_trained(
    panel: TrainingPanel, session: Session
) -> None:
    plot = panel.board.plot("adaptation")
    assert isinstance(plot, AdaptationCurves)

    def said() -> tuple[str, bool]:
        return plot.item.getAxis("left").labelText, plot.log_button.isVisible()

    assert said() == ("loss (MSE)", True)
    plot.log_button.setChecked(True)
    session.load_config(load_config("navigation-quick")[0])
    assert said() == ("return", False)
    assert not plot.log
    session.load_config(load_config("glyphs-quick")[0])
    assert said() == ("accuracy (%)", True)
    session.load_config(tiny())
    assert said() == ("loss (MSE)", True)
    assert plot.log


def test_the_task_of_now_is_drawn_and_another_on_request(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    plot = panel.board.plot("task_curve")
    assert isinstance(plot, TaskCurve)
    start(qtbot, panel, session)
    qtbot.waitUntil(lambda: not plot.is_empty(), timeout=WAIT_MS)
    truth = plot.truth.yData.tolist()
    plot.controls.findChild(object, "plot.task_curve.another").click()
    qtbot.waitUntil(lambda: plot.truth.yData.tolist() != truth, timeout=WAIT_MS)


def test_a_failed_run_says_why_and_the_window_lives_on(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def planted(self: object) -> None:
        raise ValueError("planted: wrong turn")

    monkeypatch.setattr("workbench.core.training.stretch.Stretch._advance", planted)
    session.failed.disconnect()
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as signal:
        session.actions.trigger("run.start")
    assert "planted: wrong turn" in signal.args[0]
    assert "Traceback" in signal.args[1]
    assert panel.banner.isVisible()
    assert "planted: wrong turn" in panel.banner.label.text()
    assert session.actions["run.start"].isEnabled()


def test_a_run_that_diverges_says_so_while_it_trains_and_what_to_change(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    session.load_config(tiny().replace({"algorithm.inner_lr": 8.0}))
    start(qtbot, panel, session)
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=WAIT_MS)
    assert panel.controller.state is RunState.RUNNING
    assert "Meta-step 50: training diverges" in panel.banner.label.text()
    known, rate, *_ = panel.banner.buttons
    assert known.text() == "Settings that work"
    assert "Inner learning rate 0.0" in known.toolTip()
    assert rate.text() == "Inner learning rate 0.02"
    with qtbot.waitSignal(session.notified) as notified:
        qtbot.mouseClick(rate, Qt.MouseButton.LeftButton)
    assert notified.args[0].action == "run.stop"
    assert session.config is not None
    assert session.config.algorithm.inner_lr == 0.02
    step = panel.controller.history.step
    qtbot.waitUntil(lambda: panel.controller.history.step > step + 50, timeout=WAIT_MS)
    assert not panel.banner.isVisible()


def test_a_damaged_checkpoint_is_told_of_when_the_run_goes_on_and_not_again(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    start(qtbot, panel, session)
    qtbot.waitUntil(lambda: panel.controller.history.step > 5, timeout=WAIT_MS)
    session.actions.trigger("run.stop")
    wait_for(qtbot, panel, RunState.STOPPED)
    damage(session.run, "latest")
    session.actions.trigger("run.continue")
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=WAIT_MS)
    said = panel.banner.label.text()
    assert said.startswith(f"{session.run.info().name}: ")
    assert "training goes on from meta-step" in said
    session.actions.trigger("run.stop")
    wait_for(qtbot, panel, RunState.STOPPED)
    session.actions.trigger("run.continue")
    wait_for(qtbot, panel, RunState.RUNNING)
    qtbot.waitUntil(lambda: panel.controller.history.step > 5, timeout=WAIT_MS)
    assert not panel.banner.isVisible()


def test_a_loss_that_is_no_number_is_told_of_in_the_banner_alone(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    changes = {"training.optimiser": "sgd", "training.meta_lr": 1e30}
    session.load_config(tiny().replace(changes))
    with qtbot.assertNotEmitted(session.failed):
        session.actions.trigger("run.start")
        wait_for(qtbot, panel, RunState.FAILED)
    assert "meta-step 2: the meta-loss" in panel.banner.label.text()
    texts = [button.text() for button in panel.banner.buttons]
    assert texts == [
        "Settings that work",
        "Meta learning rate 0.001",
        "Inner learning rate 0.0025 and 2 settings more",
        "Dismiss",
    ]


def test_out_of_memory_offers_changes_and_applies_the_chosen_one(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill_memory(monkeypatch)
    session.actions.trigger("run.start")
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=WAIT_MS)
    assert "meta-step 1: out of memory on" in panel.banner.label.text()
    texts = [button.text() for button in panel.banner.buttons]
    assert texts == [
        "Meta-batch 1",
        "First-order MAML",
        "Implicit MAML",
        "Dismiss",
    ]
    qtbot.mouseClick(panel.banner.buttons[0], Qt.MouseButton.LeftButton)
    assert session.config is not None
    assert session.config.training.meta_batch == 1
    assert not panel.banner.isVisible()


def fill_memory(monkeypatch: pytest.MonkeyPatch, what: str = "advance") -> None:
    def planted(self: object, *_: object, **__: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    loop = "workbench.core.training.outer_loop.OuterLoop"
    monkeypatch.setattr(f"{loop}.{what}", planted)


def test_an_evaluation_without_room_offers_one_that_needs_less(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill_memory(monkeypatch, "evaluate")
    session.actions.trigger("run.start")
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=WAIT_MS)
    assert "the validation at meta-step 0" in panel.banner.label.text()
    texts = [button.text() for button in panel.banner.buttons]
    assert texts == ["Queries at test 5", "Dismiss"]


def test_a_failed_run_offers_its_remedies_after_a_restart_as_well(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    config = tiny().replace({"training.meta_batch": 6, "training.seed": 7})
    failed = RunFolder.create(session.runs, config)
    remedies = smaller_training(config)
    failed.update(state="failed", message="meta-step 9: too large", remedies=remedies)
    session.set_run(failed)
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=WAIT_MS)
    assert "meta-step 9: too large" in panel.banner.label.text()
    assert panel.banner.buttons[0].text() == "Meta-batch 3"
    qtbot.mouseClick(panel.banner.buttons[0], Qt.MouseButton.LeftButton)
    assert session.config == config.replace({"training.meta_batch": 3})


def test_what_training_goes_on_in_spite_of_looks_milder_than_a_failure(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    start(qtbot, panel, session)
    lost = AlertEvent(3, "process 7 on there is lost")
    panel.controller._on_thread_events_ready([lost])
    label, colours = panel.banner.label, theme.colours()
    assert panel.banner.isVisible()
    assert label.text().endswith(": process 7 on there is lost")
    shown = label.palette().color(label.foregroundRole())
    assert shown.name() == colours.warning
    panel._show_problem(Problem("out of room"), tiny())
    shown = label.palette().color(label.foregroundRole())
    assert shown.name() == colours.error


def test_a_run_that_an_early_version_saw_fail_says_its_text(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    failed = RunFolder.create(session.runs, tiny())
    failed.update(state="failed", message="out of memory. Lower training.meta_batch")
    session.set_run(failed)
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=WAIT_MS)
    assert panel.banner.label.text() == (
        "The run failed: out of memory. Lower training.meta_batch"
    )
    assert [button.text() for button in panel.banner.buttons] == ["Dismiss"]
    session.set_run(RunFolder.create(session.runs, tiny()))
    qtbot.waitUntil(lambda: not panel.banner.isVisible(), timeout=WAIT_MS)


def test_quitting_while_training_asks_and_stops_with_a_checkpoint(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start(qtbot, panel, session)
    asked: list[str] = []
    window = panel.window()
    assert isinstance(window, MainWindow)
    answers = [False, True]

    def answer(busy: str) -> bool:
        asked.append(busy)
        return answers.pop(0)

    monkeypatch.setattr(window, "_may_quit", answer)
    session.run.update(name="renamed in another window")
    window.close()
    assert window.isVisible()
    assert panel.controller.state is RunState.RUNNING
    window.close()
    assert panel.controller.state is RunState.STOPPING
    assert window.isVisible()
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT_MS)
    assert len(asked) == 2
    assert asked[0] == "renamed in another window is being trained."
    assert session.run.checkpoint("latest").is_file()
    assert session.run.info().state == "stopped"


def test_a_completed_run_asks_how_far_to_go_on(
    qtbot: QtBot, open_window: Opener, session: Session
) -> None:
    session.load_config(tiny(iterations=10))
    panel = open_window().panel("Training")
    assert isinstance(panel, TrainingPanel)
    session.actions.trigger("run.start")
    wait_for(qtbot, panel, RunState.COMPLETED)
    name = session.run.info().name
    assert "iterations 10" in name
    said: list[str] = []

    def type_and_accept() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ContinueDialog)
        ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
        line = dialog.editor.control.findChild(QLineEdit)
        said.append(dialog.findChild(QLabel, "continue.told").text())
        for typed in ("10", "10000001", "1.5", "9,999,999", "15"):
            line.selectAll()
            qtbot.keyClicks(line, typed)
            said.append(f"{ok.isEnabled()}: {dialog.limit.text()}")
        ok.click()

    assert session.actions["run.continue"].plain_text == "Continue…"
    QTimer.singleShot(0, type_and_accept)
    session.actions.trigger("run.continue")
    limit = "False: A whole number, 11 to 10,000,000"
    assert said == [
        f"{name} made its 10 meta-steps. Train it on, to",
        *[limit] * 3,
        "True: 9,999,989 more",
        "True: 5 more",
    ]
    qtbot.waitUntil(
        lambda: (
            panel.controller.state is RunState.COMPLETED
            and panel.controller.history.step == 15
        ),  # type: ignore[union-attr]
        timeout=WAIT_MS,
    )
    longer = name.replace("iterations 10", "iterations 15")
    assert session.run.info().name == panel.status.name.full_text == longer


def test_a_run_written_elsewhere_is_opened_and_followed(
    qtbot: QtBot, panel: TrainingPanel, session: Session, tmp_path: Path
) -> None:
    folder, writer = foreign_run(tmp_path)
    writer.append(list(made_up.run_events(25, every=10)))
    open_path(session, folder.path)
    wait_for(qtbot, panel, RunState.FOLLOWING)
    qtbot.waitUntil(lambda: "25 of" in panel.status.text("steps"), timeout=WAIT_MS)
    assert not session.actions["run.continue"].isEnabled()
    writer.append(list(made_up.run_events(5, start=26)))
    writer.close()
    qtbot.waitUntil(lambda: "30 of" in panel.status.text("steps"), timeout=WAIT_MS)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_run_that_ends_is_told_of_by_its_own_name_whatever_is_shown(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: Session,
    tmp_path: Path,
    stopped: bool,
) -> None:
    other = RunFolder.create(tmp_path / "elsewhere", tiny(), name="other")
    session.load_config(tiny(iterations=100_000 if stopped else 400))
    start(qtbot, panel, session)
    trained = session.run
    assert trained is not None
    session.set_run(other)
    with qtbot.waitSignal(session.notified, timeout=WAIT_MS) as notified:
        if stopped:
            panel.commands.stop.trigger()
    info, notice = trained.info(), notified.args[0]
    assert notice.action == ""
    if stopped:
        said = f"stopped at meta-step {info.step:,}, with a checkpoint"
    else:
        said = f"400 meta-steps made, {own_result(trained.path)}"
        assert "test loss " in said
    assert notice.text == f"{info.name}: {said}"


def test_the_status_bar_is_of_the_run_that_trains_whatever_is_shown(
    qtbot: QtBot, panel: TrainingPanel, session: Session, tmp_path: Path
) -> None:
    other = RunFolder.create(tmp_path / "elsewhere", tiny(iterations=77), name="other")
    session.load_config(tiny(iterations=100_000))
    start(qtbot, panel, session)
    session.set_run(other)
    state = panel.status.findChild(QLabel, "run_status.state")

    def steps() -> str:
        return panel.status.text("steps")

    qtbot.waitUntil(lambda: steps().endswith(" of 100,000"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: state.text() == "running", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: panel.status.text("left") != "", timeout=WAIT_MS)
    assert panel.status.text("left").endswith(" left")
    assert not panel.controller.is_training_shown
    assert "other" not in state.toolTip()
    panel.commands.stop.trigger()
    qtbot.waitUntil(lambda: steps() == "0 of 77", timeout=WAIT_MS)
    assert state.toolTip() == "What other does"


def test_overlaid_runs_are_in_the_legend(
    qtbot: QtBot, panel: TrainingPanel, session: Session, tmp_path: Path
) -> None:
    folders = []
    for name in ("maml", "reptile"):
        folder = RunFolder.create(tmp_path / name, tiny(), name=name)
        with_events = MetricsWriter(folder, 0)
        with_events.append(list(made_up.run_events(10)))
        with_events.close()
        folders.append(folder)
    session.set_run(folders[0])
    session.set_overlaid(folders)
    plot = panel.board.plot("meta_loss")
    qtbot.waitUntil(lambda: plot.legend.names == ["maml", "reptile"], timeout=WAIT_MS)
    session.set_overlaid([])
    qtbot.waitUntil(lambda: "smoothed" in plot.legend.names, timeout=WAIT_MS)


def test_where_a_plot_was_exported_to_is_said(
    panel: TrainingPanel, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(session.notified) as notified:
        panel.board.plot("meta_loss").saved.emit(tmp_path / "loss.svg")
    assert notified.args[0].text == f"Saved loss.svg to {tmp_path}"


def test_one_place_is_shown_alone_and_all_four_again(
    panel: TrainingPanel, qtbot: QtBot
) -> None:
    cells = list(panel.board.cells.values())
    qtbot.mouseClick(cells[0]._expand, Qt.MouseButton.LeftButton)
    assert [cell.isVisible() for cell in cells] == [True, False, False, False]
    qtbot.mouseClick(cells[0]._expand, Qt.MouseButton.LeftButton)
    assert all(cell.isVisible() for cell in cells)


def test_the_log_says_what_happened_and_filters(
    qtbot: QtBot, panel: TrainingPanel, session: Session
) -> None:
    log = panel.window().panel("Log")
    assert isinstance(log, LogPanel)
    start(qtbot, panel, session)
    qtbot.waitUntil(lambda: "starts" in log.text.toPlainText())
    history = panel.controller.history
    assert history is not None
    panel.controller._on_thread_events_ready([AlertEvent(3, "beware of <this>")])
    qtbot.waitUntil(lambda: "beware of <this>" in log.text.toPlainText())
    log.level.setCurrentText("Warnings")
    assert "starts" not in log.text.toPlainText()
    assert "beware" in log.text.toPlainText()


def test_the_quit_question_is_not_asked_when_nothing_trains(
    panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "exec", lambda _: pytest.fail("it was asked"))
    assert panel.busy_with() == ""
    assert panel.window().close()


def test_beside_a_wrong_configuration_no_plot_has_two_tabs(
    qtbot: QtBot, session: Session
) -> None:
    session.set_field("algorithm.inner_lr", -1.0)
    assert session.config is None
    panel = TrainingPanel(session)
    qtbot.addWidget(panel)
    bars = panel.board.findChildren(QTabBar)
    for bar in bars:
        shown = [at for at in range(bar.count()) if bar.isTabVisible(at)]
        titles = [bar.tabText(at) for at in shown]
        assert len(titles) == len({*titles})
    panel.shut_down()


def test_the_names_of_plots_are_whole_however_many_share_a_place(
    panel: TrainingPanel,
) -> None:
    panel.window().resize(960, 540)
    for bar in panel.findChildren(QTabBar):
        for index in range(bar.count()):
            bar.setTabVisible(index, True)
            bar.setTabText(index, bar.tabText(index))
        QApplication.processEvents()
        for index in range(bar.count()):
            asked = bar.fontMetrics().horizontalAdvance(bar.tabText(index))
            assert bar.tabRect(index).width() > asked
