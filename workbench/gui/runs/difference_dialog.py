"""In what two runs differ, field by field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.config.sections import SECTION_TITLES
from workbench.core.config.worded import worded_text
from workbench.core.runs.row import RunRow, date, differences
from workbench.gui.look import theme
from workbench.gui.look.screen import resize_within
from workbench.gui.runs.fields import titled

_ABSENT = "–"
_WIDEST = 220


class DifferenceDialog(QDialog):
    """A table of the fields in which two configurations differ."""

    def __init__(
        self, first: RunRow, second: RunRow, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("difference_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Difference")
        resize_within(self, 720, 400)
        found = sorted(differences(first, second), key=_place)
        count = len(found)
        text = (
            "The two configurations are the same."
            if not found
            else f"The configurations differ in {count} field{'s' * (count > 1)}."
        )
        label = QLabel(text)
        label.setObjectName("difference.sentence")
        self.table = _table(first, second, found)
        self.table.setVisible(bool(found))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addWidget(label)
        column.addWidget(self.table, 1)
        if not found:
            column.addStretch(1)
        column.addWidget(buttons)


def _table(
    first: RunRow, second: RunRow, found: list[tuple[str, str | None, str | None]]
) -> QTableWidget:
    table = QTableWidget(len(found), 3)
    table.setObjectName("difference.table")
    table.setAccessibleName("Fields that differ")
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setHorizontalHeaderItem(0, QTableWidgetItem("Field"))
    for at, row in enumerate((first, second), start=1):
        table.setHorizontalHeaderItem(at, _head(row, table.fontMetrics()))
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setDefaultAlignment(
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    )
    # Qt would cut two lines as one.
    header.setTextElideMode(Qt.TextElideMode.ElideNone)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    for line, (dotted, *values) in enumerate(found):
        label = QTableWidgetItem(_title(dotted, first, second))
        label.setToolTip(dotted)
        table.setItem(line, 0, label)
        for at, value in enumerate(values, start=1):
            shown = _ABSENT if value is None else worded_text(dotted, value)
            item = QTableWidgetItem(shown)
            item.setToolTip(item.text())
            table.setItem(line, at, item)
    return table


def _head(row: RunRow, metrics: QFontMetrics) -> QTableWidgetItem:
    name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, _WIDEST)
    item = QTableWidgetItem("\n".join(filter(None, (name, date(row.created)))))
    item.setToolTip(f"{row.name}\n{row.folder}")
    return item


def _place(found: tuple[str, str | None, str | None]) -> tuple[int, bool]:
    """Return where a field stands: in the form's order, the kind before the rest."""
    section, _, name = found[0].partition(".")
    order = list(SECTION_TITLES)
    at = order.index(section) if section in order else len(order)
    return at, name != "kind"


def _title(dotted: str, *rows: RunRow) -> str:
    """Return what the form calls a field, in the kinds that these runs have."""
    section = dotted.partition(".")[0]
    own = (row for row in rows if row.field(dotted) is not None)
    kind = next((row.field(f"{section}.kind") or "" for row in own), "")
    return titled(dotted, kind)
