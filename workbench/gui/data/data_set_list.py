"""The table of data sets: what there is of each."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from typing_extensions import override

from workbench.core.pictures.datasets import DataReport, DataSet, DataState
from workbench.gui.look import theme

_COLUMNS = ("Data set", "State", "Classes", "Pictures", "Size", "Splits", "Licence")
_NAME, _STATE, _CLASSES, _PICTURES, _SIZE, _SPLITS, _LICENCE = range(len(_COLUMNS))
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_RIGHT_ALIGNED = (_CLASSES, _PICTURES, _SIZE)
_NAME_WIDTH = 168
_ICONS = {
    DataState.READY: "mdi6.check-circle-outline",
    DataState.PARTLY: "mdi6.circle-half-full",
    DataState.MISSING: "mdi6.circle-outline",
}


class Listed(NamedTuple):
    """A data set with what there is of it."""

    data_set: DataSet
    report: DataReport


class DataSetList(QTreeWidget):
    """Shows a line for each data set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listed: list[Listed] = []
        self.setObjectName("data_sets.list")
        self.setAccessibleName("Data sets")
        self.setHeaderLabels(_COLUMNS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAllColumnsShowFocus(True)
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        # Both are long, and are whole in their tooltips and below the list.
        for column in (_SPLITS, _LICENCE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(_NAME, _NAME_WIDTH)
        for column in _RIGHT_ALIGNED:
            self.headerItem().setTextAlignment(column, _RIGHT)
        theme.changes().changed.connect(self._paint_colours)

    @property
    def chosen(self) -> Listed | None:
        """The data set selected."""
        item = self.currentItem()
        index = self.indexOfTopLevelItem(item) if item is not None else -1
        return self.listed[index] if 0 <= index < len(self.listed) else None

    def show_listed(self, listed: list[Listed]) -> None:
        """Show these data sets and select the first, without a word of it."""
        self.listed = listed
        self.blockSignals(True)
        self.clear()
        for each in listed:
            self.addTopLevelItem(_item(each))
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)
        self.blockSignals(False)
        self._paint_colours()

    def choose(self, name: str) -> None:
        """Select a data set by its name, if it is listed."""
        for index, listed in enumerate(self.listed):
            item = self.topLevelItem(index)
            if listed.data_set.name == name and item is not None:
                self.setCurrentItem(item)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        item = self.currentItem()
        if item is not None:
            self.scrollToItem(item)

    def _paint_colours(self) -> None:
        shown = theme.colours()
        tones = {DataState.READY: shown.good, DataState.PARTLY: shown.warning}
        for index, listed in enumerate(self.listed):
            item = self.topLevelItem(index)
            if item is not None:
                state = listed.report.state
                tone = tones.get(state, shown.muted)
                item.setIcon(_STATE, theme.row_icon(_ICONS[state], tone))


def _item(listed: Listed) -> QTreeWidgetItem:
    data_set, report = listed
    splits = report.splits or data_set.splits
    item = QTreeWidgetItem(
        [
            data_set.title,
            str(report.state),
            f"{report.classes:,}" if report.classes else "",
            f"{report.pictures:,}" if report.pictures else "",
            report.size,
            "; ".join(splits),
            data_set.licence,
        ]
    )
    for column in _RIGHT_ALIGNED:
        item.setTextAlignment(column, _RIGHT)
    item.setToolTip(_SPLITS, "\n".join(splits))
    item.setToolTip(_LICENCE, data_set.licence)
    item.setToolTip(_NAME, report.message or data_set.imports)
    return item
