"""The picture of an episode that is acted in: a panel an inner step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor

from tests.acting_runs import cheetah, navigation
from workbench.core.config.run_config import RunConfig
from workbench.core.drawing.pixel_plot import QUERY, SUPPORT
from workbench.core.episodes.acted_episode import ActedEpisodes
from workbench.core.episodes.acted_picture import SIDE, render_acted
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.training.trained import Trained


def picture(config: RunConfig, steps: int) -> np.ndarray:
    source = EpisodeSource(Path("none"))
    shown = source.episode(config, Address("test", 0, 2))
    trained = Trained.untrained(config)
    return render_acted(shown, ActedEpisodes().act(trained, source, shown, steps))


def pixels(of: np.ndarray, colour: str) -> int:
    return int((of == ImageColor.getrgb(colour)).all(-1).sum())


@pytest.mark.parametrize("steps", [0, 2])
def test_each_inner_step_has_a_panel_with_the_goal(steps: int) -> None:
    once, drawn = picture(navigation(), 0), picture(navigation(), steps)
    assert drawn.shape[1] >= (steps + 1) * SIDE
    assert pixels(drawn, SUPPORT) == (steps + 1) * pixels(once, SUPPORT) > 0
    assert pixels(drawn, QUERY) > steps * 20


def test_a_wall_is_drawn_in_the_plane() -> None:
    with_wall = picture(navigation(task__wall=True), 0)
    assert pixels(with_wall, "#1b1f24") > pixels(picture(navigation(), 0), "#1b1f24")


def test_rewards_are_drawn_where_there_is_no_plane() -> None:
    drawn = picture(cheetah(), 1)
    assert pixels(drawn, QUERY) > 100
    assert pixels(drawn, SUPPORT) == 0
