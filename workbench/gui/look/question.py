"""A question before something is done: what speaks against it, and Cancel first."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QGridLayout, QMessageBox, QSpacerItem, QWidget

_ROOM_OF_TITLE = 420


class Question(NamedTuple):
    """What is asked: ``name`` finds the box, ``yes`` is on the button that goes on.

    ``or_else`` is on another one, where there are two ways to go on. Where it
    ``is_harmless``, Return goes on.
    """

    name: str
    title: str
    text: str
    yes: str
    more: str = ""
    or_else: str = ""
    is_harmless: bool = False

    def ask(self, host: QWidget) -> bool:
        """Return whether the person wants to go on; Return mostly declines."""
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
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(buttons[0] if self.is_harmless else cancel)
        layout = box.layout()
        if isinstance(layout, QGridLayout):  # it is as wide as its text, else
            rows, columns = layout.rowCount(), layout.columnCount()
            layout.addItem(QSpacerItem(_ROOM_OF_TITLE, 0), rows, 0, 1, columns)
        box.exec()
        taken = box.clickedButton()
        box.deleteLater()
        pairs = zip(buttons, offered, strict=True)
        return next((text for button, text in pairs if button is taken), "")
