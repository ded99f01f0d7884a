"""The strip that shows how far a transfer is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from workbench.gui.data.transfer import Transfer
from workbench.gui.look import theme


class TransferProgress(QFrame):
    """What is being fetched or imported, how far it is, and Cancel.

    Signals:
        cancelled(): the person wants it to stop.
    """

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("data_sets.progress")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.text = QLabel()
        self.text.setObjectName("data_sets.stage")
        self.text.setFont(theme.tabular(self.text.font()))
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self.button = QPushButton("Cancel")
        self.button.setObjectName("data_sets.cancel")
        self.button.setToolTip("Stop; a download goes on where it stopped next time")
        self.button.clicked.connect(self._on_button_clicked)
        line = QHBoxLayout()
        line.addWidget(self.bar, 1)
        line.addWidget(self.button)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addLayout(line)
        self.hide()

    def begin(self, title: str, *, fetching: bool) -> None:
        """Show that a transfer begins."""
        verb = "Fetching" if fetching else "Importing"
        self.text.setText(f"{verb} {title}")
        self.bar.setRange(0, 0)
        self.button.setEnabled(True)
        self.show()

    def show_stage(self, transfer: Transfer) -> None:
        """Show how far it is."""
        stage = transfer.stage
        if not self.button.isEnabled() or not stage.what:
            return
        self.text.setText(f"{transfer.data_set.title}, {stage.text()}")
        self.bar.setRange(0, 1000 if stage.total else 0)
        if stage.total:
            self.bar.setValue(round(1000 * stage.done / stage.total))

    def _on_button_clicked(self) -> None:
        self.button.setEnabled(False)
        self.text.setText("Stopping")
        self.cancelled.emit()
