"""A question before something is done: what speaks against it, and Cancel first."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QMessageBox, QWidget


class Question(NamedTuple):
    """What is asked: ``name`` finds the box, ``yes`` is on the button that goes on.

    ``or_else`` is on another one, where there are two ways to go on.
    """

    name: str
    title: str
    text: str
    yes: str
    more: str = ""
    or_else: str = ""

    def ask(self, host: QWidget) -> bool:
        """Return whether the person wants to go on; Return alone declines."""
        return bool(self.answer(host))

    def answer(self, host: QWidget) -> str:
        """Return what is on the button that the person took; empty for Cancel."""
        box = QMessageBox(host)
        box.setObjectName(self.name)
        box.setWindowTitle(self.title)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.text)
        box.setInformativeText(self.more)
        accepts = QMessageBox.ButtonRole.AcceptRole
        offered = [text for text in (self.yes, self.or_else) if text]
        buttons = [box.addButton(text, accepts) for text in offered]
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        taken = box.clickedButton()
        box.deleteLater()
        pairs = zip(buttons, offered, strict=True)
        return next((text for button, text in pairs if button is taken), "")
