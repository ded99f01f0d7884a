"""Tasks in an environment of one's own have a map: a line, or a plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from tests.acting_runs import navigation
from tests.gui.data.test_acted_episodes import wait_for_trajectories
from workbench.core.acting.gymnasium_environment import GymnasiumTask
from workbench.core.base.splits import Split
from workbench.core.config import members
from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.shown_episode import Goals
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.episodes.task_map import TaskMap

pytest.importorskip("gymnasium")

Opener = Callable[..., DataPanel]


class Valley(GymnasiumTask):
    """A car in a valley that is to find out where to."""

    title = "Valley"

    kind: Literal["valley"] = "valley"
    number_names: ClassVar[tuple[str, ...]] = ("goal <m>",)

    def make(self) -> Any:
        import gymnasium

        return gymnasium.make("MountainCarContinuous-v0").unwrapped

    def draw_tasks(
        self, split: Split, tasks: int, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw where goals are."""
        shape = tasks, self.task_numbers
        return 0.6 * torch.rand(shape, generator=generator, device=generator.device)

    def set_task(self, environment: Any, numbers: Any) -> None:
        environment.goal_position = numbers[0]


class Slope(Valley):
    """A car whose motor differs as well, and what it weighs."""

    title = "Slope"

    kind: Literal["slope"] = "slope"  # type: ignore[assignment]
    task_numbers = 3
    number_names: ClassVar[tuple[str, ...]] = ("goal",)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(members, "_admitted", {name: {} for name in members._SETS})
    members.register(Valley)
    members.register(Slope)
    RunConfig.take_new_kinds()
    yield
    monkeypatch.undo()
    RunConfig.take_new_kinds()


def config_for(kind: str) -> RunConfig:
    values = navigation(training__meta_batch=5).model_dump(mode="json")
    values["task"] = {"kind": kind, "shots": 2, "queries": 2, "horizon": 8}
    return RunConfig.from_dict(values)


def shown_map(
    qtbot: QtBot, panel: DataPanel, kind: str
) -> tuple[TaskMap, np.ndarray, int]:
    """The map of the first episode, and the numbers of the tasks drawn with it."""
    panel.session.load_config(config_for(kind))
    panel.show_page("Episodes")
    wait_for_trajectories(qtbot, panel.episodes)
    view, card = panel.episodes.card.acted, panel.episodes.card.shown
    assert card is not None
    assert card.goals is not None
    assert view.tasks.isVisible()
    assert not view.map.isVisible()
    assert not view.velocities.isVisible()
    return view.tasks, card.goals.goals, card.goals.which


def names(chart: TaskMap) -> list[str]:
    return [chart.getAxis(side).labelText for side in ("bottom", "left")]


def test_one_number_is_a_place_on_a_line(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    panel = open_panel(tmp_path, "sinusoid")
    chart, goals, which = shown_map(qtbot, panel, "valley")
    assert goals.shape == (5, 1)
    xs, ys = chart.others.getData()
    np.testing.assert_allclose(xs, goals[:, 0])
    assert not ys.any()
    (own,), _ = chart.own.getData()
    assert own == pytest.approx(goals[which, 0])
    assert chart.rule.isVisible()
    assert chart.rule.value() == pytest.approx(own)
    assert names(chart) == ["goal &lt;m&gt;", ""]
    assert chart.words().startswith("Task: goal <m> 0.")
    assert chart.words().endswith("among 4 others")
    panel.session.load_config(navigation())
    qtbot.waitUntil(lambda: panel.episodes.card.acted.map.isVisible())
    assert not chart.isVisible()


def test_of_several_numbers_the_first_two_are_a_place_in_the_plane(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    panel = open_panel(tmp_path, "sinusoid")
    chart, goals, which = shown_map(qtbot, panel, "slope")
    assert goals.shape == (5, 3)
    np.testing.assert_allclose(np.column_stack(chart.others.getData()), goals[:, :2])
    np.testing.assert_allclose(np.ravel(chart.own.getData()), goals[which, :2])
    assert not chart.rule.isVisible()
    assert names(chart) == ["goal", "number 2"]
    assert "and 1 other number, among 4 others" in chart.words()
    (left, right), (bottom, top) = chart.viewRange()
    assert left < goals[:, 0].min() < goals[:, 0].max() < right
    assert bottom < goals[:, 1].min() < goals[:, 1].max() < top


def test_a_long_name_cuts_off_nothing_of_the_map(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slope, "number_names", ("how far away it is " * 5, "b"))
    panel = open_panel(tmp_path, "sinusoid")
    chart, goals, _ = shown_map(qtbot, panel, "slope")
    chart.setFixedSize(320, 260)
    chart.getPlotItem().layout.activate()
    assert chart.getPlotItem().width() <= chart.width()
    for place in goals[:, :2].tolist():
        seen = chart.getViewBox().mapViewToScene(QPointF(*place))
        assert chart.viewport().rect().contains(chart.mapFromScene(seen))
    assert len(chart.words()) > len(chart.getPlotItem().titleLabel.text)
    assert chart.toolTip() == chart.words()


def test_tasks_that_are_all_alike_are_in_view(qtbot: QtBot) -> None:
    chart = TaskMap()
    qtbot.addWidget(chart)
    chart._task = config_for("valley").task
    chart.goals = Goals(np.full((3, 1), -2.0), np.zeros((3, 0)), 0)
    chart._place()
    (left, right), _ = chart.viewRange()
    assert left < -2 < right
    assert chart.words() == "Task: goal <m> \N{MINUS SIGN}2.000, among 2 others"
