"""A dialog that adds fields of the configuration to the table, found by words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.look import theme
from workbench.gui.look.screen import resize_within
from workbench.gui.runs.column_layout import ColumnLayout
from workbench.gui.runs.columns import COLUMNS
from workbench.gui.runs.fields import choosable_fields, field_help, titled

_KEY = Qt.ItemDataRole.UserRole
_Check = Qt.CheckState


class FieldChooser(QDialog):
    """Lists all columns there may be; one that is checked is in the table at once."""

    def __init__(self, layout: ColumnLayout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = layout
        self.setObjectName("field_chooser")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Columns")
        resize_within(self, 460, 480)
        self.search = QLineEdit()
        self.search.setObjectName("field_chooser.search")
        self.search.setAccessibleName("Search columns")
        self.search.setPlaceholderText("Words, like inner rate")
        self.search.setToolTip("Show the figures and fields with these words")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search_changed)
        self.list = QListWidget()
        self.list.setObjectName("field_chooser.list")
        self.list.setAccessibleName("Columns")
        self.list.setUniformItemSizes(True)
        for column in COLUMNS[1:]:
            self._add(column.key, column.title, column.tip)
        for dotted in choosable_fields():
            self._add(dotted, titled(dotted), f"{dotted}: {field_help(dotted)}")
        self.list.itemChanged.connect(self._on_list_item_changed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_box = QVBoxLayout(self)
        column_box.setSpacing(theme.SPACE)
        for widget in (self.search, self.list, buttons):
            column_box.addWidget(widget)

    def _add(self, key: str, title: str, tip: str) -> None:
        item = QListWidgetItem(title)
        item.setData(_KEY, key)
        item.setToolTip(tip)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        shown = self._layout.is_shown(key)
        item.setCheckState(_Check.Checked if shown else _Check.Unchecked)
        self.list.addItem(item)

    def _on_search_changed(self, text: str) -> None:
        words = text.casefold().split()
        for at in range(self.list.count()):
            item = self.list.item(at)
            where = f"{item.text()} {item.data(_KEY)}".casefold()
            item.setHidden(not all(word in where for word in words))

    def _on_list_item_changed(self, item: QListWidgetItem) -> None:
        shown = item.checkState() == _Check.Checked
        (self._layout.show if shown else self._layout.hide)(item.data(_KEY))
