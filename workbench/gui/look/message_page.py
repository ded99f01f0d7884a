"""What a page says while it has nothing to show, and the one thing to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

_BAR_WIDTH = 240


class MessagePage(QWidget):
    """A message in the middle and, where data are missing, a button.

    Signals:
        data_wanted(): the person wants to see the data sets.
    """

    data_wanted = Signal()

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        self._label = QLabel(text)
        self._label.setObjectName(f"{name}.message")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setWordWrap(True)
        self._label.setProperty("role", "muted")
        self._label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._label.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self.button = QPushButton("Show data sets")
        self.button.setObjectName(f"{name}.show_data_sets")
        self.button.setToolTip("Fetch or import what is missing")
        self.button.clicked.connect(self.data_wanted)
        self.button.hide()
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}.waiting")
        self.bar.setAccessibleName("Please wait")
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_BAR_WIDTH)
        self.bar.hide()
        page = QVBoxLayout(self)
        page.addStretch(1)
        page.addWidget(self._label)
        page.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        page.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        page.addStretch(1)

    def text(self) -> str:
        """Return what it says."""
        return self._label.text()

    def wait(self, text: str) -> None:
        """Say what is waited for, with a bar that moves."""
        self.say(text)
        self.bar.show()

    def say(self, text: str, *, about_data: bool = False) -> None:
        """Say something; ``about_data`` offers to show the data sets."""
        self._label.setText(text)
        self.bar.hide()
        self.button.setVisible(about_data)
