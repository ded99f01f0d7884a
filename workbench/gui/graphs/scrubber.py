"""A slider through what was recorded during training."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from workbench.core.base import figures
from workbench.gui.look import theme


class Scrubber(QWidget):
    """Chooses one of several recordings; at the right end it stays with the latest.

    Signals:
        moved(): the person, or a new recording, changed ``index``.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[int, ...] = ()
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("scrubber.slider")
        self.slider.setAccessibleName("Scrub through training")
        self.slider.setToolTip("Scrub through training; at the right end: the latest")
        self.slider.setRange(0, 0)
        self.label = QLabel(self)
        self.label.setFont(theme.tabular(self.label.font()))
        self.label.setProperty("role", "muted")
        width = self.label.fontMetrics().horizontalAdvance("after 10,000,000 (latest)")
        self.label.setMinimumWidth(width)
        row = QHBoxLayout(self)
        row.setContentsMargins(56, 0, 8, 2)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        self.slider.valueChanged.connect(self._on_slider_changed)
        self.setVisible(False)

    @property
    def index(self) -> int:
        """Which recording is chosen."""
        return self.slider.value()

    @property
    def is_latest(self) -> bool:
        """Whether the latest recording is chosen."""
        return self.slider.value() >= self.slider.maximum()

    def set_steps(self, steps: Sequence[int]) -> None:
        """Say after which meta-steps there are recordings."""
        stays_latest = self.is_latest
        self._steps = tuple(steps)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(steps) - 1))
        if stays_latest:
            self.slider.setValue(self.slider.maximum())
        self.slider.blockSignals(False)
        self.setVisible(len(steps) > 1)
        self._write()

    def _write(self) -> None:
        latest = " (latest)" if self.is_latest else ""
        step = self._steps[self.index] if self._steps else None
        self.label.setText(
            "" if step is None else f"after {figures.step(step)}{latest}"
        )

    def _on_slider_changed(self, _value: int) -> None:
        self._write()
        self.moved.emit()
