"""A line above the plots that says who trains what, where that is not plain."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel


class ElsewhereBar(QWidget):
    """Says which run trains meanwhile, and brings it back; or who trains the one shown.

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

    def show_names(self, shown: str, trained: str, by_whom: str = "") -> None:
        """Say what is shown, if anything, and what trains meanwhile, by whom."""
        looks = f"You look at {shown}. " if shown else ""
        self.label.show_text(f"{looks}{_trained(trained, by_whom)}.")
        self.back.setToolTip(f"Select {trained}, and watch it train")
        self.back.show()
        self.show()

    def show_shown(self, shown: str, by_whom: str) -> None:
        """Say who trains the run that is shown."""
        self.label.show_text(
            f"{_trained(shown, by_whom)}: watch it here, stop it there."
        )
        self.back.hide()
        self.show()


def _trained(name: str, by_whom: str) -> str:
    return " ".join(filter(None, [name, "is being trained", by_whom]))
