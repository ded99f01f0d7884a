"""The row of buttons below a dialog that only shows something."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton


def close_button(dialog: QDialog) -> QDialogButtonBox:
    """Return a row with Close; what else it holds can be added."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    button = box.button(QDialogButtonBox.StandardButton.Close)
    button.setObjectName(f"{dialog.objectName()}.close")
    button.setToolTip("Close (Esc)")
    box.rejected.connect(dialog.close)
    return box


def add_button(box: QDialogButtonBox, name: str, text: str, tip: str) -> QPushButton:
    """Add a button that does something without closing the dialog."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    return button
