"""This task, now, where someone runs: played at real speed at the update chosen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.acting_runs import cheetah, navigation
from tests.gui.made_gaits import SECONDS, STEPS, a_gait_look
from workbench.core.config.run_config import RunConfig
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.plots.task_gait import TaskGait
from workbench.gui.plots.task_look import can_be_looked_at


def history(config: RunConfig) -> RunHistory:
    return RunHistory("one", "one", config)


@pytest.fixture
def plot(qtbot: QtBot) -> TaskGait:
    made = TaskGait()
    qtbot.addWidget(made)
    made.resize(520, 260)
    made.show_runs((ShownRun(history(cheetah()), 0),))
    made.show()
    qtbot.waitExposed(made)
    return made


def seconds(plot: TaskGait) -> float:
    assert plot.view.lane is not None
    return plot.view.lane.seconds


def colours_in(plot: TaskGait) -> set[str]:
    picture = plot.view.grab().toImage()
    ys, xs = range(0, picture.height(), 2), range(0, picture.width(), 2)
    return {picture.pixelColor(x, y).name() for x in xs for y in ys}


def test_it_is_there_where_someone_runs() -> None:
    assert TaskGait.applies(history(cheetah()))
    assert not TaskGait.applies(history(navigation()))
    assert can_be_looked_at(cheetah())


def test_before_there_is_a_task_it_says_so_and_there_is_nothing_to_play(
    plot: TaskGait,
) -> None:
    assert plot._hint.isVisible()
    assert not plot.steps.isVisible()
    assert not plot.play_button.isEnabled()
    assert colours().query.name() not in colours_in(plot)


def test_a_task_is_played_once_at_trainings_step_and_told_in_words(
    qtbot: QtBot, plot: TaskGait
) -> None:
    plot.show_task(a_gait_look())
    assert plot.view.is_playing
    assert plot.play_button.isChecked()
    assert plot.steps.step == 1
    assert plot.steps.label.text() == (
        "inner step 1 (training's K): return −0.6, 0.38 m/s"
    )
    assert plot.view.lane is not None
    assert plot.view.lane.words == "goal: 1.00 m/s"
    qtbot.waitUntil(lambda: not plot.view.is_playing, timeout=10_000)
    assert seconds(plot) == pytest.approx(STEPS * SECONDS)
    assert not plot.play_button.isChecked()


def test_it_plays_at_real_speed(qtbot: QtBot, plot: TaskGait) -> None:
    plot.show_task(a_gait_look())
    plot.view.stop()
    with qtbot.waitSignal(plot.view.playing_changed):
        qtbot.mouseClick(plot.play_button, Qt.MouseButton.LeftButton)
    begun = plot.view._since.msecsSinceReference()
    before = seconds(plot)
    qtbot.waitUntil(lambda: seconds(plot) >= before + 0.1, timeout=10_000)
    passed = (plot.view._since.msecsSinceReference() - begun) / 1000
    assert seconds(plot) - before == pytest.approx(passed, abs=0.01)


def test_another_update_is_played_from_its_start(plot: TaskGait) -> None:
    plot.show_task(a_gait_look())
    plot.view.stop()
    plot.steps.slider.setValue(2)
    assert plot.view.is_playing
    assert plot.view.lane is not None
    assert plot.view.lane.update == 2
    assert plot.steps.label.text().startswith("inner step 2: return −0.2, 0.75 m/s")


def test_newer_meta_parameters_go_on_where_the_last_ones_were(plot: TaskGait) -> None:
    plot.show_task(a_gait_look())
    plot.view._go_to(0.2)
    plot.show_task(a_gait_look()._replace(step=9))
    assert seconds(plot) == pytest.approx(0.2)
    plot.show_task(a_gait_look(1))
    assert seconds(plot) < 0.2


def test_what_is_not_seen_does_not_play(plot: TaskGait) -> None:
    plot.show_task(a_gait_look())
    plot.hide()
    assert not plot.view.is_playing
    plot.show_task(a_gait_look(1))
    assert not plot.view.is_playing


@pytest.mark.parametrize("is_way", [False, True])
@pytest.mark.parametrize("mode", [theme.Theme.LIGHT, theme.Theme.DARK])
def test_runner_and_goal_have_the_colours_of_the_theme(
    plot: TaskGait, mode: theme.Theme, is_way: bool
) -> None:
    plot.show_task(a_gait_look(is_way=is_way))
    theme.choose(mode)
    plot.view.stop()
    plot.view._go_to(STEPS * SECONDS)
    seen = colours_in(plot)
    assert colours().query.name() in seen
    assert colours().support.name() in seen


def test_the_table_holds_every_pose(plot: TaskGait, tmp_path: Path) -> None:
    plot.show_task(a_gait_look())
    plot.export(tmp_path / "gait.csv")
    rows = list(csv.reader((tmp_path / "gait.csv").read_text().splitlines()))
    assert rows[0] == ["inner step", "trajectory", "time", "x", "height", "pitch"]
    assert len(rows) == 1 + 3 * 2 * (STEPS + 1)
    assert [float(each) for each in rows[-1]][:3] == [2, 1, pytest.approx(0.4)]


def test_another_task_is_asked_for(qtbot: QtBot, plot: TaskGait) -> None:
    button = plot.controls.findChild(QToolButton, "plot.task_gait.another")
    with qtbot.waitSignal(plot.task_wanted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert plot.number == 1
