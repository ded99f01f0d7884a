"""Asks how many workers to submit to Slurm, and what each asks of it."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.settings import parse_slurm
from workbench.gui.look import preferences, theme
from workbench.gui.look.screen import resize_within

_MOST = 1000
_TOLD = (
    "Each is a job that takes the next run of the queue until nothing waits. One that "
    "is preempted or out of time writes a checkpoint, and is queued again."
)


class SubmitDialog(QDialog):
    """Says what is wrong with the settings while they are written."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("submit_dialog")
        self.setWindowTitle("Submit workers to Slurm")
        resize_within(self, 520, 220)
        self.workers = QSpinBox()
        self.workers.setObjectName("submit.workers")
        self.workers.setRange(1, _MOST)
        self.settings = QLineEdit(preferences.slurm())
        self.settings.setObjectName("submit.settings")
        self.settings.setPlaceholderText("partition=gpu,time=4:00:00,gpus_per_node=1")
        self.sentence = QLabel()
        self.sentence.setObjectName("submit.sentence")
        self.sentence.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Submit")
        form = QFormLayout()
        form.addRow("Workers", self.workers)
        form.addRow("Each asks for", self.settings)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addLayout(form)
        column.addWidget(self.sentence)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.settings.textChanged.connect(self._check)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(self._on_accepted)
        self._check()

    def _check(self) -> None:
        text, role = _TOLD, "muted"
        try:
            parse_slurm(self.settings.text())
        except ClusterError as error:
            text, role = str(error).removeprefix("--slurm: "), "error"
        self.sentence.setText(text)
        theme.give_role(self.sentence, role)
        self._ok.setEnabled(role != "error")

    def _on_accepted(self) -> None:
        preferences.remember_slurm(self.settings.text())
