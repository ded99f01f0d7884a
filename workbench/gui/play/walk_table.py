"""How a run fared on an errand, update by update, as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem, QWidget

from workbench.gui.look.reading_table import ReadingTable
from workbench.gui.play.walk_columns import OF_WALKS, Column, columns_of

if TYPE_CHECKING:
    from workbench.core.episodes.walkers import Shown


class WalkTable(ReadingTable):
    """A line for each update; choosing one shows its walk.

    Signals:
        update_chosen(int): the walk after so many updates is to be shown.
    """

    update_chosen = Signal(int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        title = f"Returns of run {number + 1} by update"
        super().__init__(f"play.figures_{number + 1}", title, len(OF_WALKS), parent)
        self.setToolTip("Choose a line to see the walk after so many updates")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._name_columns(OF_WALKS)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        columns = self.horizontalHeader()
        columns.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        columns.setStretchLastSection(False)
        self.itemSelectionChanged.connect(self._on_item_selection_changed)

    def show_walks(self, walks: Shown | None) -> None:
        """Show these figures; none for no walks."""
        updates = () if walks is None else walks.updates
        columns = () if walks is None else columns_of(walks)
        with QSignalBlocker(self):
            self.setRowCount(len(updates))
            if columns:
                self._name_columns(columns)
            for row, done in enumerate(updates):
                for at, column in enumerate(columns):
                    self._put(row, at, column.told(row, done))

    def show_update(self, update: int) -> None:
        """Mark the update whose walk is shown."""
        with QSignalBlocker(self):
            self.selectRow(min(update, self.rowCount() - 1))

    def _name_columns(self, columns: Sequence[Column]) -> None:
        self.setColumnCount(len(columns))
        for number, column in enumerate(columns):
            header = self.horizontalHeaderItem(number) or QTableWidgetItem()
            header.setText(column.title)
            header.setToolTip(column.tip)
            self.setHorizontalHeaderItem(number, header)

    def _put(self, row: int, column: int, text: str) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            item.setTextAlignment(right)
            self.setItem(row, column, item)
        item.setText(text)

    def _on_item_selection_changed(self) -> None:
        rows = self.selectionModel().selectedRows()
        if rows:
            self.update_chosen.emit(rows[0].row())
