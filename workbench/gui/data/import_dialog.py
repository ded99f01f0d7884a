"""Asks what is being imported, and how, before anything is read."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.phrases import what_is_wrong
from workbench.core.base.settings import Settings
from workbench.core.pictures.datasets import DataSet
from workbench.gui.forms.settings_form import SettingsForm
from workbench.gui.look import theme
from workbench.gui.shell import drafts

_LOOKED_AT = 200


class ImportDialog(QDialog):
    """Shows what a path can be imported as, with the options of that data set.

    ``there`` says what there is of each data set that is here: importing replaces it.
    """

    def __init__(
        self,
        path: Path,
        choices: Sequence[DataSet],
        chosen: DataSet,
        there: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("import_dialog")
        self.setWindowTitle("Import a data set")
        self.setMinimumWidth(480)
        self.path = path
        self._choices = list(choices)
        self._there = there
        self._forms: dict[int, SettingsForm] = {}
        self._values: dict[int, dict[str, Any]] = {}
        self.kind = QComboBox()
        self.kind.setObjectName("import.kind")
        self.kind.setAccessibleName("Import as")
        self.kind.setToolTip("The data set that the files belong to")
        self.kind.addItems([choice.title for choice in self._choices])
        self._help = QLabel()
        self._help.setWordWrap(True)
        self._help.setProperty("role", "muted")
        self._replaces = QLabel()
        self._replaces.setObjectName("import.replaces")
        self._replaces.setWordWrap(True)
        self._replaces.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = self._make_buttons()
        self._column = QVBoxLayout(self)
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._on_kind_changed)
        self.kind.setCurrentIndex(self._choices.index(chosen))
        self._on_kind_changed(self.kind.currentIndex())

    @property
    def data_set(self) -> DataSet:
        """The data set chosen."""
        return self._choices[self.kind.currentIndex()]

    @property
    def form(self) -> SettingsForm | None:
        """The form of the data set chosen; None if it has no options."""
        return self._form(self.kind.currentIndex())

    @property
    def options(self) -> Settings | None:
        """The options chosen; None if the data set has none, or they are wrong."""
        if self.data_set.options is None:
            return None
        try:
            return self.data_set.options(**self._values[self.kind.currentIndex()])
        except ValidationError:
            return None

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        ok = buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        ok.setObjectName("import.accept")
        ok.setToolTip("Bring the files in; what is there stays until all are read")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok = ok
        return buttons

    def _lay_out(self) -> None:
        form = QFormLayout()
        path = QLabel(str(self.path))
        path.setWordWrap(True)
        form.addRow("From", path)
        form.addRow("Import as", self.kind)
        self._column.setSpacing(theme.SPACE)
        self._column.addLayout(form)
        self._column.addWidget(self._help)
        self._column.addWidget(self._replaces)
        self._column.addWidget(self._buttons)

    def _form(self, index: int) -> SettingsForm | None:
        settings = self._choices[index].options
        if settings is None:
            return None
        if index not in self._forms:
            form = SettingsForm("import", settings, folded=False)
            self._forms[index] = form
            self._values[index] = drafts.defaults_of(settings)
            name = form.rows["name"].editor.control if "name" in form.rows else None
            if isinstance(name, QLineEdit):
                made = self._choices[index].made_by(self.path)
                name.setPlaceholderText(made.rpartition("/")[2])
            form.edited.connect(self._on_form_edited)
            form.reset_requested.connect(self._on_form_reset)
            self._column.insertWidget(2, form)
        return self._forms[index]

    def _show_values(self) -> None:
        index = self.kind.currentIndex()
        form, settings = self._form(index), self.data_set.options
        wrong: dict[str, str] = {}
        if form is not None and settings is not None:
            form.show_values(self._values[index])
            wrong = _mistakes(settings, self._values[index])
            form.show_mistakes(wrong)
        self._ok.setEnabled(not wrong)
        made = self.data_set.made_by(self.path, self.options)
        there = self._there.get(made, "")
        title = made.rpartition("/")[2] if "/" in made else self.data_set.title
        self._replaces.setText(f"{title} is here already: {there}. It is replaced.")
        self._replaces.setVisible(bool(there))
        self._ok.setText("Replace" if there else "Import")

    def _on_kind_changed(self, index: int) -> None:
        shown = self._form(index)
        for form in self._forms.values():
            form.setVisible(form is shown)
        self._help.setText(self.data_set.imports)
        self._show_values()

    def _on_form_edited(self, dotted: str, value: object, _typing: bool) -> None:
        name = dotted.partition(".")[2]
        self._values[self.kind.currentIndex()][name] = value
        self._show_values()

    def _on_form_reset(self, dotted: str) -> None:
        settings = self.data_set.options
        if settings is not None:
            name = dotted.partition(".")[2]
            self._on_form_edited(dotted, drafts.defaults_of(settings)[name], False)


def guess(path: Path, choices: Sequence[DataSet]) -> DataSet:
    """Return what a path most likely is, by the names in it; nothing is read."""
    names = " ".join([path.name, *_inside(path)]).casefold()
    for choice in choices:
        if any(sign in names for sign in choice.signs or (choice.name.casefold(),)):
            return choice
    with_options = (choice for choice in choices if choice.options is not None)
    return next(with_options, choices[0])


def _inside(path: Path) -> list[str]:
    try:
        if path.is_dir():
            return [child.name for child in islice(path.iterdir(), _LOOKED_AT)]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return archive.namelist()[:_LOOKED_AT]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        pass
    return []


def _mistakes(settings: type[Settings], values: dict[str, Any]) -> dict[str, str]:
    try:
        settings(**values)
    except ValidationError as error:
        return {
            str(item["loc"][0]) if item["loc"] else "": what_is_wrong(item)
            for item in error.errors()
        }
    return {}
