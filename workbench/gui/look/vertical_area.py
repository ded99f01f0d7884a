"""What is taller than its place, scrolled up and down."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class VerticalArea(QScrollArea):
    """Holds a widget as wide as itself, without a frame.

    It takes no focus: what is in it does.
    """

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Content a little wider is cut at its right end, not moved out at its left.
        self.horizontalScrollBar().valueChanged.connect(self._on_bar_value_changed)

    def _on_bar_value_changed(self, _value: int) -> None:
        self.horizontalScrollBar().setValue(0)
