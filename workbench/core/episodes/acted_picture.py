"""An episode that is acted in as one picture: a panel for each inner step.

In the plane a panel shows where trajectories lead; elsewhere, what they are rewarded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.core.acting.planar import PlanarSettings
from workbench.core.base.figures import told_return
from workbench.core.base.phrases import counted
from workbench.core.drawing.lettering import Lettering
from workbench.core.drawing.pixel_plot import (
    LETTERS,
    LINE,
    MUTED,
    QUERY,
    SUPPORT,
    TEXT,
    Frame,
    canvas,
)
from workbench.core.episodes.acted_episode import Acted, ActedEpisode
from workbench.core.episodes.episode_picture import CAPTION, MARGIN, TITLE, caption
from workbench.core.episodes.shown_episode import Goals, ShownEpisode

if TYPE_CHECKING:
    from PIL import ImageDraw

Pixels: TypeAlias = list[tuple[float, float]]

SIDE = 280
"""The width and height of a panel."""

_NUMBERS, _GAP = 40, 16
_ROOM = 1.15
_STAR, _INNER, _CORNERS = 9.0, 4.0, 10
_THICK = 3


def render_acted(shown: ShownEpisode, acted: ActedEpisode) -> NDArray[np.uint8]:
    """Return an episode's trajectories as a picture, uint8 [height, width, 3]."""
    each = _NUMBERS + SIDE + _GAP
    top = MARGIN + TITLE + CAPTION + MARGIN
    height = top + SIDE + CAPTION + CAPTION + MARGIN
    letters = Lettering(LETTERS)
    least = 2 * MARGIN + letters.width(caption(shown))
    panels = len(acted.updates)
    image, draw = canvas(max(panels * each + MARGIN, round(least)), height)
    letters.draw(draw, (MARGIN, MARGIN), caption(shown), TEXT)
    _draw_legend(draw, letters, acted)
    spans = _spans(shown, acted)
    for number, update in enumerate(acted.updates):
        left = number * each + _NUMBERS
        frame = Frame(*spans, (left, top, left + SIDE, top + SIDE))
        frame.draw(draw, letters)
        _draw_trajectories(draw, frame, update)
        _draw_goal(draw, frame, shown)
        score = told_return(update.mean_return)
        told = f"After {counted(number, 'step')}: mean return {score}"
        letters.draw(draw, (left, top + SIDE + CAPTION), told, TEXT)
    return np.asarray(image)


def _spans(
    shown: ShownEpisode, acted: ActedEpisode
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return from where to where panels go, the same in all."""
    task = shown.config.task
    if isinstance(task, PlanarSettings):
        most = max(task.half * _ROOM, *(_farthest(each) for each in acted.updates))
        return (-most, most), (-most, most)
    rewards = np.concatenate([each.rewards.ravel() for each in acted.updates])
    low, high = float(np.nanmin(rewards)), float(np.nanmax(rewards))
    more = (_ROOM - 1) * max(high - low, 1e-6)
    return (1.0, float(acted.updates[0].rewards.shape[1])), (low - more, high + more)


def _farthest(acted: Acted) -> float:
    """Return how far from the origin, along an axis, the mean path comes."""
    return 0.0 if acted.paths is None else _ROOM * float(abs(acted.paths.mean(0)).max())


def _draw_trajectories(draw: ImageDraw.ImageDraw, frame: Frame, acted: Acted) -> None:
    for line in _lines(acted):
        draw.line(_within(frame, line), fill=LINE)
    draw.line(_within(frame, _mean_line(acted)), fill=QUERY, width=_THICK)


def _lines(acted: Acted) -> list[NDArray[np.floating[Any]]]:
    """Return what is drawn of each trajectory, as points [n, 2]."""
    if acted.paths is not None:
        return list(acted.paths)
    times = np.arange(1.0, acted.rewards.shape[1] + 1)
    lines = (np.stack([times, rewards], 1) for rewards in acted.rewards)
    return [line[np.isfinite(line[:, 1])] for line in lines]


def _mean_line(acted: Acted) -> NDArray[np.floating[Any]]:
    if acted.paths is not None:
        mean: NDArray[np.floating[Any]] = acted.paths.mean(0)
        return mean
    going = np.isfinite(acted.rewards)
    times = np.flatnonzero(going.any(0))
    return np.stack([times + 1.0, np.nanmean(acted.rewards[:, times], 0)], 1)


def _within(frame: Frame, line: NDArray[np.floating[Any]]) -> Pixels:
    """Return a line's pixels; what is outside of the frame lies on its edge."""
    left, top, right, bottom = frame.box
    pixels = (frame.at(float(x), float(y)) for x, y in line)
    return [
        (min(max(across, left), right), min(max(down, top), bottom))
        for across, down in pixels
    ]


def _draw_goal(draw: ImageDraw.ImageDraw, frame: Frame, shown: ShownEpisode) -> None:
    """Draw where a goal in the plane is, and the walls before it."""
    task, goals = shown.config.task, shown.goals
    if not isinstance(task, PlanarSettings) or goals is None:
        return
    for wall in task.walls:
        draw.line([frame.at(*end) for end in wall], fill=TEXT, width=_THICK)
    draw.polygon(_star(frame, goals), fill=SUPPORT)


def _star(frame: Frame, goals: Goals) -> Pixels:
    across, down = frame.at(*map(float, goals.goals[goals.which]))
    angles = np.pi * (np.arange(_CORNERS) * 2 / _CORNERS - 0.5)
    radii = np.where(np.arange(_CORNERS) % 2 == 0, _STAR, _INNER)
    x, y = across + radii * np.cos(angles), down + radii * np.sin(angles)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _draw_legend(
    draw: ImageDraw.ImageDraw, letters: Lettering, acted: ActedEpisode
) -> None:
    number = acted.updates[0].number
    who = f"the policy of meta-step {acted.step:,}"
    who = who if acted.is_trained else "the untrained policy"
    text = f"{number} trajectories of {who} after each inner step, "
    place = MARGIN, MARGIN + TITLE
    letters.draw(draw, place, text, MUTED)
    after = MARGIN + letters.width(text), MARGIN + TITLE
    letters.draw(draw, after, "their mean", QUERY)
