"""A dialog that finds one run among many, by words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.gui.episodes.run_list import AskableRun
from workbench.gui.look import theme
from workbench.gui.look.screen import resize_within

_PATH = Qt.ItemDataRole.UserRole


class _Found(QSortFilterProxyModel):
    """The runs that have every word in their title."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []

    def search(self, text: str) -> None:
        """Show the runs with these words."""
        self._words = text.casefold().split()
        self.invalidate()

    @override
    def filterAcceptsRow(self, row: int, parent: object) -> bool:
        title = str(self.sourceModel().index(row, 0).data()).casefold()
        return all(word in title for word in self._words)


class RunChooser(QDialog):
    """Lists the runs that fit, the newest first; ``chosen`` is the one selected."""

    def __init__(
        self, runs: Sequence[AskableRun], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("run_chooser")
        self.setWindowTitle("Choose a run")
        resize_within(self, 520, 420)
        self._items = _model_of(runs, self)
        self._found = _Found()
        self._found.setSourceModel(self._items)
        self._found.setParent(self)
        self.search = QLineEdit()
        self.search.setObjectName("run_chooser.search")
        self.search.setAccessibleName("Search runs")
        self.search.setPlaceholderText("Words of its name, or its date")
        self.search.setToolTip("Show the runs with these words in name or date")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search_changed)
        self.list = self._make_list()
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.addButton("Choose", QDialogButtonBox.ButtonRole.AcceptRole)
        self._ok.setObjectName("run_chooser.accept")
        self._ok.setToolTip("Ask this run about the episodes")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        for widget in (self.search, self.list, self._count, buttons):
            column.addWidget(widget)
        self._on_search_changed("")

    @property
    def chosen(self) -> Path | None:
        """The run selected."""
        path = self.list.currentIndex().data(_PATH)
        return None if path is None else Path(path)

    def _make_list(self) -> QListView:
        found = QListView()
        found.setObjectName("run_chooser.list")
        found.setAccessibleName("Runs that fit the configuration")
        found.setUniformItemSizes(True)
        found.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        found.setModel(self._found)
        found.doubleClicked.connect(self.accept)
        return found

    def _on_search_changed(self, text: str) -> None:
        self._found.search(text)
        count = self._found.rowCount()
        self._count.setText(f"{count:,} of {self._items.rowCount():,} runs")
        first = self._found.index(0, 0) if count else QModelIndex()
        self.list.setCurrentIndex(first)
        self._ok.setEnabled(bool(count))


def _model_of(runs: Sequence[AskableRun], parent: QDialog) -> QStandardItemModel:
    model = QStandardItemModel(parent)
    for run in runs:
        item = QStandardItem(run.title)
        item.setEditable(False)
        item.setToolTip(str(run.path))
        item.setData(str(run.path), _PATH)
        model.appendRow(item)
    return model
