"""Buttons that look and do as an action says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from workbench.gui.shell.actions import Action


def tool_button(action: Action, *, with_text: bool = False) -> QToolButton:
    """Return a flat button for a bar: an action's icon, and perhaps its text."""
    button = QToolButton()
    button.setObjectName(f"{action.id}.button")
    button.setAccessibleName(action.plain_text)
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    if with_text:
        # Qt would leave an ellipsis out.
        action.setIconText(action.plain_text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


class ActionButton(QPushButton):
    """Mirrors an action: its text, its tooltip and whether it is enabled."""

    def __init__(self, action: Action, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._on_action_changed)
        self._on_action_changed()

    def _on_action_changed(self) -> None:
        self.setText(self._action.plain_text)
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
