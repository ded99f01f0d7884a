"""A line above the plots while another run is shown than the one that trains here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel


class ElsewhereBar(QWidget):
    """Says which run trains meanwhile, and brings it back.

    Signals:
        back_wanted(): show the run that trains.
    """

    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("elsewhere")
        self.label = ElidedLabel()
        self.label.setProperty("role", "muted")
        self.back = QPushButton("Show it", self)
        self.back.setObjectName("elsewhere.back")
        self.back.setToolTip("Select the run that trains")
        self.back.clicked.connect(self.back_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE // 2)
        row.addWidget(self.label, 1)
        row.addWidget(self.back)
        self.hide()

    def show_names(self, shown: str, trained: str) -> None:
        """Say what is shown, and what trains meanwhile."""
        self.label.show_text(f"You look at {shown}. {trained} is being trained.")
        self.back.setToolTip(f"Select {trained}, and watch it train")
        self.show()
