"""A question before something is done: what speaks against it, and Cancel first."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QMessageBox, QWidget


class Question(NamedTuple):
    """What is asked: ``name`` finds the box, ``yes`` is on the button that goes on."""

    name: str
    title: str
    text: str
    yes: str
    more: str = ""

    def ask(self, host: QWidget) -> bool:
        """Return whether the person wants to go on; Return alone declines."""
        box = QMessageBox(host)
        box.setObjectName(self.name)
        box.setWindowTitle(self.title)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.text)
        box.setInformativeText(self.more)
        yes = box.addButton(self.yes, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        agreed = box.clickedButton() is yes
        box.deleteLater()
        return agreed
