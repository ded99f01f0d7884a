"""Asks how far a run that reached its end is to be trained further."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.forms.editors import NumberEditor
from workbench.gui.look import theme

_MOST = 10_000_000


class ContinueDialog(QDialog):
    """Offers twice as many meta-steps, and takes any number above those made."""

    def __init__(self, name: str, made: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("continue_dialog")
        self.setWindowTitle("Continue")
        self._made = made
        self.iterations: Any = min(2 * made, _MOST)
        told = QLabel(f"{name} made its {made:,} meta-steps. Train it on, to")
        told.setObjectName("continue.told")
        told.setWordWrap(True)
        self.editor = NumberEditor(whole=True)
        self.editor.control.setObjectName("continue.iterations")
        self.editor.control.setAccessibleName("Meta-steps in all")
        self.editor.set_range(made + 1, _MOST)
        self.editor.show_value(self.iterations)
        self.editor.edited.connect(self._on_editor_edited)
        self.limit = QLabel()
        self.limit.setObjectName("continue.limit")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Continue")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out(told)
        self._check()

    def _lay_out(self, told: QLabel) -> None:
        line = QHBoxLayout()
        line.addWidget(self.editor)
        line.addWidget(QLabel("meta-steps in all"))
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addWidget(told)
        column.addLayout(line)
        column.addWidget(self.limit)
        column.addWidget(self.buttons)
        self.setMinimumWidth(380)

    def _on_editor_edited(self, value: object, _typing: bool) -> None:
        self.iterations = value
        self._check()

    def _check(self) -> None:
        value = self.iterations
        fits = isinstance(value, int) and self._made < value <= _MOST
        self._ok.setEnabled(fits)
        self.editor.set_wrong(not fits)
        self.limit.setText(
            f"{value - self._made:,} more"
            if fits
            else f"A whole number, {self._made + 1:,} to {_MOST:,}"
        )
        theme.give_role(self.limit, "muted" if fits else "error")


def ask_iterations(name: str, made: int, parent: QWidget) -> int | None:
    """Return how many meta-steps a run is to have in all; None for no more."""
    dialog = ContinueDialog(name, made, parent)
    accepted = dialog.exec()
    dialog.deleteLater()
    return dialog.iterations if accepted else None
