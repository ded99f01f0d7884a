"""An error: one clear sentence, the details folded away, and a button to copy them."""

from __future__ import annotations

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

from workbench.gui import theme
from workbench.gui.widgets.dialog_buttons import add_button, close_button
from workbench.gui.widgets.fold import Fold


class ErrorDialog(QDialog):
    """Shows an error without stopping anything else; delete it by closing it."""

    def __init__(
        self, summary: str, details: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("error_dialog")
        self.setWindowTitle("Something went wrong")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._summary, self._details = summary, details
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(2 * theme.SPACE,) * 4)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(self._head(summary))
        if details:
            layout.addWidget(self._fold(details))
        layout.addWidget(self._buttons())

    @property
    def summary(self) -> str:
        """The sentence shown."""
        return self._summary

    def text(self) -> str:
        """Return what Copy copies."""
        return f"{self._summary}\n\n{self._details}".strip() + "\n"

    def _head(self, summary: str) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(2 * theme.SPACE)
        sign = QLabel()
        icon = theme.icon("mdi6.alert-circle-outline", theme.colours().error)
        sign.setPixmap(icon.pixmap(32, 32))
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        sentence = QLabel(summary)
        sentence.setObjectName("error_dialog.summary")
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setWordWrap(True)
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head.addWidget(sentence, 1)
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

    def _buttons(self) -> QDialogButtonBox:
        box = close_button(self)
        tip = "Copy the message and its details"
        copy = add_button(box, "error_dialog.copy", "Copy", tip)
        copy.clicked.connect(self._on_copy_clicked)
        return box

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _on_fold_toggled(self, _opened: bool) -> None:
        self.adjustSize()
