"""The view of the table of runs: it keeps its place when the lines change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)
from typing_extensions import override

from workbench.core.runs.row import RunRow
from workbench.gui.graphs.drawn_names import DrawnNames
from workbench.gui.graphs.run_marks import SWATCH
from workbench.gui.graphs.short_names import Shared
from workbench.gui.runs.column_layout import ColumnLayout
from workbench.gui.runs.tree_model import RunTreeModel

_Select = QItemSelectionModel.SelectionFlag
_SHARED_BY = 2
"""What so many runs have in their names is shortened, the commonest first."""


class RunTree(QTreeView):
    """Shows a ``RunTreeModel``; selection, expansion and position outlive a change.

    ``in_hand`` is the folder of the run that the session is about, if it is listed.

    Signals:
        opened(): Enter or a double click on a line.
        trash_wanted(): the Delete key.
    """

    opened = Signal()
    trash_wanted = Signal()

    def __init__(self, model: RunTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = model
        self.in_hand = ""
        self._held: list[str] | None = None
        self._kept: tuple[list[str], list[str], int] = ([], [], 0)
        self.setObjectName("runs.table")
        self.setAccessibleName("Runs")
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setIconSize(SWATCH)
        self.setRootIsDecorated(False)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        # By F2 alone: a click on the line selected is an easy slip.
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegateForColumn(0, _NameDelegate(self))
        self.setSortingEnabled(True)
        self.columns = ColumnLayout(self, model)
        model.modelAboutToBeReset.connect(self._on_model_about_to_be_reset)
        model.modelReset.connect(self._on_model_reset)
        self.doubleClicked.connect(self._on_double_clicked)

    def selected_folders(self) -> list[str]:
        """Return the folders of the selected lines, groups with all they hold."""
        indexes = self.selectionModel().selectedRows()
        found = [name for index in indexes for name in self.runs.folders(index)]
        return list(dict.fromkeys(found))

    def selected_runs(self) -> list[RunRow]:
        """Return the selected lines that are runs, groups with all they hold."""
        return [row for row in self._rows(self.selected_folders()) if row.is_run]

    def current_folder(self) -> str:
        """Return the folder of the line that the keyboard is at, if it is a run's."""
        node = self.runs.node(self.currentIndex())
        return "" if node is None else node.key

    def next_to(self, folders: Collection[str]) -> str:
        """Return the run below these, or else above, or else any; empty for none."""
        listed = self.runs.listed
        last = max(
            (at for at, row in enumerate(listed) if row.folder in folders), default=-1
        )
        near = [*listed[last + 1 :], *reversed(listed[: last + 1])]
        found = (row.folder for row in (*near, *self.runs.rows.values()) if row.is_run)
        return next((folder for folder in found if folder not in folders), "")

    def chosen(self) -> list[RunRow]:
        """Return the runs to act upon: those held, else those selected.

        Where none is, the one in hand, which a filter may hide; else those checked.
        """
        if self._held is not None:
            return self._rows(self._held)
        return (
            self._rows(self.selected_folders())
            or self._rows([self.in_hand])
            or self._rows(self.runs.checked)
        )

    def hold(self) -> None:
        """Let what is chosen now stay so, whatever is selected, until ``release``."""
        self._held = [row.folder for row in self.chosen()]

    def release(self) -> None:
        """Let the selection say again what is chosen."""
        self._held = None

    def select(self, keys: list[str]) -> None:
        """Select these lines, as far as they are there."""
        selection = self.selectionModel()
        selection.clearSelection()
        for key in keys:
            index = self.runs.index_of(key)
            if index.isValid():
                selection.select(index, _Select.Select | _Select.Rows)
                if key == keys[0]:
                    selection.setCurrentIndex(index, _Select.NoUpdate)

    def _rows(self, folders: Iterable[str]) -> list[RunRow]:
        found = (self.runs.rows.get(folder) for folder in folders)
        return [row for row in found if row is not None]

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if not editing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif not editing and event.key() == Qt.Key.Key_Delete:
            self.trash_wanted.emit()
        elif not editing and event.key() == Qt.Key.Key_F2:
            self._edit_current()
        else:
            super().keyPressEvent(event)

    def _edit_current(self) -> None:
        """Edit what the keyboard is at, or else the name of its run."""
        here = self.currentIndex()
        for index in (here, here.siblingAtColumn(0)):
            if index.flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(index)
                return

    @override
    def selectionCommand(
        self, index: Any, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        # A click on a check box is about that box: the run in hand stays.
        if isinstance(event, QMouseEvent) and self._is_on_box(index, event):
            return _Select.NoUpdate
        return super().selectionCommand(index, event)

    def _is_on_box(self, index: QModelIndex, event: QMouseEvent) -> bool:
        if not index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = self.visualRect(index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        box = self.style().subElementRect(
            QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, self
        )
        return box.contains(event.position().toPoint())

    def _on_double_clicked(self, index: object) -> None:
        node = self.runs.node(index)  # type: ignore[arg-type]
        if node is not None and node.is_group:
            self.setExpanded(index, not self.isExpanded(index))  # type: ignore[arg-type]
        elif node is not None:
            self.opened.emit()

    def _on_model_about_to_be_reset(self) -> None:
        nodes = [
            self.runs.node(index) for index in self.selectionModel().selectedRows()
        ]
        expanded = [
            node.key
            for index in self.runs.groups()
            if self.isExpanded(index) and (node := self.runs.node(index)) is not None
        ]
        selected = [node.key for node in nodes if node is not None]
        self._kept = (selected, expanded, self.verticalScrollBar().value())

    def _on_model_reset(self) -> None:
        selected, expanded, position = self._kept
        self.setRootIsDecorated(self.runs.order.grouped)
        for key in expanded:
            self.setExpanded(self.runs.index_of(key), True)
        self.select(selected)
        self.verticalScrollBar().setValue(position)


class _NameDelegate(QStyledItemDelegate):
    """Leaves out of a long name what other runs are called as well: the rest tells.

    Names that would look alike in view are cut once more, to where they differ.
    """

    def __init__(self, table: RunTree) -> None:
        super().__init__(table)
        self._table = table
        self._names = frozenset[str]()
        self._shared = Shared.of([], _SHARED_BY)
        self._is_stale = True
        self._drawn: tuple[object, DrawnNames] | None = None
        table.runs.rearranged.connect(self._on_runs_rearranged)

    @override
    def initStyleOption(self, option: QStyleOptionViewItem, index: Any) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle
        room, width = _room(option), option.fontMetrics.horizontalAdvance
        if 0 < room < width(option.text):
            option.text = self._names_drawn().cut(option.text, room)

    def _names_drawn(self) -> DrawnNames:
        """Return what was drawn since the runs, the column and the font are as now."""
        if self._is_stale:
            self._learn()
        table = self._table
        seen = table.font(), table.columnWidth(0)
        if self._drawn is None or self._drawn[0] != seen:
            letter = QFontMetricsF(table.font()).horizontalAdvance
            again = table.viewport().update
            self._drawn = seen, DrawnNames(letter, self._shared, again)
        return self._drawn[1]

    def _learn(self) -> None:
        """Take in what runs are called that came, went or have another name."""
        self._is_stale, before = False, self._names
        self._names = frozenset(map(self._table.runs.called, self._table.runs.rows))
        if before != self._names:
            self._shared.change(self._names - before, before - self._names)
            self._drawn = None

    def _on_runs_rearranged(self) -> None:
        self._is_stale = True


def _room(option: QStyleOptionViewItem) -> int:
    """Return how wide the text of a line may be; nothing where that is asked for."""
    if not option.rect.isValid():
        return 0
    style = option.widget.style()
    text = style.subElementRect(
        QStyle.SubElement.SE_ItemViewItemText, option, option.widget
    )
    margin = style.pixelMetric(
        QStyle.PixelMetric.PM_FocusFrameHMargin, option, option.widget
    )
    return text.width() - 2 * (margin + 1)
