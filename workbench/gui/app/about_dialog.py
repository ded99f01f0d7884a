"""About: what this is, which versions run, and a button to copy them."""

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

from workbench.gui.look import theme
from workbench.gui.look.dialog_buttons import add_button, close_button
from workbench.gui.look.screen import resize_within

_ICON = 64


class AboutDialog(QDialog):
    """Shows the text of system information it is given."""

    def __init__(self, information: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about_dialog")
        self.setWindowTitle("About")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        resize_within(self, 520, 420)
        self._information = information
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(2 * theme.SPACE,) * 4)
        layout.setSpacing(2 * theme.SPACE)
        title = QLabel(
            "<h3>Few-Shot Workbench</h3>Gradient-based meta-learning you can watch."
        )
        title.setWordWrap(True)
        icon = QLabel()
        icon.setPixmap(QGuiApplication.windowIcon().pixmap(_ICON, _ICON))
        head = QHBoxLayout()
        head.setSpacing(2 * theme.SPACE)
        head.addWidget(icon)
        head.addWidget(title, 1)
        layout.addLayout(head)
        text = QPlainTextEdit(information)
        text.setObjectName("about_dialog.information")
        text.setAccessibleName("System information")
        text.setReadOnly(True)
        text.setFont(theme.monospace())
        layout.addWidget(text)
        layout.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        box = close_button(self)
        copy = add_button(
            box,
            "about_dialog.copy",
            "Copy system information",
            "Copy the versions, for a report",
        )
        copy.clicked.connect(self._on_copy_clicked)
        return box

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._information)
