"""A table of the evaluations kept in a run's folder."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QTableWidgetItem, QWidget

from workbench.core.results.score_text import measured_text
from workbench.core.runs.evaluations import KeptEvaluation
from workbench.core.runs.row import date
from workbench.gui.look.reading_table import ReadingTable

_HEAD = ("Score, 95 % CI", "Split", "Setting", "Tasks", "Steps", "Queries", "Date")


class EvaluationsTable(ReadingTable):
    """Shows the newest first; what else a result depends on is in its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("evaluations", "Evaluations", len(_HEAD), parent)
        self.setHorizontalHeaderLabels(list(_HEAD))
        self.setStyleSheet("QTableView::item { padding: 2px 8px; }")

    def show_evaluations(self, kept: Sequence[KeptEvaluation]) -> None:
        """Show these."""
        self.setRowCount(len(kept))
        for row, one in enumerate(reversed(kept)):
            cells = (
                measured_text(one.final, one.tasks),
                one.split,
                one.setting,
                f"{one.tasks:,}",
                str(one.steps),
                one.manner,
                date(one.made),
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(depends_on(one))
                self.setItem(row, column, item)


def depends_on(kept: KeptEvaluation) -> str:
    """Return all that a result depends on, line by line."""
    versions = ", ".join(f"{name} {number}" for name, number in kept.versions.items())
    return (
        f"checkpoint {kept.checkpoint}, after {kept.meta_step:,} meta-steps\n"
        f"seed {kept.seed}, {kept.queries} queries, norm {kept.norm}\n"
        f"split {kept.split_hash or 'without classes'}\n{kept.device}\n{versions}"
    )
