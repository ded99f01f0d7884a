"""A part of a form that can be folded away under its heading."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A heading with an arrow; its body is shown or not.

    Signals:
        toggled(bool): the person opened it (True) or folded it.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, *, name: str, folded: bool) -> None:
        super().__init__()
        self._body = body
        self._button = button = QToolButton()
        button.setObjectName(f"fold.{name}")
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(button)
        layout.addWidget(body)
        self.set_title(title)
        self.set_folded(folded)
        button.clicked.connect(self._on_button_clicked)

    @property
    def is_folded(self) -> bool:
        """Whether the body is hidden."""
        return self._body.isHidden()

    def set_title(self, title: str) -> None:
        """Name what is inside."""
        self._button.setText(title)
        self._button.setAccessibleName(title)
        self._button.setToolTip(f"Show or hide: {title.lower()}")

    def set_folded(self, folded: bool) -> None:
        """Show the body, or not."""
        arrow = Qt.ArrowType.RightArrow if folded else Qt.ArrowType.DownArrow
        self._button.setArrowType(arrow)
        self._body.setVisible(not folded)

    def _on_button_clicked(self) -> None:
        opened = self.is_folded
        self.set_folded(not opened)
        self.toggled.emit(opened)
