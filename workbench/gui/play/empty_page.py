"""What the Play tab says while there is no run that could play."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.config.presets import find_preset

PRESET = "navigation-quick"


class EmptyPage(QWidget):
    """Says what will be here, and offers the preset that makes it so.

    Signals:
        preset_wanted(str): the person wants to train this preset.
    """

    preset_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = find_preset(PRESET).title
        self.text = QLabel(
            "Here you choose a goal, and a policy finds out in a few updates how to "
            f"get there.\nNo run can do so yet: train the preset {title}, or any run "
            "that learns to navigate or to run."
        )
        self.text.setObjectName("play.empty.text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(f"Choose {title}")
        self.button.setObjectName("play.empty.choose")
        self.button.setToolTip("Fill the form with the preset; Start then trains it")
        self.button.clicked.connect(self._on_button_clicked)
        page = QVBoxLayout(self)
        page.addStretch(1)
        page.addWidget(self.text)
        page.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        page.addStretch(1)

    def _on_button_clicked(self) -> None:
        self.preset_wanted.emit(PRESET)
