"""A row of buttons, of which some leave out their text where there is little room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget
from typing_extensions import override

from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.actions import Action

_GAP = 4
_WORDED = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_ICON_ONLY = Qt.ToolButtonStyle.ToolButtonIconOnly


class ToolRow(QWidget):
    """Shows actions side by side, from left to right."""

    def __init__(self) -> None:
        super().__init__()
        self._with_text: list[QToolButton] = []
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(_GAP)
        self._line.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)

    def add(self, *actions: Action, with_text: bool = False) -> None:
        """Add a button for each, with its text where there is room."""
        for action in actions:
            button = tool_button(action, with_text=with_text)
            self._line.addWidget(button)
            if with_text:
                self._with_text.append(button)

    def add_space(self, width: int) -> None:
        """Leave room before what is added next."""
        self._line.addSpacing(width)

    def add_widget(self, widget: QWidget) -> None:
        """Add what is no button."""
        self._line.addWidget(widget)

    @override
    def sizeHint(self) -> QSize:
        size = self._line.totalSizeHint()
        hidden = (b for b in self._with_text if b.toolButtonStyle() == _ICON_ONLY)
        return size + QSize(sum(map(_text_width, hidden)), 0)

    @override
    def minimumSizeHint(self) -> QSize:
        text = sum(map(_text_width, self._with_text))
        return self.sizeHint() - QSize(text, 0)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        has_room = self.width() >= self.sizeHint().width()
        for button in self._with_text:
            button.setToolButtonStyle(_WORDED if has_room else _ICON_ONLY)


def _text_width(button: QToolButton) -> int:
    """Return how much wider its text makes a button, as Qt lays it out."""
    words = button.defaultAction().iconText()
    metrics = button.fontMetrics()
    return metrics.horizontalAdvance(words) + metrics.horizontalAdvance(" ") * 2 + 4
