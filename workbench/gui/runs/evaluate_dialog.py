"""Evaluates a run under settings of choice, and shows what was measured before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.evaluations import KeptEvaluation, list_evaluations
from workbench.core.run_config import RunConfig
from workbench.core.run_store import RunFolder
from workbench.gui import theme
from workbench.gui.runs.evaluate_thread import EvaluateThread, Request
from workbench.gui.runs.evaluations_table import EvaluationsTable
from workbench.gui.runs.words import score_text


class EvaluateDialog(QDialog):
    """Stays open beside the window; closing it cancels what is being evaluated.

    Signals:
        kept(KeptEvaluation): a new result is in the run's folder.
    """

    kept = Signal(object)

    def __init__(
        self,
        folder: RunFolder,
        config: RunConfig,
        data: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._config, self._data = folder, config, data
        self._thread: EvaluateThread | None = None
        self.setObjectName("evaluate_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Evaluate {folder.info().name}")
        self.resize(760, 560)
        self._is_image = config.task.problem == "classification"
        self.split = _combo("split", ["test", "validation", "train"])
        self.checkpoint = _combo("checkpoint", ["best", "latest"])
        evaluation = config.evaluation
        shots, queries = config.examples_per_class("test")
        self.tasks = _spin("tasks", evaluation.tasks, 2, 100_000)
        self.steps = _spin("steps", evaluation.steps, 1, 1000)
        self.ways = _spin("ways", getattr(config.task, "ways", 2), 2, 1000)
        self.shots = _spin("shots", shots, 1, 1000)
        self.queries = _spin("queries", queries, 1, 1000)
        self.seed = _spin("seed", 0, 0, 2**31 - 1)
        self.transductive = QCheckBox("All queries of a task together (transductive)")
        self.transductive.setObjectName("evaluate.transductive")
        self.transductive.setToolTip(
            "Together they share batch statistics; otherwise each query is classified "
            "alone beside the support set"
        )
        self.transductive.setChecked(evaluation.transductive)
        self.bar = QProgressBar()
        self.bar.setObjectName("evaluate.progress")
        self.bar.setFormat("%v of %m tasks")
        self.bar.setAccessibleName("Progress")
        self.message = QLabel("Each result is kept in the run's folder.")
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
        self.start.clicked.connect(self._on_start_clicked)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self._show_busy(False)
        self._say(self.message.text(), "muted")
        self.table.show_evaluations(list_evaluations(folder.path))

    def shut_down(self) -> None:
        """Cancel and wait."""
        if self._thread is not None:
            self._thread.cancel()
            self._thread.wait()

    @override
    def done(self, result: int) -> None:
        self.shut_down()
        super().done(result)

    def _lay_out(self) -> None:
        left, right = QFormLayout(), QFormLayout()
        for form in (left, right):
            form.setVerticalSpacing(theme.SPACE)
        left.addRow("Split", self.split)
        left.addRow("Tasks", self.tasks)
        left.addRow("Inner steps", self.steps)
        left.addRow("Seed of the tasks", self.seed)
        if self._is_image:
            right.addRow("Ways", self.ways)
            is_fixed = self._config.model.head != "shared"
            self.ways.setEnabled(not is_fixed)
            self.ways.setToolTip(
                "This model has a head row per class: it serves these ways only"
                if is_fixed
                else "Classes to tell apart"
            )
        right.addRow("Shots", self.shots)
        right.addRow("Queries", self.queries)
        right.addRow("Checkpoint", self.checkpoint)
        settings = QWidget()
        settings.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        forms = QHBoxLayout(settings)
        forms.setContentsMargins(0, 0, 0, 0)
        forms.setSpacing(3 * theme.SPACE)
        forms.addLayout(left, 1)
        forms.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.bar, 1)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addWidget(settings)
        if self._is_image:
            column.addWidget(self.transductive)
        column.addLayout(buttons)
        column.addWidget(self.message)
        column.addWidget(self.table, 1)

    # What happens.

    def _on_start_clicked(self) -> None:
        changes: dict[str, Any] = {
            "evaluation.tasks": self.tasks.value(),
            "evaluation.steps": self.steps.value(),
            "evaluation.shots": self.shots.value(),
            "evaluation.queries": self.queries.value(),
            "evaluation.transductive": self.transductive.isChecked(),
        }
        if self._is_image and self.ways.isEnabled():
            changes["task.ways"] = self.ways.value()
        request = Request(
            self._folder,
            self.checkpoint.currentText(),
            self.split.currentText(),  # type: ignore[arg-type]
            self.seed.value(),
            changes,
        )
        self._thread = EvaluateThread(request, self._data, self)
        self._thread.progressed.connect(self._on_thread_progressed)
        self._thread.kept.connect(self._on_thread_kept)
        self._thread.failed.connect(self._on_thread_failed)
        self._thread.finished.connect(self._on_thread_finished)
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
        self._say("Adapting to tasks…", "muted")

    def _on_thread_kept(self, kept: KeptEvaluation) -> None:
        self.table.show_evaluations(list_evaluations(self._folder.path))
        self._say(f"{score_text(kept)}, kept in the run's folder.", "")
        self.kept.emit(kept)

    def _on_thread_failed(self, message: str) -> None:
        self._say(message, "error")

    def _on_thread_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.deleteLater()
        if self.message.text().endswith("…"):
            self._say("Cancelled: nothing was kept.", "muted")
        self._show_busy(False)

    def _show_busy(self, busy: bool) -> None:
        self.start.setEnabled(not busy)
        self.cancel.setEnabled(busy)
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)

    def _say(self, text: str, role: str) -> None:
        self.message.setText(text)
        self.message.setProperty("role", role)
        self.message.style().polish(self.message)


def _spin(name: str, value: int, low: int, high: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setObjectName(f"evaluate.{name}")
    spin.setRange(low, high)
    spin.setValue(value)
    spin.setGroupSeparatorShown(True)
    spin.setMinimumHeight(theme.CONTROL_HEIGHT)
    return spin


def _combo(name: str, choices: list[str]) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(f"evaluate.{name}")
    combo.addItems(choices)
    combo.setMinimumHeight(theme.CONTROL_HEIGHT)
    return combo
