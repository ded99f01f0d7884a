"""How a run fared on an errand, update by update, as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem, QWidget

from workbench.core.base.phrases import percent
from workbench.gui.look.reading_table import ReadingTable

if TYPE_CHECKING:
    from workbench.core.episodes.walks import Walk, Walks

_COLUMNS = ("Updates", "Return", "Distance", "At goal")
_TIPS = (
    "How often the policy was updated on what it had walked before",
    "Mean sum of rewards, minus the distance at every step, with its 95 % interval",
    "Mean distance from the goal where the trajectories end",
    "Trajectories that end at the goal, nearer than 0.01 along both axes",
)


class WalkTable(ReadingTable):
    """A line for each update; choosing one shows its walk.

    Signals:
        update_chosen(int): the walk after so many updates is to be shown.
    """

    update_chosen = Signal(int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        title = f"Returns of run {number + 1} by update"
        super().__init__(f"play.figures_{number + 1}", title, len(_COLUMNS), parent)
        self.setToolTip("Choose a line to see the walk after so many updates")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for column, (text, tip) in enumerate(zip(_COLUMNS, _TIPS, strict=True)):
            header = QTableWidgetItem(text)
            header.setToolTip(tip)
            self.setHorizontalHeaderItem(column, header)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        columns = self.horizontalHeader()
        columns.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        columns.setStretchLastSection(False)
        self.itemSelectionChanged.connect(self._on_item_selection_changed)

    def show_walks(self, walks: Walks | None) -> None:
        """Show these figures; none for no walks."""
        updates = () if walks is None else walks.updates
        with QSignalBlocker(self):
            self.setRowCount(len(updates))
            for row, walk in enumerate(updates):
                for column, text in enumerate(_told(row, walk)):
                    self._put(row, column, text)

    def show_update(self, update: int) -> None:
        """Mark the update whose walk is shown."""
        with QSignalBlocker(self):
            self.selectRow(min(update, self.rowCount() - 1))

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


def told_return(walk: Walk) -> str:
    """Return a walk's mean return with its interval."""
    return f"{_signed(walk.mean_return)} ± {walk.return_ci95:.1f}"


def _told(update: int, walk: Walk) -> tuple[str, ...]:
    met = percent(walk.success)
    return str(update), told_return(walk), f"{walk.distance:.2f}", met


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "\N{MINUS SIGN}")
