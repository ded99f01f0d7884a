"""The grid of classes: a model over the table, and what paints a class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.phrases import counted
from workbench.gui.data.thumbnails import COLUMNS, ROWS, SIDE, Thumbnails
from workbench.gui.episodes.class_table import ClassTable
from workbench.gui.look import theme
from workbench.gui.look.colours import colours

_PAD = 6
_TEXT = 18
STRIP = QSize(COLUMNS * SIDE, ROWS * SIDE)
ITEM = QSize(STRIP.width() + 3 * _PAD, STRIP.height() + _TEXT + 3 * _PAD)
_AnyIndex = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole


class ClassModel(QAbstractListModel):
    """The classes that pass the filter, in the order of the table."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.table: ClassTable | None = None
        self.rows: list[int] = []
        self._places: dict[int, int] = {}
        self._thumbnails = thumbnails
        thumbnails.changed.connect(self._on_thumbnails_changed)

    def show_rows(self, table: ClassTable | None, rows: Sequence[int]) -> None:
        """Show these classes of a table."""
        self.beginResetModel()
        self.table, self.rows = table, list(rows)
        self._places = {row: place for place, row in enumerate(self.rows)}
        self.endResetModel()

    def index_of(self, row: int) -> QModelIndex:
        """Return where a class is; an invalid index if it is filtered out."""
        place = self._places.get(row)
        return QModelIndex() if place is None else self.index(place)

    @override
    def rowCount(self, parent: _AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    @override
    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        table = self.table
        if table is None or not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return table.names[row]
        if role == Qt.ItemDataRole.ToolTipRole:
            return describe(table, row)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.get(row)
        return None

    def _on_thumbnails_changed(self, rows: list[int]) -> None:
        for row in rows:
            index = self.index_of(row)
            if index.isValid():
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def describe(table: ClassTable, row: int) -> str:
    """Return what there is to say of a class."""
    split = table.splits[row] or "no split of the configuration"
    pictures = counted(table.count(row), "picture")
    return f"{table.names[row]}\n{pictures}, group {table.group(row)}, {split}"


class _ClassDelegate(QStyledItemDelegate):
    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        return ITEM

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex
    ) -> None:
        shown = theme.colours()
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        edge = shown.accent if selected else shown.muted if over else shown.line
        painter.setPen(QPen(QColor(edge), 2 if selected else 1))
        painter.setBrush(QColor(shown.surface))
        painter.drawRoundedRect(area, 3, 3)
        strip = QRect(area.left() + _PAD, area.top() + _PAD, *STRIP.toTuple())
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if pixmap is None:
            painter.fillRect(strip, colours().faint(QColor(shown.line), 0.5))
        else:
            painter.drawPixmap(strip, pixmap)
        text = QRect(strip.left(), strip.bottom() + 3, strip.width(), _TEXT)
        painter.setPen(QColor(shown.text))
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        mode = Qt.TextElideMode.ElideMiddle
        name = option.fontMetrics.elidedText(name, mode, text.width())
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, align, name)


class ClassGrid(QListView):
    """The grid itself.

    Signals:
        opened(int): the person clicked a class, by its row in the bank.
    """

    opened = Signal(int)

    def __init__(self, model: ClassModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classes.grid")
        self.setAccessibleName("Classes")
        self.setModel(model)
        self.setItemDelegate(_ClassDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setGridSize(ITEM)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ITEM.height() // 2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_clicked)

    def _on_clicked(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if row is not None:
            self.opened.emit(row)
