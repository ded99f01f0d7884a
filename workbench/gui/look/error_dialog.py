"""An error: one clear sentence, its reason, and buttons to copy or to save both.

A reason of one line is read at once; longer details, such as a traceback, are folded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.files import write_atomically
from workbench.gui.look import theme
from workbench.gui.look.dialog_buttons import add_button, close_button
from workbench.gui.look.fold import Fold
from workbench.gui.look.save_file import ask_save_file

_FILTER = "Text (*.txt);;All files (*)"


class ErrorDialog(QDialog):
    """Shows an error without stopping anything else; delete it by closing it.

    With ``report``, which adds what helps to its text, it is one nobody foresaw: it
    says that one can go on, unless it ``is_past``, and can be saved to be reported.
    """

    def __init__(
        self,
        summary: str,
        details: str,
        parent: QWidget | None = None,
        report: Callable[[str], str] | None = None,
        *,
        is_past: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("error_dialog")
        self.setWindowTitle("Something went wrong")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._summary, self._details, self._report = summary, details, report
        self._box = self._buttons(is_past=is_past)
        self._saved = _text("", "error_dialog.saved")
        self._saved.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(2 * theme.SPACE,) * 4)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(self._head(summary))
        if details:
            is_line = "\n" not in details.strip()
            layout.addWidget((_reason if is_line else self._fold)(details))
        layout.addWidget(self._saved)
        layout.addWidget(self._box)

    @property
    def summary(self) -> str:
        """The sentence shown."""
        return self._summary

    def text(self) -> str:
        """Return what Copy copies."""
        return f"{self._summary}\n\n{self._details}".strip() + "\n"

    def offer(self, name: str, text: str, tip: str, act: Callable[[], object]) -> None:
        """Offer a way on, which closes this."""
        button = add_button(self._box, f"error_dialog.{name}", text, tip)
        button.clicked.connect(self.close)
        button.clicked.connect(act)

    def _head(self, summary: str) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(2 * theme.SPACE)
        sign = QLabel()
        icon = theme.icon("mdi6.alert-circle-outline", theme.colours().error)
        sign.setPixmap(icon.pixmap(32, 32))
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(_text(summary, "error_dialog.summary"), 1)
        return head

    def _fold(self, details: str) -> Fold:
        text = QPlainTextEdit(details)
        text.setObjectName("error_dialog.details")
        text.setAccessibleName("Details")
        text.setReadOnly(True)
        text.setFont(theme.monospace())
        text.setMinimumHeight(200)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        fold = Fold("Details", text, name="error_details", folded=True)
        fold.toggled.connect(self._on_fold_toggled)
        return fold

    def _buttons(self, *, is_past: bool) -> QDialogButtonBox:
        box = close_button(self)
        if self._report is not None:
            go_on = box.button(QDialogButtonBox.StandardButton.Close)
            go_on.setDefault(True)
            if not is_past:
                go_on.setText("Continue")
                go_on.setToolTip("Go on: the window lives on (Esc)")
            tip = "Write the message, its details, versions and the log to a file"
            save = add_button(box, "error_dialog.save", "Save report…", tip)
            save.clicked.connect(self._on_save_clicked)
        tip = "Copy the message and its details"
        copy = add_button(box, "error_dialog.copy", "Copy", tip)
        copy.clicked.connect(self._on_copy_clicked)
        return box

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _on_save_clicked(self) -> None:
        proposal = Path.home() / "few-shot-workbench-report.txt"
        path = ask_save_file(self, "Save report", proposal, _FILTER, ".txt")
        if path is None or self._report is None:
            return
        try:
            write_atomically(path, self._report(self.text()).encode())
        except OSError as error:
            self._say(f"Cannot write {path}: {error.strerror}.", "error")
        else:
            self._say(f"Saved {path}", "muted")

    def _say(self, text: str, role: str) -> None:
        self._saved.setText(text)
        theme.give_role(self._saved, role)
        self._saved.show()

    def _on_fold_toggled(self, _opened: bool) -> None:
        self.adjustSize()


def _reason(details: str) -> QLabel:
    return _text(details.strip(), "error_dialog.reason")


def _text(content: str, name: str) -> QLabel:
    label = QLabel(content)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
