"""Shows one lane, and plays it at real speed."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.gui.graphs.track import Lane, paint_lane
from workbench.gui.look.colours import PlotColours, colours

_FRAME_MS = 33


class LaneView(QWidget):
    """A body that runs, from the start of a trajectory to its end.

    Signals:
        playing_changed(bool): it began to play, or stopped.
    """

    playing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lane: Lane | None = None
        self._colours = colours()
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    def show_lane(self, lane: Lane | None) -> None:
        """Show a lane, at the time that is shown already."""
        if lane is None:
            self.stop()
        elif self.lane is not None:
            lane = lane._replace(seconds=min(self.lane.seconds, lane.gaits.duration))
        self.lane = lane
        self.update()

    def play(self) -> None:
        """Play, from the beginning if it is at its end."""
        if self.lane is None:
            return
        if self.lane.seconds >= self.lane.gaits.duration:
            self._go_to(0.0)
        self._since.start()
        self._timer.start()
        self.playing_changed.emit(True)

    def play_anew(self) -> None:
        """Play from the beginning."""
        self._go_to(0.0)
        self.play()

    def stop(self) -> None:
        """Stay at this moment."""
        self._timer.stop()
        self.playing_changed.emit(False)

    def paint_colours(self, shown: PlotColours) -> None:
        """Take these colours."""
        self._colours = shown
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, 160)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.is_playing:
            self.stop()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown = QPainter(self), self._colours
        painter.fillRect(self.rect(), shown.background)
        if self.lane is not None:
            paint_lane(painter, self.rect().toRectF(), self.lane, shown, shown.query)
        painter.end()

    def _go_to(self, seconds: float) -> None:
        if self.lane is not None:
            end = self.lane.gaits.duration
            self.lane = self.lane._replace(seconds=min(seconds, end))
            self.update()

    def _on_timer_timeout(self) -> None:
        assert self.lane is not None
        self._go_to(self.lane.seconds + self._since.restart() / 1000)
        if self.lane.seconds >= self.lane.gaits.duration:
            self.stop()
