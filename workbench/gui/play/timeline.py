"""A slider through an adaptation: one walk after the other, and Play."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.base.phrases import counted
from workbench.gui.play.play_bar import PlayBar
from workbench.gui.play.scene import Moment

FRAMES = 50
"""Pictures of one walk."""

REST = 14
"""Pictures for which a walk that is over is left to be looked at."""


class Timeline(PlayBar):
    """Goes through the walks after updates 0..K, by hand or playing.

    Where a walk ends the next one begins, and what is shown there is the one that ends.
    """

    rest = REST

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "One walk after the other: before adapting, after one update, after two…\n"
            "Page up and page down go to the next and the last one",
            "after 88 updates",
            parent,
        )
        self.slider.setAccessibleName("Time of the adaptation")
        self.set_updates(3)
        self.slider.setValue(self.slider.maximum())

    @property
    def moment(self) -> Moment:
        """What is shown."""
        return moment_at(self.slider.value())

    def set_updates(self, updates: int) -> None:
        """Go from before adapting to after so many updates."""
        self.set_frames((updates + 1) * FRAMES, page=FRAMES)

    def go_to(self, update: int) -> None:
        """Show the whole walk after an update, and stop playing."""
        self.stop()
        self.slider.setValue((update + 1) * FRAMES)

    @override
    def told(self) -> str:
        return named(self.moment.update)

    @override
    def next_stop(self, frame: int) -> int:
        return (frame // FRAMES + 1) * FRAMES

    @property
    @override
    def told_play(self) -> str:
        return "Play the adaptation, one walk after the other"


def moment_at(frame: int) -> Moment:
    """Return what a frame shows: where a walk ends, its end."""
    update = max(0, math.ceil(frame / FRAMES) - 1)
    return Moment(update, (frame - update * FRAMES) / FRAMES)


def named(update: int) -> str:
    """Return in words after how many updates something is."""
    return f"after {counted(update, 'update')}" if update else "before adapting"
