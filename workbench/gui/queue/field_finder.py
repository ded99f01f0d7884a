"""Finds a field of the configuration while its name is typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit
from typing_extensions import override


class FieldFinder(QLineEdit):
    """Finds a field of the configuration by a part of its name.

    Signals:
        chosen(str): the dotted name of a field.
    """

    chosen = Signal(str)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("sweep.field")
        self.setPlaceholderText("Type a part of its name, then Enter")
        self._found = QCompleter(QStringListModel(names, self), self)
        self._found.setFilterMode(Qt.MatchFlag.MatchContains)
        self._found.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._found.activated.connect(self.chosen)
        self.setCompleter(self._found)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        popup = self._found.popup()
        assert popup is not None
        if popup.isVisible() and popup.currentIndex().isValid():
            event.ignore()  # the completer takes it from here
            return
        self._found.setCompletionPrefix(self.text())
        first = self._found.currentCompletion() if self.text() else ""
        popup.hide()
        if first:
            self.chosen.emit(first)
