"""Evaluates a run under settings of choice, and shows what was measured before."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.config.run_config import RunConfig
from workbench.core.results.score_text import measured_text
from workbench.core.runs.evaluations import KeptEvaluation, list_evaluations
from workbench.core.runs.store import RunFolder
from workbench.core.training.requested import Request, evaluated
from workbench.gui.look import theme
from workbench.gui.look.screen import resize_within
from workbench.gui.runs.evaluate_form import EvaluateForm
from workbench.gui.runs.evaluations_table import EvaluationsTable
from workbench.gui.shell.work_thread import WorkThread


class EvaluateDialog(QDialog):
    """Stays open beside the window; closing it cancels what is being evaluated.

    Signals:
        kept(KeptEvaluation): a new result is in the run's folder.
        ended(str, bool): how an evaluation that was not cancelled went, and if well.
    """

    kept = Signal(object)
    ended = Signal(str, bool)

    def __init__(
        self,
        folder: RunFolder,
        config: RunConfig,
        data: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._data = folder, data
        self._thread: WorkThread | None = None
        self.setObjectName("evaluate_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Evaluate {folder.info().name}")
        resize_within(self, 860, 560)
        self.form = EvaluateForm(config)
        self.bar = QProgressBar()
        self.bar.setObjectName("evaluate.progress")
        self.bar.setAccessibleName("Progress")
        self.message = QLabel()
        self.message.setObjectName("evaluate.message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.start = QPushButton("Evaluate")
        self.start.setObjectName("evaluate.start")
        self.start.setProperty("role", "primary")
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("evaluate.cancel")
        self.table = EvaluationsTable(self)
        self._lay_out()
        self.form.changed.connect(self._on_form_changed)
        self.start.clicked.connect(self._on_start_clicked)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self._show_busy(False)
        self._say("Each result is kept in the run's folder.", "muted")
        self.table.show_evaluations(list_evaluations(folder.path))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.bar, 1)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.form)
        column.addLayout(buttons)
        column.addWidget(self.message)
        column.addWidget(self.table, 1)

    # What happens.

    def _on_form_changed(self) -> None:
        self.start.setEnabled(self.form.choice is not None)

    def _on_start_clicked(self) -> None:
        choice = self.form.choice
        if choice is None:
            return
        request = Request(
            self._folder,
            choice.checkpoint,
            choice.split,
            choice.seed,
            dict(self.form.changes),
        )
        self._thread = WorkThread(partial(evaluated, request, self._data), self)
        self._thread.progressed.connect(self._on_thread_progressed)
        self._thread.done.connect(self._on_thread_kept)
        self._thread.failed.connect(self._on_thread_failed)
        self._thread.finished.connect(self._on_thread_finished)
        self.finished.connect(self._thread.shut_down)
        self.bar.setRange(0, 0)
        self._say("Loading…", "muted")
        self._show_busy(True)
        self._thread.start()

    def _on_cancel_clicked(self) -> None:
        if self._thread is not None:
            self._thread.cancel()
            self.cancel.setEnabled(False)
            self._say("Cancelling…", "muted")

    def _on_thread_progressed(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.setFormat(f"{done:,} of {total:,} tasks")
        self._say("Adapting to tasks…", "muted")

    def _on_thread_kept(self, kept: KeptEvaluation) -> None:
        self.table.show_evaluations(list_evaluations(self._folder.path))
        what = kept.measure.title()
        score = measured_text(kept.final, kept.tasks)
        self._say(f"{what} {score}, kept in the run's folder.", "")
        self.kept.emit(kept)
        self.ended.emit(f"evaluated: {what.lower()} {score}", True)

    def _on_thread_failed(self, message: str) -> None:
        self._say(message, "error")
        self.ended.emit(f"not evaluated: {message}", False)

    def _on_thread_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.deleteLater()
        if self.message.text().endswith("…"):
            self._say("Cancelled: nothing was kept.", "muted")
        self._show_busy(False)

    def _show_busy(self, busy: bool) -> None:
        self.form.setEnabled(not busy)
        self.start.setEnabled(not busy and self.form.choice is not None)
        self.cancel.setEnabled(busy)
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)

    def _say(self, text: str, role: str) -> None:
        self.message.setText(text)
        theme.give_role(self.message, role)
