"""A slider through time that moves by itself, and the button for that."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.gui.look import theme

FRAME_MS = 30
_MOST_AT_ONCE = 8
"""Pictures that are left out at the most where painting takes long."""


class PlayBar(QWidget):
    """Goes through time, frame by frame, by hand or playing.

    A subclass says what a frame is.

    Signals:
        moved(): another frame is shown.
    """

    moved = Signal()
    name = "timeline"
    rest = 0
    """Frames for which it stays where it came to a stop in between."""

    def __init__(self, tip: str, widest: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.play_button = QToolButton()
        self.play_button.setObjectName(f"play.{self.name}.play")
        self.play_button.setCheckable(True)
        self.play_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"play.{self.name}.slider")
        self.slider.setToolTip(tip)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setSingleStep(1)
        self.label = QLabel()
        self.label.setObjectName(f"play.{self.name}.label")
        self.label.setFont(theme.tabular(self.label.font()))
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance(widest))
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

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self.play_button.isChecked()

    def play_anew(self) -> None:
        """Play from the beginning."""
        self.slider.setValue(0)
        self.play_button.setChecked(True)

    def stop(self) -> None:
        """Stop playing."""
        self.play_button.setChecked(False)

    # What a subclass says.

    @abstractmethod
    def told(self) -> str:
        """Return in words what is shown."""

    @abstractmethod
    def next_stop(self, frame: int) -> int:
        """Return the frame after this one where playing comes to a stop."""

    @property
    def told_play(self) -> str:
        """What playing does."""
        return "Play"

    def set_frames(self, frames: int, *, page: int) -> None:
        """Go from frame 0 to this one; what is at the end stays there."""
        is_at_end = self.slider.value() == self.slider.maximum()
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, frames)
            self.slider.setTickInterval(page)
            self.slider.setPageStep(page)
            if is_at_end:
                self.slider.setValue(frames)
        self.label.setText(self.told())

    def _on_slider_value_changed(self, _frame: int) -> None:
        self.label.setText(self.told())
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
        end = self.next_stop(now)
        self.slider.setValue(min(now + passed, end))
        if self.slider.value() == self.slider.maximum():
            self.stop()
        elif self.slider.value() == end:
            self._resting = self.rest

    def _show_what_play_does(self) -> None:
        button, playing = self.play_button, self.play_button.isChecked()
        button.setText("Pause" if playing else "Play")
        button.setAccessibleName("Pause" if playing else "Play")
        tip = "Stay at this moment" if playing else self.told_play
        button.setToolTip(f"{tip} (Space)")
        button.setIcon(theme.icon("mdi6.pause" if playing else "mdi6.play"))
