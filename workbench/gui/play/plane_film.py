"""The film of walks in the plane: every second picture of what Play shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter

from workbench.gui.look.colours import colours
from workbench.gui.play.film import EVERY, GAP, LAST_MS, Reel
from workbench.gui.play.play_bar import FRAME_MS
from workbench.gui.play.scene import Moment, Scene, paint_scene
from workbench.gui.play.timeline import FRAMES, REST, moment_at

SIDE = 360
"""How wide and high a plane is in a film, in pixels."""


class Cut(NamedTuple):
    """A moment of a film, and for how many milliseconds it is seen."""

    moment: Moment
    duration: int


def cuts(updates: int) -> list[Cut]:
    """Return the moments of a film: every second of what Play shows."""
    made = []
    for frame in range(EVERY, (updates + 1) * FRAMES + 1, EVERY):
        is_end = frame % FRAMES == 0
        rest = REST * FRAME_MS if is_end else 0
        made.append(Cut(moment_at(frame), EVERY * FRAME_MS + rest))
    return [*made[:-1], made[-1]._replace(duration=LAST_MS)]


def reel_of(scenes: Sequence[Scene], words: Sequence[Sequence[str]]) -> Reel:
    """Return a film of planes side by side; ``words`` are those of each by update."""
    updates = max(0 if scene.walks is None else scene.walks.steps for scene in scenes)
    film, shown = cuts(updates), colours()

    def paint(painter: QPainter, number: int) -> None:
        moment = film[number].moment
        for row, (scene, said) in enumerate(zip(scenes, words, strict=True)):
            now = said[min(moment.update, len(said) - 1)]
            scene = scene._replace(moment=moment, words=now)
            area = QRectF(row * (SIDE + GAP), 0, SIDE, SIDE)
            paint_scene(painter, area, scene, shown, shown.run(row))

    size = QSize(len(scenes) * (SIDE + GAP) - GAP, SIDE)
    return Reel(size, [cut.duration for cut in film], shown.text, paint)
