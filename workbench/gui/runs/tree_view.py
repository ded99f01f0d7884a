"""The view of the table of runs: it keeps its place when the lines change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QSettings,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStyle,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)
from typing_extensions import override

from workbench.core.runs.row import RunRow
from workbench.gui.graphs.run_marks import SWATCH
from workbench.gui.runs.columns import COLUMNS, KEYS
from workbench.gui.runs.tree_model import RunTreeModel

_Select = QItemSelectionModel.SelectionFlag


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
        self._kept: tuple[list[str], list[str], int] = ([], [], 0)
        self.setObjectName("runs.table")
        self.setAccessibleName("Runs")
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setIconSize(SWATCH)
        self.setRootIsDecorated(False)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu_requested)
        header.setSortIndicator(KEYS.index("created"), Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.columns_menu = QMenu("Columns", self)
        self.columns_menu.setObjectName("runs.columns")
        self._fill_columns_menu()
        self._restore_columns()
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

    def chosen(self) -> list[RunRow]:
        """Return the runs to act upon: those selected.

        Where none is, the one in hand, which a filter may hide; else those checked.
        """
        return (
            self._rows(self.selected_folders())
            or self._rows([self.in_hand])
            or self._rows(self.runs.checked)
        )

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

    def remember_columns(self) -> None:
        """Keep which columns there are, how wide and in which order."""
        header = self.header()
        shown = [
            (KEYS[at], header.sectionSize(at), header.isSectionHidden(at))
            for at in sorted(range(len(KEYS)), key=header.visualIndex)
        ]
        QSettings().setValue("runs/columns", json.dumps(shown))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if not editing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif not editing and event.key() == Qt.Key.Key_Delete:
            self.trash_wanted.emit()
        else:
            super().keyPressEvent(event)

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

    def _fill_columns_menu(self) -> None:
        for at, column in enumerate(COLUMNS[1:], start=1):
            action = QAction(column.title, self.columns_menu)
            action.setObjectName(f"runs.column_{column.key}")
            action.setToolTip(column.tip)
            action.setCheckable(True)
            action.setData(at)
            action.toggled.connect(self._on_column_toggled)
            self.columns_menu.addAction(action)

    def _restore_columns(self) -> None:
        default = [(c.key, c.width, not c.is_shown) for c in COLUMNS]
        try:
            stored = json.loads(str(QSettings().value("runs/columns", "")))
            known = [tuple(item) for item in stored if item[0] in KEYS]
            there = {item[0] for item in known}
            layout = known + [item for item in default if item[0] not in there]
        except (ValueError, TypeError, IndexError):
            layout = default
        for place, (key, width, hidden) in enumerate(layout):
            at = KEYS.index(key)
            self.header().moveSection(self.header().visualIndex(at), place)
            self.header().resizeSection(at, width or COLUMNS[at].width)
            self.setColumnHidden(at, bool(hidden))
        for action in self.columns_menu.actions():
            action.setChecked(not self.isColumnHidden(action.data()))

    def _on_column_toggled(self, shown: bool) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            at = action.data()
            self.setColumnHidden(at, not shown)
            if shown and self.columnWidth(at) < 20:
                self.setColumnWidth(at, COLUMNS[at].width)

    def _on_header_menu_requested(self, position: object) -> None:
        self.columns_menu.popup(self.header().mapToGlobal(position))  # type: ignore[call-overload]

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
