"""The table of values: how good each is with the best of the rest, and on average."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QTableWidgetItem

from workbench.core.results.sweep_results import SweepResults, ValueLine
from workbench.gui.look.reading_table import ReadingTable
from workbench.gui.sweeps.wording import (
    listed,
    over_its_seeds,
    shown,
    titled,
    written,
)

_HEAD = {
    "Field": "The field swept",
    "Value": (
        "One of its values; the best of a field are bold, but none that diverged for "
        "a seed while another did not"
    ),
    "At its best": (
        "Mean and 95 % CI over seeds of the best combination that has this value"
    ),
    "On average": (
        "Mean of all runs with this value, whatever else differs, and 95 % CI over "
        "seeds"
    ),
    "Runs": "How many runs the average is of",
}
_FOLDER = Qt.ItemDataRole.UserRole


class ValuesTable(ReadingTable):
    """A line for each value of each field; the best of a field are bold.

    Signals:
        chosen(str): a line was clicked: the folder of the best run that has the value.
        opened(str): it was double-clicked.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__("sweeps.values", "How good each value is", len(_HEAD))
        for column, (text, tip) in enumerate(_HEAD.items()):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            self.setHorizontalHeaderItem(column, head)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.itemClicked.connect(self._on_item_clicked)
        self.itemActivated.connect(self._on_item_activated)

    def show_results(self, results: SweepResults) -> None:
        """Show what was found."""
        self.setRowCount(len(results.lines))
        before = None
        for row, line in enumerate(results.lines):
            field = titled(line.field) if line.field != before else ""
            self._show_line(row, line, field, results)
            before = line.field

    def _show_line(
        self, row: int, line: ValueLine, field: str, results: SweepResults
    ) -> None:
        best, average = line.best, line.average
        others = "" if best is None else listed(results.fields, best.values)
        folder = "" if best is None else best.together.rows[0].folder
        cells = (
            (field, line.field.name, False),
            (shown(line.field, line.value), "", line.is_best),
            (
                "" if best is None else written(best.score, results),
                "" if best is None else f"{others}\n{over_its_seeds(best)}",
                line.is_best,
            ),
            (written(average.mean, results), "", line.is_best_on_average),
            (average.words, "", False),
        )
        for column, (text, tip, is_bold) in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setToolTip(tip or text)
            item.setData(_FOLDER, folder)
            font = QFont(self.font())
            font.setBold(is_bold)
            item.setFont(font)
            self.setItem(row, column, item)

    def _on_item_clicked(self, item: QTableWidgetItem) -> None:
        if folder := item.data(_FOLDER):
            self.chosen.emit(folder)

    def _on_item_activated(self, item: QTableWidgetItem) -> None:
        if folder := item.data(_FOLDER):
            self.opened.emit(folder)
