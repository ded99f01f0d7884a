"""The trajectories of an episode as a table: return, length, and other figures."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
)
from typing_extensions import override

from workbench.core.base.figures import told_return
from workbench.core.episodes.acted_episode import Acted
from workbench.gui.look import theme

_VALUE = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ALWAYS = ["No.", "Return", "Length"]
_YES_OR_NO = "success"
_TIPS = {
    "Return": "The sum of its rewards",
    "Length": "How many steps it went on for",
}


class _Row(QTreeWidgetItem):
    """A trajectory, sorted by numbers."""

    @override
    def __lt__(self, other: QTreeWidgetItem) -> bool:
        tree = self.treeWidget()
        column = tree.sortColumn() if tree is not None else 0
        return bool(self.data(column, _VALUE) < other.data(column, _VALUE))


class TrajectoryTable(QTreeWidget):
    """Lists trajectories, numbered from 1; one of them may be chosen.

    Signals:
        picked(int): the person chose a trajectory, counted from 0; -1 for none.
    """

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("episode.trajectories")
        self.setAccessibleName("Trajectories")
        self._names: Mapping[str, str] = {}
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFont(theme.tabular(self.font()))
        self.setMinimumHeight(64)
        self.setHeaderLabels(_ALWAYS)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(32)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.itemSelectionChanged.connect(self._on_selection_changed)

    def begin(self, names: Mapping[str, str]) -> None:
        """Have only the columns of any task; figures may have names in this one."""
        self._names = names
        self._name_columns(_ALWAYS)

    def show_acted(self, acted: Acted | None) -> None:
        """Show these trajectories, or none; none is chosen."""
        with QSignalBlocker(self):
            self.clear()
            if acted is None:
                return
            self._name_columns([*_ALWAYS, *map(self._title, acted.figures)])
            self.setSortingEnabled(False)
            for number in range(acted.number):
                self.addTopLevelItem(_row(acted, number))
            self.setSortingEnabled(True)

    def choose(self, number: int | None) -> None:
        """Choose a trajectory, or none."""
        with QSignalBlocker(self):
            self.clearSelection()
            for place in range(self.topLevelItemCount()):
                item = self.topLevelItem(place)
                if item is not None and item.data(0, _VALUE) == number:
                    self.setCurrentItem(item)
                    self.scrollToItem(item)

    def _title(self, figure: str) -> str:
        return self._names.get(figure, figure.replace("_", " ").capitalize())

    def _name_columns(self, names: list[str]) -> None:
        header = self.headerItem()
        if [header.text(at) for at in range(self.columnCount())] == names:
            return
        self.setColumnCount(len(names))
        self.setHeaderLabels(names)
        for at, name in enumerate(names):
            self.headerItem().setTextAlignment(at, _RIGHT)
            self.headerItem().setToolTip(at, _TIPS.get(name, ""))
            self.header().setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        first = QHeaderView.ResizeMode.ResizeToContents
        self.header().setSectionResizeMode(0, first)

    def _on_selection_changed(self) -> None:
        chosen = self.selectedItems()
        self.picked.emit(chosen[0].data(0, _VALUE) if chosen else -1)


def _row(acted: Acted, number: int) -> QTreeWidgetItem:
    worth, length = float(acted.returns[number]), float(acted.lengths[number])
    cells: list[tuple[float, str]] = [
        (number, str(number + 1)),
        (worth, told_return(worth)),
        (length, f"{length:.0f}"),
    ]
    for name, values in acted.figures.items():
        value = float(values[number])
        said = "yes" if value > 0 else "no"
        cells.append((value, said if name == _YES_OR_NO else f"{value:.2f}"))
    row = _Row()
    for at, (value, text) in enumerate(cells):
        row.setText(at, text)
        row.setData(at, _VALUE, value)
        row.setTextAlignment(at, _RIGHT)
    return row
