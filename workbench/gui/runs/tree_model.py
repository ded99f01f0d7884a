"""The model behind the table of runs: lines, groups, check boxes, edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from workbench.core.base.phrases import one_line
from workbench.core.runs.filter import Filter
from workbench.core.runs.names import told_apart
from workbench.core.runs.row import RunRow
from workbench.gui.graphs.run_marks import state_colour, state_icon, swatch
from workbench.gui.look import theme
from workbench.gui.runs.arrangement import Node, Order, arrange, in_order
from workbench.gui.runs.columns import COLUMNS, FIRST, Column, field_column

Index = QModelIndex
_Role = Qt.ItemDataRole
_NO_INDEX = QModelIndex()
MOST_CHECKED = 12
"""How many runs are shown beside each other."""
_FLAG = Qt.ItemFlag
_CHOSEN = _FLAG.ItemIsEnabled | _FLAG.ItemIsSelectable
_NONE = _FLAG.NoItemFlags
# Qt asks for the flags of every line when it lays them out: none is put together then.
_FLAGS = {
    (checked, edited, leaf): _CHOSEN
    | (_FLAG.ItemIsUserCheckable if checked else _NONE)
    | (_FLAG.ItemIsEditable if edited else _NONE)
    | (_FLAG.ItemNeverHasChildren if leaf else _NONE)
    for checked in (False, True)
    for edited in (False, True)
    for leaf in (False, True)
}


class RunTreeModel(QAbstractItemModel):
    """Every run by its folder's name, arranged as the person wants them.

    Signals:
        checked_changed(): ``checked`` is another set.
        edited(str, str, str): a run's folder, what of it, and the new text.
        rearranged(): lines came, went or moved.
        too_many(int): more runs were checked than this many.
    """

    checked_changed = Signal()
    edited = Signal(str, str, str)
    rearranged = Signal()
    too_many = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, RunRow] = {}
        self.checked: tuple[str, ...] = ()
        self.columns: tuple[Column, ...] = COLUMNS
        self.order = Order(FIRST["created"], descending=True, grouped=False)
        self.shown: dict[str, int] = {}
        self._live = ("", 0)
        self._nodes: list[Node] = []
        self._called: dict[str, str] = {}
        self._in_order: list[RunRow] | None = None
        self._numbers = theme.tabular(QApplication.font())

    # What the panel asks and says.

    def change(self, rows: Iterable[RunRow], removed: Iterable[str]) -> None:
        """Take in what the scanner found."""
        for row in rows:
            self.rows[row.folder] = row
        for folder in removed:
            self.rows.pop(folder, None)
        self._called = told_apart((row.folder, row.name) for row in self.rows.values())
        if gone := [folder for folder in self.checked if folder not in self.rows]:
            self._set_checked([f for f in self.checked if f not in gone])
        self._in_order = None
        self._arrange()

    def called(self, folder: str) -> str:
        """Return what a run is called in the table: unlike every other."""
        return self._called.get(folder) or self.rows[folder].name

    def set_filter(self, chosen: Filter) -> None:
        """Show only the runs that a filter accepts."""
        self.order = self.order._replace(filter=chosen, kept="")
        self._arrange()

    def keep(self, folder: str) -> None:
        """Show this run as well, whatever the filter is, until there is another one."""
        if folder != self.order.kept:
            self.order = self.order._replace(kept=folder)
            self._arrange()

    def set_grouped(self, grouped: bool) -> None:
        """Put runs that differ in nothing but the seed together, or not."""
        self.order = self.order._replace(grouped=grouped)
        self._in_order = None
        self._arrange()

    def set_shown(self, shown: Mapping[str, int]) -> None:
        """Say which runs are in the plots, and the number of each one's colour."""
        self.shown = dict(shown)
        self._tell_all_changed()

    def set_step(self, folder: str, step: int) -> None:
        """Say how far a run is that is watched: its folder says so later."""
        if (folder, step) != self._live:
            self._live = folder, step
            line, column = self.index_of(folder), self.at("steps")
            if line.isValid():
                index = line.siblingAtColumn(column)
                self.dataChanged.emit(index, index)

    def check_only(self, folders: Iterable[str]) -> None:
        """Check these runs, and no others."""
        self._set_checked([*folders])
        self._tell_all_changed()

    def show_field(self, dotted: str) -> None:
        """Add a column of a field of the configuration, the last one, if it is new."""
        if self.at(dotted) < 0:
            count = len(self.columns)
            self.beginInsertColumns(QModelIndex(), count, count)
            self.columns = (*self.columns, field_column(dotted))
            self.endInsertColumns()

    def hide_field(self, dotted: str) -> None:
        """Take away the column of a field."""
        at = self.at(dotted)
        if dotted not in FIRST and at >= 0:
            self.beginRemoveColumns(QModelIndex(), at, at)
            self.columns = self.columns[:at] + self.columns[at + 1 :]
            self.endRemoveColumns()

    def at(self, key: str) -> int:
        """Return the number of a column; -1 if there is none."""
        keys = [column.key for column in self.columns]
        return keys.index(key) if key in keys else -1

    def node(self, index: Index) -> Node | None:
        """Return the line at an index; a run inside a group is a line of its own."""
        if not index.isValid():
            return None
        if group := index.internalId():
            row = self._nodes[group - 1].children[index.row()]
            return Node(row.folder, row)
        return self._nodes[index.row()]

    def folders(self, index: Index) -> list[str]:
        """Return the folders that the line at an index stands for."""
        node = self.node(index)
        if node is None:
            return []
        return [row.folder for row in node.children] or [node.key]

    def index_of(self, key: str) -> Index:
        """Return the index of a line by its key; invalid if it is not there."""
        for at, node in enumerate(self._nodes):
            if node.key == key:
                return self.index(at, 0)
            for below, row in enumerate(node.children):
                if row.folder == key:
                    return self.index(below, 0, self.index(at, 0))
        return QModelIndex()

    def groups(self) -> list[Index]:
        """Return the indexes of the lines that stand for several runs."""
        return [
            self.index(at, 0) for at, node in enumerate(self._nodes) if node.is_group
        ]

    @property
    def count(self) -> int:
        """How many runs are shown."""
        return sum(len(node.children) or 1 for node in self._nodes)

    @property
    def listed(self) -> list[RunRow]:
        """The runs shown, from top to bottom."""
        return [row for node in self._nodes for row in node.children or (node.row,)]

    @property
    def keeps_one(self) -> bool:
        """Whether a run is shown that the filter does not accept."""
        kept = self.rows.get(self.order.kept)
        return kept is not None and not self.order.filter.accepts(kept)

    def refresh_theme(self) -> None:
        """Draw everything in the colours of the theme now shown."""
        self._tell_all_changed()

    # Qt's questions.

    @override
    def rowCount(self, parent: Any = _NO_INDEX) -> int:
        if not parent.isValid():
            return len(self._nodes)
        if parent.column() or parent.internalId() or parent.row() >= len(self._nodes):
            return 0
        return len(self._nodes[parent.row()].children)

    @override
    def columnCount(self, parent: Any = _NO_INDEX) -> int:
        return len(self.columns)

    @override
    def index(self, row: int, column: int, parent: Any = _NO_INDEX) -> Index:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        group = parent.row() + 1 if parent.isValid() else 0
        return self.createIndex(row, column, group)

    @override
    def parent(self, index: Any = _NO_INDEX) -> Any:
        group = index.internalId() if index.isValid() else 0
        return self.createIndex(group - 1, 0, 0) if group else QModelIndex()

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case _Role.DisplayRole:
                return column.title
            case _Role.ToolTipRole:
                return column.tip
            case _Role.TextAlignmentRole:
                return _alignment(column.is_number)
        return None

    @override
    def data(self, index: Any, role: int = _Role.DisplayRole) -> Any:
        node = self.node(index)
        if node is None:
            return None
        column = self.columns[index.column()]
        match role:
            case _Role.DisplayRole:
                return one_line(self._text(node, column))
            case _Role.EditRole:
                return _as_written(node.row, column.key)
            case _Role.TextAlignmentRole:
                return _alignment(column.is_number)
            case _Role.FontRole:
                return self._numbers if column.is_number else None
            case _Role.ToolTipRole:
                return self._tip(node, column)
            case _Role.CheckStateRole if column.key == "name" and node.row.is_run:
                return self._check_state(node)
            case _Role.DecorationRole:
                return self._picture(node, column.key)
            case _Role.ForegroundRole:
                return state_colour(node.row.state, column.key, node.row.is_run)
        return None

    @override
    def setData(self, index: Any, value: Any, role: int = _Role.EditRole) -> bool:
        node, key = self.node(index), self.columns[index.column()].key
        if node is None:
            return False
        if role == _Role.CheckStateRole:
            self._check(self.folders(index), Qt.CheckState(value))
            self._tell_all_changed()
            return True
        if role == _Role.EditRole and str(value) != _as_written(node.row, key):
            self.edited.emit(node.key, key, str(value))
            return True
        return False

    @override
    def flags(self, index: Any) -> Qt.ItemFlag:
        node = self.node(index)
        if node is None:
            return Qt.ItemFlag.NoItemFlags
        column, is_run = self.columns[index.column()], node.row.is_run
        is_edited = column.is_edited and is_run and not node.children
        return _FLAGS[column.key == "name" and is_run, is_edited, not node.children]

    @override
    def sort(
        self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder
    ) -> None:
        self.order = self.order._replace(
            column=self.columns[max(column, 0)],
            descending=order == Qt.SortOrder.DescendingOrder,
        )
        self._in_order = None
        self._arrange()

    # What is behind it.

    def _arrange(self) -> None:
        """Arrange anew; the view keeps selection, expansion and position."""
        if self._in_order is None:
            self._in_order = in_order(self.rows.values(), self.order)
        nodes = arrange(self._in_order, self.order)
        groups = [node for node in nodes if node.is_group]
        self._called |= told_apart((node.key, _name_of(node)) for node in groups)
        before = [_shape(node) for node in self._nodes]
        after = [_shape(node) for node in nodes]
        if before == after:
            self._nodes = nodes
            self._tell_all_changed()
        elif len(after) == len(before) + 1 and (at := _inserted_at(before, after)) >= 0:
            self.beginInsertRows(QModelIndex(), at, at)
            self._nodes = nodes
            self.endInsertRows()
            self._tell_all_changed()
        else:
            self.beginResetModel()
            self._nodes = nodes
            self.endResetModel()
        self.rearranged.emit()

    def _tell_all_changed(self) -> None:
        if not self._nodes:
            return
        last = len(self.columns) - 1
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._nodes) - 1, last))
        for at, node in enumerate(self._nodes):
            if node.children:
                above = self.index(at, 0)
                self.dataChanged.emit(
                    self.index(0, 0, above),
                    self.index(len(node.children) - 1, last, above),
                )

    def _check_state(self, node: Node) -> Qt.CheckState:
        folders = [row.folder for row in node.children] or [node.key]
        checked = sum(folder in self.checked for folder in folders)
        if checked == len(folders):
            return Qt.CheckState.Checked
        return Qt.CheckState.PartiallyChecked if checked else Qt.CheckState.Unchecked

    def _check(self, folders: list[str], state: Qt.CheckState) -> None:
        kept = [folder for folder in self.checked if folder not in folders]
        self._set_checked(
            kept if state == Qt.CheckState.Unchecked else [*kept, *folders]
        )

    def _set_checked(self, folders: list[str]) -> None:
        if len(folders) > MOST_CHECKED:
            self.too_many.emit(MOST_CHECKED)
            folders = folders[:MOST_CHECKED]
        if tuple(folders) != self.checked:
            self.checked = tuple(folders)
            self.checked_changed.emit()

    def _text(self, node: Node, column: Column) -> str:
        folder, step = self._live
        if node.key == folder and node.row.is_alive and step > node.row.step:
            node = node._replace(row=node.row._replace(step=step))
        is_name = column.key == "name"
        return (self._called.get(node.key) if is_name else None) or node.text(column)

    def _picture(self, node: Node, key: str) -> Any:
        if key == "state":
            return state_icon(node.row.state)
        if key == "name" and node.key in self.shown:
            return swatch(self.shown[node.key])
        return None

    def _tip(self, node: Node, column: Column) -> str:
        if not node.row.is_run:
            return f"{node.row.name}: {node.row.problem}"
        if column.key == "state" and node.row.message:
            return node.row.message
        text = self._text(node, column)
        return "\n".join(filter(None, (text, node.summed_up(column.key))))


def _name_of(group: Node) -> str:
    return group.text(FIRST["name"])


def _shape(node: Node) -> str | tuple[str, ...]:
    if not node.children:
        return node.key
    return (node.key, *(row.folder for row in node.children))


def _inserted_at(before: list[Any], after: list[Any]) -> int:
    """Return where one new line stands; -1 if more than that is different."""
    pairs = enumerate(zip(before, after, strict=False))
    at = next((place for place, (old, new) in pairs if old != new), len(before))
    return at if before[at:] == after[at + 1 :] else -1


def _as_written(row: RunRow, key: str) -> str:
    """Return what the person wrote, which is not all that may be shown in its place."""
    return {"name": row.name, "tags": row.tags, "notes": row.notes}.get(key, "")


def _alignment(is_number: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
