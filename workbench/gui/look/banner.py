"""A strip across a panel that says what went wrong and offers what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.look import theme


class Offer(NamedTuple):
    """Something the person may choose: what is on the button, and its tooltip."""

    text: str
    tip: str


class Banner(QFrame):
    """A sentence, and a button for each thing that can be done about it.

    Signals:
        chosen(int): the person took the offer with this index.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setProperty("role", "error")
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SPACE)
        self._buttons: list[QPushButton] = []
        self._head = QHBoxLayout()
        self._head.addWidget(self.label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 4, theme.SPACE, 4)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addLayout(self._row)
        self.hide()

    @property
    def buttons(self) -> list[QPushButton]:
        """The buttons, in the order of the offers; the last one closes the banner."""
        return self._buttons

    def show_offers(self, text: str, offers: Sequence[Offer] = ()) -> None:
        """Say ``text`` and offer these things."""
        for button in self._buttons:
            button.deleteLater()
        while self._row.takeAt(0) is not None:
            pass
        self.label.setText(text)
        dismiss = Offer("Dismiss", "Close this message")
        self._buttons = [
            self._button(offer, index) for index, offer in enumerate(offers)
        ]
        for button in self._buttons:
            self._row.addWidget(button)
        if offers:
            self._row.addStretch(1)
        self._buttons.append(self._button(dismiss, -1))
        # Beside the sentence: a message without offers is one line high.
        self._head.addWidget(self._buttons[-1], 0, Qt.AlignmentFlag.AlignTop)
        self.show()

    def _button(self, offer: Offer, index: int) -> QPushButton:
        button = QPushButton(offer.text, self)
        button.setObjectName(
            f"banner.offer_{index}" if index >= 0 else "banner.dismiss"
        )
        button.setToolTip(offer.tip)
        button.setAccessibleDescription(offer.tip)
        button.setProperty("index", index)
        button.clicked.connect(self._on_button_clicked)
        return button

    def _on_button_clicked(self) -> None:
        index = self.sender().property("index")
        self.hide()
        if index >= 0:
            self.chosen.emit(index)
