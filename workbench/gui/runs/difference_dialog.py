"""In what two runs differ, field by field."""

from __future__ import annotations

from PySide6.QtCore import Qt
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

from workbench.core.run_row import RunRow, differences
from workbench.gui import theme

_ABSENT = "–"


class DifferenceDialog(QDialog):
    """A table of the fields in which two configurations differ."""

    def __init__(
        self, first: RunRow, second: RunRow, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("difference_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Difference")
        self.resize(640, 400)
        found = differences(first, second)
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
    table.setHorizontalHeaderLabels(["Field", _title(first), _title(second)])
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    for line, values in enumerate(found):
        for at, value in enumerate(values):
            item = QTableWidgetItem(_ABSENT if value is None else value)
            item.setToolTip(item.text())
            table.setItem(line, at, item)
    return table


def _title(row: RunRow) -> str:
    return f"{row.name} ({row.created[:10]})" if row.created else row.name
