"""A slider through an adaptation: one walk after the other, and Play."""

from __future__ import annotations

import math

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.core.base.phrases import counted
from workbench.gui.look import theme
from workbench.gui.play.scene import Moment

FRAMES = 50
"""Pictures of one walk."""

REST = 14
"""Pictures for which a walk that is over is left to be looked at."""

FRAME_MS = 30
_MOST_AT_ONCE = 8
"""Pictures that are left out at the most where painting takes long."""


class Timeline(QWidget):
    """Goes through the walks after updates 0..K, by hand or playing.

    A position is a number of frames; where a walk ends the next one begins, and what
    is shown there is the one that ends.

    Signals:
        moved(): ``moment`` changed.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.play_button = QToolButton()
        self.play_button.setObjectName("play.timeline.play")
        self.play_button.setCheckable(True)
        self.play_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("play.timeline.slider")
        self.slider.setAccessibleName("Time of the adaptation")
        self.slider.setToolTip(
            "One walk after the other: before adapting, after one update, after two…\n"
            "Page up and page down go to the next and the last one"
        )
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setTickInterval(FRAMES)
        self.slider.setPageStep(FRAMES)
        self.slider.setSingleStep(1)
        self.label = QLabel()
        self.label.setObjectName("play.timeline.label")
        self.label.setFont(theme.tabular(self.label.font()))
        self.label.setMinimumWidth(
            self.label.fontMetrics().horizontalAdvance("after 88 updates")
        )
        self._resting = 0
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.slider.sliderPressed.connect(self.stop)
        self.play_button.toggled.connect(self._on_play_button_toggled)
        self._timer.timeout.connect(self._on_timer_timeout)
        theme.changes().changed.connect(self._show_what_play_does)
        self._show_what_play_does()
        self.set_updates(3)
        self.slider.setValue(self.slider.maximum())

    @property
    def moment(self) -> Moment:
        """What is shown."""
        return moment_at(self.slider.value())

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self.play_button.isChecked()

    def set_updates(self, updates: int) -> None:
        """Go from before adapting to after so many updates."""
        is_at_end = self.slider.value() == self.slider.maximum()
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, (updates + 1) * FRAMES)
            if is_at_end:
                self.slider.setValue(self.slider.maximum())
        self._show_label()

    def go_to(self, update: int) -> None:
        """Show the whole walk after an update, and stop playing."""
        self.stop()
        self.slider.setValue((update + 1) * FRAMES)

    def play_anew(self) -> None:
        """Play from the beginning."""
        self.slider.setValue(0)
        self.play_button.setChecked(True)

    def stop(self) -> None:
        """Stop playing."""
        self.play_button.setChecked(False)

    def _on_slider_value_changed(self, _frame: int) -> None:
        self._show_label()
        self.moved.emit()

    def _on_play_button_toggled(self, checked: bool) -> None:
        self._resting = 0
        if checked:
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self._since.start()
            self._timer.start()
        else:
            self._timer.stop()
        self._show_what_play_does()

    def _on_timer_timeout(self) -> None:
        passed = min(max(1, self._since.restart() // FRAME_MS), _MOST_AT_ONCE)
        if self._resting:
            self._resting = max(0, self._resting - passed)
            return
        now = self.slider.value()
        end = (now // FRAMES + 1) * FRAMES
        self.slider.setValue(min(now + passed, end))
        if self.slider.value() == self.slider.maximum():
            self.stop()
        elif self.slider.value() == end:
            self._resting = REST

    def _show_label(self) -> None:
        self.label.setText(named(self.moment.update))

    def _show_what_play_does(self) -> None:
        button, playing = self.play_button, self.play_button.isChecked()
        button.setText("Pause" if playing else "Play")
        button.setAccessibleName("Pause" if playing else "Play")
        button.setToolTip(
            "Stay at this moment (Space)"
            if playing
            else "Play the adaptation, one walk after the other (Space)"
        )
        button.setIcon(theme.icon("mdi6.pause" if playing else "mdi6.play"))


def moment_at(frame: int) -> Moment:
    """Return what a frame shows: where a walk ends, its end."""
    update = max(0, math.ceil(frame / FRAMES) - 1)
    return Moment(update, (frame - update * FRAMES) / FRAMES)


def named(update: int) -> str:
    """Return in words after how many updates something is."""
    return f"after {counted(update, 'update')}" if update else "before adapting"
