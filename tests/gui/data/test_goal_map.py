"""Episodes in the plane are shown as a map of goals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.acting_runs import made_run, navigation
from workbench.core.episodes.answers import misfit
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.episodes.episodes_view import EpisodesView
from workbench.gui.look import theme
from workbench.gui.look.colours import colours

WAIT_MS = 30_000


@pytest.fixture
def view(
    qtbot: QtBot, tmp_path: Path, open_panel: Callable[..., DataPanel]
) -> EpisodesView:
    panel = open_panel(tmp_path, "sinusoid")
    panel.session.load_config(navigation(training__meta_batch=6, task__wall=True))
    panel.show_page("Episodes")

    def is_shown() -> bool:
        shown = panel.episodes.card.shown
        return shown is not None and shown.goals is not None

    qtbot.waitUntil(is_shown, timeout=WAIT_MS)
    return panel.episodes


def test_the_task_s_goal_is_marked_among_those_of_its_meta_batch(
    qtbot: QtBot, view: EpisodesView
) -> None:
    shown = view.card.shown
    assert shown is not None
    assert shown.goals is not None
    goals = shown.goals.goals
    assert goals.shape == (6, 2)
    np.testing.assert_array_equal(shown.goals.starts, 0)
    assert view.card.map.isVisible()
    assert f"{goals[0][0]:.2f}" in view.card.map.words()
    assert "5 others" in view.card.map.words()
    for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
        theme.choose(chosen)
        picture = view.card.map.grab().toImage()
        place = view.card.map.position_of(*goals[0].tolist()).toPoint()
        assert picture.pixelColor(place) == colours().support


def test_the_next_episode_is_another_goal_of_the_same_map(
    qtbot: QtBot, view: EpisodesView
) -> None:
    first = view.card.shown
    assert first is not None
    assert first.goals is not None
    view.bar.number.setValue(1)

    def is_next() -> bool:
        shown = view.card.shown
        return shown is not None and shown.address.number == 1

    qtbot.waitUntil(is_next, timeout=WAIT_MS)
    shown = view.card.shown
    assert shown is not None
    assert shown.goals is not None
    assert shown.goals.which == 1
    np.testing.assert_array_equal(shown.goals.goals, first.goals.goals)
    assert not view.card.to_image().isNull()


def test_a_run_that_acts_is_not_asked_for_answers(tmp_path: Path) -> None:
    config = made_run(tmp_path).config()
    assert "Play" in misfit(config, config)
