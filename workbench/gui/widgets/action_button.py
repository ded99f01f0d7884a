"""A push button that looks and does as an action says."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget


class ActionButton(QPushButton):
    """Mirrors an action: its text, its tooltip and whether it is enabled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: QAction | None = None
        self.setEnabled(False)
        self.clicked.connect(self._on_clicked)

    def set_action(self, action: QAction) -> None:
        """Follow this action from now on."""
        self._action = action
        action.changed.connect(self._on_action_changed)
        self._on_action_changed()

    def _on_action_changed(self) -> None:
        action = self._action
        if action is not None:
            self.setText(action.text().replace("&", ""))
            self.setToolTip(action.toolTip())
            self.setEnabled(action.isEnabled())

    def _on_clicked(self) -> None:
        if self._action is not None:
            self._action.trigger()
