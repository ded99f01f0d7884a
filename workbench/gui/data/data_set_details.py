"""What there is to know about the data set chosen in the list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QWidget

from workbench.core.pictures.datasets import DataReport, DataSet
from workbench.gui.look import theme

_FIELDS = {
    "message": "Note",
    "folder": "Folder",
    "classes": "Classes",
    "splits": "Splits",
    "imports": "Import",
    "licence": "Licence",
    "left_out": "Left out",
}
_MOST_LEFT_OUT = 200


class DataSetDetails(QScrollArea):
    """Shows note, folder, splits, licence and the files that were left out."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("data_sets.details")
        self.setAccessibleName("About the data set")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        body = QWidget()
        self._form = QFormLayout(body)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(2 * theme.SPACE)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.texts: dict[str, QLabel] = {}
        for name, title in _FIELDS.items():
            heading, text = QLabel(title), QLabel()
            heading.setProperty("role", "muted")
            text.setObjectName(f"data_sets.{name}")
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            self._form.addRow(heading, text)
            self.texts[name] = text
        self.setWidget(body)

    def show_data_set(self, data_set: DataSet, report: DataReport) -> None:
        """Show a data set and what there is of it."""
        left = list(report.left_out[:_MOST_LEFT_OUT])
        more = len(report.left_out) - len(left)
        if more:
            left.append(f"and {more:,} more")
        shown = {
            "message": report.message,
            "folder": str(report.folder or ""),
            "classes": classes_text(report),
            "splits": "\n".join(report.splits or data_set.splits),
            "imports": "" if report.message == data_set.imports else data_set.imports,
            "licence": data_set.licence,
            "left_out": "\n".join(left),
        }
        for row, name in enumerate(_FIELDS):
            self.texts[name].setText(shown[name])
            self._form.setRowVisible(row, bool(shown[name]))


def classes_text(report: DataReport) -> str:
    """Return how many classes, groups and pictures there are; empty for none."""
    if not report.classes:
        return ""
    groups = f" in {report.groups:,} groups" if report.groups > 1 else ""
    return f"{report.classes:,} classes{groups}, {report.pictures:,} pictures"
