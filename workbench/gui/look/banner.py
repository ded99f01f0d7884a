"""A strip across a panel that says what went wrong and offers what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.gui.look import theme

_TOP = Qt.AlignmentFlag.AlignTop
_LEAST_TEXT = 360
"""The offers stand beside the sentence where that is left as much, or all it needs."""


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
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons: list[QPushButton] = []
        self._head, self._row = QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(self.label, 1)
        for row in (self._head, self._row):
            row.setSpacing(theme.SPACE)
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

    def show_offers(
        self, text: str, offers: Sequence[Offer] = (), role: str = "error"
    ) -> None:
        """Say ``text``, which looks as its role, and offer these things."""
        theme.give_role(self.label, role)
        for button in self._buttons:
            button.deleteLater()
        self.label.setText(text)
        dismiss = Offer("Dismiss", "Close this message")
        self._buttons = [
            self._button(offer, index) for index, offer in enumerate(offers)
        ]
        self._buttons.append(self._button(dismiss, -1))
        self._lay_out()
        self.show()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._lay_out()

    def _lay_out(self) -> None:
        """Put the buttons beside the sentence, the offers below it where it is narrow.

        Each line is one less for what the banner stands above.
        """
        if not self._buttons:
            return
        while self._head.count() > 1:
            self._head.takeAt(1)
        while self._row.count():
            self._row.takeAt(0)
        *offers, dismiss = self._buttons
        taken = sum(each.sizeHint().width() + theme.SPACE for each in self._buttons)
        needed = self.label.fontMetrics().horizontalAdvance(self.label.text())
        room = self.width() - 2 * theme.SPACE - taken
        is_wide = room >= min(needed, theme.enlarged(_LEAST_TEXT))
        for button in offers:
            if is_wide:
                self._head.addWidget(button, 0, _TOP)
            else:
                self._row.addWidget(button)
        if offers and not is_wide:
            self._row.addStretch(1)
        self._head.addWidget(dismiss, 0, _TOP)

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
