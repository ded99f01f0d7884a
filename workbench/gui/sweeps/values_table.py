"""The table of values: how good each is with the best of the rest, and on average."""

from __future__ import annotations

from typing import NamedTuple

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


class _Cell(NamedTuple):
    """What a cell shows."""

    text: str
    tip: str = ""
    is_bold: bool = False


class _Line(NamedTuple):
    """What a line shows, and the folder of the run that it leads to."""

    folder: str
    cells: tuple[_Cell, ...]


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
        self._lines: list[_Line] = []
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
        lines, before = list[_Line](), None
        for line in results.lines:
            field = titled(line.field) if line.field != before else ""
            lines.append(_line_of(line, field, results))
            before = line.field
        with self.many_changes():
            self.setRowCount(len(lines))
            # Of many few are other than before.
            for row, now in enumerate(lines):
                if row >= len(self._lines) or now != self._lines[row]:
                    self._write(row, now)
        self._lines = lines

    def _write(self, row: int, line: _Line) -> None:
        for column, cell in enumerate(line.cells):
            item = QTableWidgetItem(cell.text)
            item.setToolTip(cell.tip or cell.text)
            item.setData(_FOLDER, line.folder)
            font = QFont(self.font())
            font.setBold(cell.is_bold)
            item.setFont(font)
            self.setItem(row, column, item)

    def _on_item_clicked(self, item: QTableWidgetItem) -> None:
        if folder := item.data(_FOLDER):
            self.chosen.emit(folder)

    def _on_item_activated(self, item: QTableWidgetItem) -> None:
        if folder := item.data(_FOLDER):
            self.opened.emit(folder)


def _line_of(line: ValueLine, field: str, results: SweepResults) -> _Line:
    best, average = line.best, line.average
    score = tip = folder = ""
    if best is not None:
        score = written(best.score, results)
        tip = f"{listed(results.fields, best.values)}\n{over_its_seeds(best)}"
        folder = best.together.rows[0].folder
    return _Line(
        folder,
        (
            _Cell(field, line.field.name),
            _Cell(shown(line.field, line.value), is_bold=line.is_best),
            _Cell(score, tip, line.is_best),
            _Cell(written(average.mean, results), is_bold=line.is_best_on_average),
            _Cell(average.words),
        ),
    )
