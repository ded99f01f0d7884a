"""A slider through the time of trajectories that are run at once, and Play."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.gui.play.play_bar import FRAME_MS, PlayBar

_SECOND = round(1000 / FRAME_MS)


class RaceBar(PlayBar):
    """Goes from the start of trajectories to their end, at real speed if playing."""

    name = "race"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "The time since the start; page up and page down go on and back by a "
            "second",
            "88.8 of 88.8 s",
            parent,
        )
        self._duration = 0.0
        self.slider.setAccessibleName("Time since the start")
        self.label.setText(self.told())

    @property
    def seconds(self) -> float:
        """The time shown."""
        return min(self.slider.value() * FRAME_MS / 1000, self._duration)

    def set_duration(self, seconds: float) -> None:
        """Go so far."""
        self._duration = seconds
        self.set_frames(-int(-1000 * seconds // FRAME_MS), page=_SECOND)

    @override
    def told(self) -> str:
        return f"{self.seconds:.1f} of {self._duration:.1f} s"

    @override
    def next_stop(self, frame: int) -> int:
        return self.slider.maximum()

    @property
    @override
    def told_play(self) -> str:
        return "Let them run, at real speed"
