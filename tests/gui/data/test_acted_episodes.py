"""Episodes that are acted in are shown as goals and trajectories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.acting_runs import TRAJECTORIES, cheetah, made_run, navigation
from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.shown_episode import Goals
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.episodes.acted_view import ActedView
from workbench.gui.episodes.chart import Chart
from workbench.gui.episodes.episodes_view import EpisodesView
from workbench.gui.episodes.velocity_map import VelocityMap
from workbench.gui.look import theme
from workbench.gui.look.colours import colours

WAIT_MS = 30_000
Opener = Callable[..., DataPanel]


def wait_for_trajectories(qtbot: QtBot, view: EpisodesView) -> ActedEpisode:
    qtbot.waitUntil(lambda: view.card.acted.acted is not None, timeout=WAIT_MS)
    acted = view.card.acted.acted
    assert acted is not None
    return acted


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path, open_panel: Opener) -> EpisodesView:
    panel = open_panel(tmp_path, "sinusoid")
    panel.session.load_config(navigation(training__meta_batch=6, task__wall=True))
    panel.show_page("Episodes")
    wait_for_trajectories(qtbot, panel.episodes)
    return panel.episodes


def drawn_values(view: ActedView) -> list[np.ndarray]:
    """What is drawn apart in the two charts."""
    curves = (chart.one.getData()[1] for chart in (view.rewards, view.advantages))
    return [np.array([]) if curve is None else curve for curve in curves]


def titles(view: ActedView) -> list[str]:
    """What the columns of the table are called."""
    header = view.table.headerItem()
    return [header.text(at) for at in range(view.table.columnCount())]


def click_in(qtbot: QtBot, chart: Chart, x: float, y: float) -> None:
    """Click at a place in the chart's own units."""
    box = chart.getPlotItem().getViewBox()
    place = chart.mapFromScene(box.mapViewToScene(QPointF(x, y)))
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_task_s_goal_is_marked_among_those_of_its_meta_batch(
    qtbot: QtBot, view: EpisodesView
) -> None:
    shown = view.card.shown
    assert shown is not None
    assert shown.goals is not None
    goals = shown.goals.goals
    assert goals.shape == (6, 2)
    np.testing.assert_array_equal(shown.goals.starts, 0)
    plane = view.card.acted.map
    assert plane.isVisible()
    assert f"{goals[0][0]:.2f}" in plane.words()
    assert "5 others" in plane.words()
    for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
        theme.choose(chosen)
        picture = plane.grab().toImage()
        place = plane.position_of(*goals[0].tolist()).toPoint()
        assert picture.pixelColor(place) == colours().support


def test_the_next_episode_is_another_goal_of_the_same_map(
    qtbot: QtBot, view: EpisodesView
) -> None:
    first = view.card.shown
    assert first is not None
    assert first.goals is not None
    before = view.card.acted.acted
    view.actions_by_name["next"].trigger()

    def is_next() -> bool:
        shown = view.card.shown
        return shown is not None and shown.address.number == 1

    qtbot.waitUntil(is_next, timeout=WAIT_MS)
    shown = view.card.shown
    assert shown is not None
    assert shown.goals is not None
    assert shown.goals.which == 1
    np.testing.assert_array_equal(shown.goals.goals, first.goals.goals)
    assert wait_for_trajectories(qtbot, view) is not before
    assert not view.card.to_image().isNull()


def test_the_untrained_policy_s_trajectories_are_drawn_and_listed(
    view: EpisodesView,
) -> None:
    shown = view.card.acted
    acted = shown.acted
    assert acted is not None
    assert not acted.is_trained
    assert acted.steps == navigation().evaluation.steps
    now = acted.updates[-1]
    assert shown.table.topLevelItemCount() == TRAJECTORIES
    assert "untrained" in view.card._result.full_text
    times, rewards = shown.rewards.each.getData()
    finite = np.isfinite(rewards)
    np.testing.assert_allclose(
        np.sort(rewards[finite]), np.sort(now.rewards[np.isfinite(now.rewards)])
    )
    assert times[0] == 1
    mean = shown.advantages.mean.getData()[1]
    np.testing.assert_allclose(mean[0], now.advantages[:, 0].mean())
    assert view.learner.chart.isVisible()
    np.testing.assert_allclose(view.learner.chart.query.getData()[1], acted.returns)


def test_another_inner_step_has_its_own_trajectories(view: EpisodesView) -> None:
    shown = view.card.acted
    acted = shown.acted
    assert acted is not None
    view.learner.slider.setValue(0)
    first = shown.table.topLevelItem(0)
    assert first is not None
    told = float(first.text(1).replace("\N{MINUS SIGN}", "-"))
    assert told == pytest.approx(acted.updates[0].returns[0], abs=0.051)
    assert shown.map.paths is acted.updates[0].paths


def test_a_trajectory_chosen_in_the_table_is_told_apart_everywhere(
    qtbot: QtBot, view: EpisodesView
) -> None:
    shown = view.card.acted
    now = shown.acted.updates[-1] if shown.acted is not None else None
    assert now is not None
    shown.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    best = int(now.returns.argmax())
    first = shown.table.topLevelItem(0)
    assert first is not None
    assert first.text(0) == str(best + 1)
    place = shown.table.visualItemRect(first).center()
    qtbot.mouseClick(
        shown.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place)
    )
    assert shown.chosen == shown.map.chosen == best
    for drawn, values in zip(
        drawn_values(shown), (now.rewards, now.advantages), strict=True
    ):
        np.testing.assert_allclose(drawn, values[best])
    qtbot.keyClick(shown.table, Qt.Key.Key_Down)
    assert shown.chosen == int(np.argsort(-now.returns)[1])
    qtbot.keyClick(shown.table, Qt.Key.Key_Escape)
    assert shown.chosen is None
    assert not shown.table.selectedItems()
    assert not len(drawn_values(shown)[0])


def test_a_click_on_a_path_or_a_curve_chooses_its_trajectory(
    qtbot: QtBot, view: EpisodesView
) -> None:
    shown = view.card.acted
    now = shown.acted.updates[-1] if shown.acted is not None else None
    assert now is not None
    assert now.paths is not None
    far = int(np.linalg.norm(now.paths[:, -1], axis=-1).argmax())
    place = shown.map.position_of(*now.paths[far, -1].tolist()).toPoint()
    qtbot.mouseClick(shown.map, Qt.MouseButton.LeftButton, pos=place)
    assert shown.chosen == far
    assert shown.table.selectedItems()[0].text(0) == str(far + 1)
    qtbot.mouseClick(shown.map, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert shown.chosen is None
    chart, time = shown.rewards, 2
    low = int(now.rewards[:, time].argmin())
    click_in(qtbot, chart, time + 1, now.rewards[low, time])
    assert shown.chosen == low


def test_a_run_acts_with_as_many_inner_steps_as_are_asked(
    qtbot: QtBot, view: EpisodesView, tmp_path: Path
) -> None:
    run = made_run(tmp_path / "runs", step=3)
    panel = view.parent()
    while not isinstance(panel, DataPanel):
        panel = panel.parent()
    panel._list_runs()
    qtbot.waitUntil(lambda: len(view.learner.runs) == 1, timeout=WAIT_MS)
    assert view.learner.choose(run.path)
    view.learner.steps.setValue(2)

    def is_the_run_s() -> bool:
        acted = view.card.acted.acted
        return acted is not None and acted.is_trained and acted.steps == 2

    qtbot.waitUntil(is_the_run_s, timeout=WAIT_MS)
    acted = view.card.acted.acted
    assert acted is not None
    assert acted.step == 3
    assert "meta-step 3" in view.card._result.full_text
    view.hardest.button.click()
    qtbot.waitUntil(lambda: view.hardest.found is not None, timeout=WAIT_MS)
    assert view.hardest.episodes.headerItem().text(2) == "Return"


def test_trajectories_are_saved_with_the_episode(
    view: EpisodesView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "episode.npz"
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), "")
    )
    view.actions_by_name["save_npz"].trigger()
    acted = view.card.acted.acted
    assert acted is not None
    with np.load(path) as saved:
        np.testing.assert_array_equal(saved["returns"], acted.arrays()["returns"])
        assert saved["goals"].shape == (6, 2)


def test_goals_that_are_velocities_are_a_line(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("gymnasium")
    panel = open_panel(tmp_path, "sinusoid")
    config = cheetah(task__horizon=10)
    panel.session.load_config(config)
    panel.show_page("Episodes")
    acted = wait_for_trajectories(qtbot, panel.episodes)
    shown, card = panel.episodes.card.acted, panel.episodes.card.shown
    assert card is not None
    assert card.goals is not None
    assert not shown.map.isVisible()
    assert shown.velocities.isVisible()
    goal = float(card.goals.goals[0, 0])
    assert f"Goal: {goal:.2f} m/s, among 1 other" in shown.velocities.words()
    assert shown.velocities.goal.getData()[0][0] == pytest.approx(goal)
    reached = acted.updates[-1].figures["velocity"]
    np.testing.assert_allclose(shown.velocities.each.getData()[0], reached)
    fastest = int(reached.argmax())
    click_in(qtbot, shown.velocities, reached[fastest], fastest + 1)
    assert shown.chosen == fastest
    assert titles(shown)[3:5] == ["Velocity", "Distance"]


def test_goals_that_are_ways_are_arrows_at_the_edges_and_no_velocities(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("gymnasium")
    panel = open_panel(tmp_path, "sinusoid")
    panel.session.load_config(cheetah(task__horizon=10, task__goals="direction"))
    panel.show_page("Episodes")
    wait_for_trajectories(qtbot, panel.episodes)
    shown, card = panel.episodes.card.acted, panel.episodes.card.shown
    assert card is not None
    assert card.goals is not None
    velocities = shown.velocities
    view, box = velocities.viewRange()[0], velocities.getViewBox().viewRect()
    assert velocities.goal.getData()[0] is None
    assert velocities.others.getData()[0] is None
    back, forth = velocities.ways[-1], velocities.ways[1]
    assert (back.toPlainText(), forth.toPlainText()) == ("◀ backwards", "forwards ▶")
    assert box.left() < back.pos().x() < 0 < forth.pos().x() < box.right()
    own, other = (forth, back) if card.goals.goals[0, 0] > 0 else (back, forth)
    assert own.color == colours().support != other.color
    velocities.show_acted(None, 0)
    assert velocities.viewRange()[0] == view
    assert titles(shown)[-1] == "Right way"


@pytest.mark.parametrize("number", [1, 4, 20, 60])
def test_the_row_of_goals_is_named_apart_from_the_last_trajectory(
    qtbot: QtBot, number: int
) -> None:
    chart = VelocityMap()
    qtbot.addWidget(chart)
    chart.resize(400, 260)
    chart._task = cheetah().task
    chart.goals = Goals(np.array([[1.0], [0.5]]), np.zeros((2, 2)), 0)
    chart.reached = np.linspace(0, 1, number)
    chart._place_goals()
    chart.show()
    (*_, (last, _), (top, name)) = chart.getAxis("left")._tickLevels[0]
    assert name == "goals"
    apart = (top - last) / chart.getViewBox().viewPixelSize()[1]
    assert apart > QFontMetrics(chart.getAxis("left").style["tickFont"]).height()


def test_of_another_task_nothing_is_said_before_there_are_trajectories(
    view: EpisodesView,
) -> None:
    shown, first = view.card.acted, view.card.shown
    columns = ["No.", "Return", "Length"]
    assert titles(shown)[3:]
    assert shown.rewards.getAxis("left").style["showValues"]
    assert first is not None
    other = replace(first, config=navigation(task__horizon=44))
    shown.show_episode(other)
    assert titles(shown) == columns
    for chart in (shown.rewards, shown.advantages):
        assert not chart.getAxis("left").style["showValues"]
        low, high = chart.viewRange()[0]
        assert low == pytest.approx(1, abs=1)
        assert high == pytest.approx(44, abs=1)
    shown.show_problem("This run has other inputs.")
    assert titles(shown) == columns


def test_the_next_episode_of_a_task_keeps_columns_and_axes(view: EpisodesView) -> None:
    shown, again = view.card.acted, view.card.shown
    before = titles(shown)
    assert again is not None
    shown.show_episode(again)
    assert titles(shown) == before
    assert shown.rewards.getAxis("left").style["showValues"]
