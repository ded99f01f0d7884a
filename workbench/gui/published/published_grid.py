"""The tables of published figures: learners down, settings across."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.results.results_table import TableCell
from workbench.core.results.table_text import by_table
from workbench.gui.look import theme

_INTRO = (
    "Each cell: the published figure, and below it what was measured here. "
    "* read in a summary of the paper only."
)
_NOTHING = "not measured"
_CELL = Qt.ItemDataRole.UserRole
_FIRST, _OTHERS = 190, 120


class PublishedGrid(QWidget):
    """A table for each data set; a cell is the published figure above the measured.

    Signals:
        chosen(TableCell | None): the person chose another figure.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.intro = QLabel(_INTRO)
        self.intro.setObjectName("published.intro")
        self.intro.setProperty("role", "muted")
        self.intro.setWordWrap(True)
        self.intro.setContentsMargins(*(2 * theme.SPACE,) * 3, 0)
        self._scroller = QScrollArea()
        self._scroller.setObjectName("published.grid")
        self._scroller.setAccessibleName("Published and measured figures")
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tables: list[QTableWidget] = []
        self._cells: Sequence[TableCell] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.intro)
        column.addWidget(self._scroller, 1)

    def show_cells(self, cells: Sequence[TableCell]) -> None:
        """Show these figures."""
        self._cells = cells
        bars = (
            self._scroller.verticalScrollBar(),
            self._scroller.horizontalScrollBar(),
        )
        places = [bar.value() for bar in bars]
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(2 * theme.SPACE, 0, 2 * theme.SPACE, 2 * theme.SPACE)
        column.setSpacing(theme.SPACE)
        self.tables = []
        for title, chosen in by_table(cells):
            heading = QLabel(title)
            heading.setProperty("role", "heading")
            column.addSpacing(theme.SPACE)
            column.addWidget(heading)
            table = self._table(title, chosen)
            self.tables.append(table)
            column.addWidget(table)
        column.addStretch(1)
        self._scroller.setWidget(page)
        for bar, place in zip(bars, places, strict=True):
            bar.setValue(place)

    def repaint_cells(self) -> None:
        """Draw everything in the colours of the theme now shown."""
        if self._cells:
            self.show_cells(self._cells)

    def _table(self, title: str, cells: Sequence[TableCell]) -> QTableWidget:
        settings = list(dict.fromkeys(cell.figure.setting for cell in cells))
        learners = list(dict.fromkeys(cell.figure.learner for cell in cells))
        table = QTableWidget(len(learners), len(settings))
        table.setObjectName("published.table")
        table.setAccessibleName(title)
        table.setHorizontalHeaderLabels(settings)
        table.setVerticalHeaderLabels(learners)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setFont(theme.tabular(table.font()))
        for cell in cells:
            row = learners.index(cell.figure.learner)
            table.setItem(row, settings.index(cell.figure.setting), _item(cell))
        _lay_out(table)
        table.currentItemChanged.connect(self._on_current_item_changed)
        return table

    def _on_current_item_changed(
        self, item: QTableWidgetItem | None, _before: QTableWidgetItem | None
    ) -> None:
        if item is None:
            return
        for table in self.tables:
            if table is not item.tableWidget():
                table.blockSignals(True)
                table.setCurrentIndex(QModelIndex())
                table.blockSignals(False)
        self.chosen.emit(item.data(_CELL))


def _item(cell: TableCell) -> QTableWidgetItem:
    figure, measured = cell.figure, cell.measured_text()
    mark = "*" if figure.from_summary else ""
    item = QTableWidgetItem(f"{figure.text}{mark}\n{measured or _NOTHING}")
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    item.setData(_CELL, cell)
    if measured:
        font = QFont(item.font())
        font.setBold(True)
        item.setFont(theme.tabular(font))
        item.setToolTip("\n".join((cell.behind(), *cell.differences)))
    else:
        item.setForeground(QColor(theme.colours().muted))
        item.setToolTip("Nothing is measured here yet")
    return item


def _lay_out(table: QTableWidget) -> None:
    across, down = table.horizontalHeader(), table.verticalHeader()
    across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    across.setDefaultSectionSize(theme.enlarged(_OTHERS))
    down.setFixedWidth(theme.enlarged(_FIRST))
    down.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    down.setDefaultSectionSize(2 * table.fontMetrics().height() + 12)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    height = across.sizeHint().height() + down.length() + 2
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setFixedSize(down.width() + across.length() + 2, height)
