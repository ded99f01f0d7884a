"""A slider through the inner steps of an adaptation, and Play."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.gui.look import theme

_MILLISECONDS = 450


class Stepper(QWidget):
    """Goes through inner steps 0..K, by hand or playing.

    Signals:
        step_changed(int): the inner step to show.
    """

    step_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("stepper.slider")
        self.slider.setAccessibleName("Inner step")
        self.slider.setToolTip("The inner step that is shown")
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setPageStep(1)
        self.play_button = QToolButton()
        self.play_button.setObjectName("stepper.play")
        self.play_button.setCheckable(True)
        self.play_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._label = QLabel()
        self._label.setFont(theme.tabular(self._label.font()))
        self._label.setMinimumWidth(
            self._label.fontMetrics().horizontalAdvance("step 88 of 88")
        )
        self._timer = QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self._label)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.slider.sliderPressed.connect(self.stop)
        self.play_button.toggled.connect(self._on_play_button_toggled)
        self._timer.timeout.connect(self._on_timer_timeout)
        theme.changes().changed.connect(self._show_what_play_does)
        self._show_what_play_does()
        self.set_steps(5)
        self.go_to_end()

    @property
    def step(self) -> int:
        """The inner step that is shown."""
        return self.slider.value()

    def set_steps(self, steps: int) -> None:
        """Go from 0 to ``steps``; whoever was at the end stays at the end."""
        at_end = self.slider.value() == self.slider.maximum()
        self.slider.setRange(0, steps)
        if at_end:
            self.slider.setValue(steps)
        self._show_label()

    def go_to(self, step: int) -> None:
        """Show an inner step, and stop playing."""
        self.stop()
        self.slider.setValue(step)

    def go_to_end(self) -> None:
        """Show the last inner step, unless playing."""
        if not self._timer.isActive():
            self.slider.setValue(self.slider.maximum())

    def stop(self) -> None:
        """Stop playing."""
        self.play_button.setChecked(False)

    def _on_slider_value_changed(self, step: int) -> None:
        self._show_label()
        self.step_changed.emit(step)

    def _on_play_button_toggled(self, checked: bool) -> None:
        if checked:
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self._timer.start()
        else:
            self._timer.stop()
        self._show_what_play_does()

    def _on_timer_timeout(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self.stop()

    def _show_label(self) -> None:
        self._label.setText(f"step {self.slider.value()} of {self.slider.maximum()}")

    def _show_what_play_does(self) -> None:
        button = self.play_button
        is_playing = button.isChecked()
        button.setText("Pause" if is_playing else "Play")
        button.setToolTip(
            "Stay at this step" if is_playing else "Play the adaptation step by step"
        )
        button.setIcon(theme.icon("mdi6.pause" if is_playing else "mdi6.play"))
