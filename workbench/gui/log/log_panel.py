"""The Log panel: what happened, line by line."""

from __future__ import annotations

import html
import logging
import time

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
)
from typing_extensions import override

from workbench.gui.look import theme
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session

_LINES = 5000
_LEVELS = {"All": logging.DEBUG, "Warnings": logging.WARNING, "Errors": logging.ERROR}


class LogPanel(Panel):
    """Shows the log of the workbench; the newest line stays in view."""

    title = "Log"
    order = 200
    place = "bottom"
    icon = "mdi6.text-box-outline"
    help = "What happened: runs, warnings, errors"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("log_panel")
        self._records: list[tuple[int, str]] = []
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("log.text")
        self.text.setAccessibleName("Log")
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(_LINES)
        self.text.setFont(theme.monospace())
        self.text.setPlaceholderText(
            "What happens is written here: runs, warnings, errors."
        )
        self.level = QComboBox(self)
        self.level.setObjectName("log.level")
        self.level.setAccessibleName("Which lines to show")
        self.level.setToolTip("Which lines to show")
        self.level.addItems(list(_LEVELS))
        self.level.currentTextChanged.connect(self._write_all)
        self._copy = self._button("copy", "Copy all lines", "mdi6.content-copy")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._clear = self._button("clear", "Clear", "mdi6.delete-outline")
        self._clear.clicked.connect(self._on_clear_clicked)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.level)
        row.addStretch(1)
        row.addWidget(self._copy)
        row.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 4, theme.SPACE, theme.SPACE)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.text, 1)
        self._handler = _Handler()
        self._handler.relay.written.connect(self.add)
        logging.getLogger("workbench").addHandler(self._handler)
        logging.getLogger("workbench").setLevel(logging.INFO)
        theme.changes().changed.connect(self._on_theme_changed)

    def add(self, level: int, line: str) -> None:
        """Add a line."""
        self._records = [*self._records[-_LINES + 1 :], (level, line)]
        if level >= _LEVELS[self.level.currentText()]:
            self._write(level, line)

    @override
    def shut_down(self) -> None:
        logging.getLogger("workbench").removeHandler(self._handler)

    def _write(self, level: int, line: str) -> None:
        shown = theme.colours()
        colour = shown.text
        if level >= logging.ERROR:
            colour = shown.error
        elif level >= logging.WARNING:
            colour = shown.warning
        bar = self.text.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        body = html.escape(line).replace("\n", "<br>")
        self.text.appendHtml(
            f'<span style="color:{colour};white-space:pre">{body}</span>'
        )
        if follows:
            self.text.moveCursor(QTextCursor.MoveOperation.End)
            self.text.moveCursor(QTextCursor.MoveOperation.StartOfLine)

    def _write_all(self) -> None:
        self.text.clear()
        lowest = _LEVELS[self.level.currentText()]
        for level, line in self._records:
            if level >= lowest:
                self._write(level, line)

    def _button(self, name: str, tip: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"log.{name}")
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.setProperty("icon_name", icon)
        button.setIcon(theme.icon(icon))
        return button

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _on_clear_clicked(self) -> None:
        self._records = []
        self.text.clear()

    def _on_theme_changed(self) -> None:
        for button in (self._copy, self._clear):
            button.setIcon(theme.icon(button.property("icon_name")))
        self._write_all()


class _Lines(QObject):
    """Carries lines from any thread to the window's.

    Signals:
        written(int, str): a level and a line.
    """

    written = Signal(int, str)


class _Handler(logging.Handler):
    """Passes log records on as lines with their time."""

    def __init__(self) -> None:
        super().__init__()
        self.relay = _Lines()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        self.relay.written.emit(record.levelno, f"{clock}  {record.getMessage()}")
