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

from workbench.core.config.sections import SECTION_TITLES, kinds, section_models
from workbench.core.runs.row import RunRow, date, differences
from workbench.gui.forms.editors import format_number, parse_number
from workbench.gui.look import theme

_ABSENT = "–"
_WORDS = {"true": "yes", "false": "no", "None": "none"}
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
        self.resize(720, 400)
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
        label = QTableWidgetItem(_label(dotted, first, second))
        label.setToolTip(dotted)
        table.setItem(line, 0, label)
        for at, value in enumerate(values, start=1):
            item = QTableWidgetItem(_shown(dotted, value))
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


def _label(dotted: str, *rows: RunRow) -> str:
    """Return what the form calls a field, in the kinds that these runs have."""
    section, _, name = dotted.partition(".")
    title = SECTION_TITLES.get(section, section)
    if name == "kind":
        return title
    for row in rows:
        kind = row.field(f"{section}.kind") or ""
        settings = kinds(section).get(kind) or next(iter(section_models(section)), None)
        field = None if settings is None else settings.model_fields.get(name)
        if field is not None:
            return f"{title}: {(field.title or name).lower()}"
    return dotted


def _shown(dotted: str, value: str | None) -> str:
    """Return a value as the form shows it."""
    if value is None:
        return _ABSENT
    section, _, name = dotted.partition(".")
    if name == "kind":
        return str(getattr(kinds(section).get(value), "title", value))
    parts = value.split(",")
    numbers = [parse_number(part) for part in parts]
    if None not in numbers:
        return ", ".join(map(format_number, numbers))
    return _WORDS.get(value, value)
