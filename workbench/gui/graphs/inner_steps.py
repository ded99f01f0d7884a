"""A slider over the inner steps of one task, which can be played."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.gui.look import theme

_PLAY_MS = 500


class InnerSteps(QWidget):
    """Chooses an inner step; it starts at training's K.

    Without ``plays`` it leaves to others what is played.

    Signals:
        moved(): ``step`` changed.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None, *, plays: bool = True) -> None:
        super().__init__(parent)
        self._trained = 0
        self.play = QToolButton(self)
        self.play.setObjectName("inner_steps.play")
        self.play.setAutoRaise(True)
        self.play.setAccessibleName("Play the inner steps")
        self.play.setToolTip("Play the inner steps")
        self.play.clicked.connect(self._on_play_clicked)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("inner_steps.slider")
        self.slider.setAccessibleName("Inner step")
        self.slider.setToolTip("Inner step: how far the model is adapted to this task")
        self.slider.setRange(0, 0)
        self.label = QLabel(self)
        self.label.setProperty("role", "muted")
        self.label.setFont(theme.tabular(self.label.font()))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 2)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.play)
        self.play.setVisible(plays)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.slider.valueChanged.connect(self._on_slider_changed)
        theme.changes().changed.connect(self._show_icon)
        self._show_icon()
        self.hide()

    @property
    def step(self) -> int:
        """The inner step chosen."""
        return self.slider.value()

    def set_steps(self, steps: int, trained: int) -> None:
        """Say how many inner steps there are, and how many training takes."""
        if steps != self.slider.maximum() or trained != self._trained:
            self._trained = trained
            self.slider.setRange(0, steps)
            self.slider.setValue(trained)
        self.setVisible(True)

    def clear(self) -> None:
        """Go away: there is no task whose steps could be chosen."""
        self._timer.stop()
        self._show_icon()
        self.hide()

    def write(self, text: str) -> None:
        """Say something about the inner step chosen."""
        trained = " (training's K)" if self.step == self._trained else ""
        self.label.setText(f"inner step {self.step}{trained}: {text}")
        # Numbers come and go; the slider beside them keeps its width.
        self.label.setMinimumWidth(
            max(self.label.minimumWidth(), self.label.sizeHint().width())
        )

    def _on_slider_changed(self, _value: int) -> None:
        self.moved.emit()

    def _on_play_clicked(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
        else:
            if self.step == self.slider.maximum():
                self.slider.setValue(0)
            self._timer.start()
        self._show_icon()

    def _on_timer_timeout(self) -> None:
        self.slider.setValue(self.step + 1)
        if self.step == self.slider.maximum():
            self._timer.stop()
            self._show_icon()

    def _show_icon(self) -> None:
        playing = self._timer.isActive()
        self.play.setIcon(theme.icon("mdi6.pause" if playing else "mdi6.play"))
