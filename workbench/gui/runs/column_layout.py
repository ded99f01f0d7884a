"""Which columns the table has, where they stand and how it is sorted; it is kept."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Protocol

from PySide6.QtCore import QObject, QPoint, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTreeView

from workbench.core.config.sections import field_names
from workbench.gui.runs.arrangement import Order
from workbench.gui.runs.columns import COLUMNS, FIRST, Column

_KEPT = "runs/table"
_NARROWEST, _PADDING = 20, 36
_SortOrder = Qt.SortOrder


class _Place(NamedTuple):
    key: str
    width: int
    is_hidden: bool


class HasColumns(Protocol):
    """What is laid out: a model whose columns may become more, and how it is sorted."""

    columns: tuple[Column, ...]
    order: Order

    def at(self, key: str) -> int:
        """Return the number of a column; -1 if there is none."""

    def show_field(self, dotted: str) -> None:
        """Add a column of a field of the configuration."""

    def hide_field(self, dotted: str) -> None:
        """Take away the column of a field."""


class ColumnLayout(QObject):
    """Shows, hides, adds and remembers columns; ``menu`` lists them."""

    def __init__(self, table: QTreeView, model: HasColumns) -> None:
        super().__init__(table)
        self._table, self._model = table, model
        self._header = table.header()
        self.menu = QMenu("Columns", table)
        self.menu.setObjectName("runs.columns")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill_menu)
        self._choosing: QAction | None = None
        self._header.setStretchLastSection(False)
        self._header.setSectionsMovable(True)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.customContextMenuRequested.connect(self._on_menu_requested)
        self._restore()

    def offer(self, choosing: QAction) -> None:
        """Put an action that chooses fields at the end of the menu."""
        self._choosing = choosing

    def show(self, key: str) -> None:
        """Show a column: one there is from the start, or a field's."""
        model, at = self._model, self._model.at(key)
        if at < 0:
            model.show_field(key)
            at = model.at(key)
            # Where it is seen at once, not behind the last column.
            after = self._header.visualIndex(model.at("created"))
            self._header.moveSection(self._header.visualIndex(at), after + 1)
        self._table.setColumnHidden(at, False)
        if self._table.columnWidth(at) < _NARROWEST or key not in FIRST:
            self._table.setColumnWidth(at, self._width(at))

    def hide(self, key: str) -> None:
        """Hide a column; one of a field is taken away."""
        if self._model.order.column.key == key:
            self._sort_by("created", descending=True)
        if key in FIRST:
            self._table.setColumnHidden(self._model.at(key), True)
        else:
            self._model.hide_field(key)

    def is_shown(self, key: str) -> bool:
        """Return whether a column is to be seen."""
        at = self._model.at(key)
        return at >= 0 and not self._table.isColumnHidden(at)

    def remember(self) -> None:
        """Keep which columns there are, where, how wide, and the sorting."""
        header, columns = self._header, self._model.columns
        places = [
            (columns[at].key, header.sectionSize(at), header.isSectionHidden(at))
            for at in sorted(range(len(columns)), key=header.visualIndex)
        ]
        order = self._model.order
        kept = {
            "columns": places,
            "sort": order.column.key,
            "descending": order.descending,
        }
        QSettings().setValue(_KEPT, json.dumps(kept))

    def _restore(self) -> None:
        places, sort, descending = _read()
        for place in places:
            if place.key not in FIRST:
                self._model.show_field(place.key)
        for at, place in enumerate(places):
            section = self._model.at(place.key)
            self._header.moveSection(self._header.visualIndex(section), at)
            self._header.resizeSection(section, place.width or self._width(section))
            self._table.setColumnHidden(section, place.is_hidden)
        self._sort_by(sort, descending=descending)

    def _sort_by(self, key: str, *, descending: bool) -> None:
        order = _SortOrder.DescendingOrder if descending else _SortOrder.AscendingOrder
        self._header.setSortIndicator(max(self._model.at(key), 0), order)

    def _width(self, at: int) -> int:
        column = self._model.columns[at]
        words = self._header.fontMetrics().horizontalAdvance(column.title)
        return column.width or words + _PADDING

    def _fill_menu(self) -> None:
        self.menu.clear()
        for column in self._model.columns[1:]:
            action = QAction(column.title, self.menu)
            action.setObjectName(f"runs.column_{column.key}")
            action.setToolTip(column.tip)
            action.setCheckable(True)
            action.setChecked(self.is_shown(column.key))
            action.setData(column.key)
            action.toggled.connect(self._on_action_toggled)
            self.menu.addAction(action)
        if self._choosing is not None:
            self.menu.addSeparator()
            self.menu.addAction(self._choosing)

    def _on_action_toggled(self, shown: bool) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            (self.show if shown else self.hide)(action.data())

    def _on_menu_requested(self, position: QPoint) -> None:
        self.menu.popup(self._header.mapToGlobal(position))


def _read() -> tuple[list[_Place], str, bool]:
    """Return what was kept, with the columns that are new since; else the first."""
    first = [
        _Place(column.key, column.width, not column.is_shown) for column in COLUMNS
    ]
    try:
        kept: Any = json.loads(str(QSettings().value(_KEPT, "")))
        known = {*FIRST, *field_names()}
        places = [_Place(*each) for each in kept["columns"] if each[0] in known]
        sort, descending = str(kept["sort"]), bool(kept["descending"])
    except (ValueError, TypeError, KeyError, IndexError):
        return first, "created", True
    there = {place.key for place in places}
    places += [place for place in first if place.key not in there]
    return places, sort, descending
