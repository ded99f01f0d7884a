"""The settings of an evaluation, checked as they are typed."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.core.base.phrases import what_is_wrong
from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import Split
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.config.sections import EvaluationSettings
from workbench.gui.forms.field_editors import about, editor_for
from workbench.gui.forms.settings_form import FieldRow, form_grid
from workbench.gui.look import theme


class Choice(Settings):
    """What an evaluation is of, besides the configuration it is under."""

    split: Split = setting("test", "Split", "Whose classes the tasks are drawn from.")
    checkpoint: Literal["best", "latest"] = setting(
        "best", "Checkpoint", "The weights of the best validation, or the last ones."
    )
    seed: int = setting(
        0, "Seed of the tasks", "The same seed, the same tasks.", ge=0, le=2**31 - 1
    )


_LEFT = ("split", "evaluation.tasks", "evaluation.steps", "seed", "checkpoint")
_RIGHT = (
    "task.ways",
    "evaluation.shots",
    "evaluation.queries",
    "evaluation.transductive",
    "evaluation.views",
)


class EvaluateForm(QWidget):
    """Fields that start as the run has them; ``choice`` is None while one is wrong.

    Signals:
        changed(): a field was edited, or set back.
    """

    changed = Signal()

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self._config = config
        self.choice: Choice | None = None
        self.changes: dict[str, Any] = {}
        self.rows: dict[str, FieldRow] = {}
        self._first = _first_values(config)
        self._values = dict(self._first)
        self.wrong = QLabel()
        self.wrong.setObjectName("evaluate.wrong")
        self.wrong.setProperty("role", "error")
        self.wrong.setWordWrap(True)
        columns = QHBoxLayout()
        columns.setSpacing(3 * theme.SPACE)
        for names in (_LEFT, _RIGHT):
            grid = form_grid()
            for name in names:
                if name in self._first:
                    self._add(name).add_to(grid)
            grid.setRowStretch(grid.rowCount(), 1)
            columns.addLayout(grid, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(columns)
        column.addWidget(self.wrong)
        self._check()

    def _add(self, name: str) -> FieldRow:
        field = self._field(name)
        row = FieldRow(name, about(field), editor_for(field), self)
        row.default = self._first[name]
        row.editor.control.setObjectName(f"evaluate.{name.rpartition('.')[2]}")
        row.edited.connect(self._on_row_edited)
        row.reset_requested.connect(self._on_row_reset)
        row.show_value(row.default)
        if name == "task.ways" and self._config.model.head != "shared":
            row.editor.setEnabled(False)
            row.editor.control.setToolTip(
                "This model has a head row per class: it serves these ways only"
            )
        self.rows[name] = row
        return row

    def _field(self, name: str) -> FieldInfo:
        section, _, field = name.rpartition(".")
        if section == "task":
            return type(self._config.task).model_fields[field]
        settings = EvaluationSettings if section else Choice
        return settings.model_fields[field]

    def _on_row_edited(self, name: str, value: object, _typing: bool) -> None:
        self._values[name] = value
        self.rows[name].show_value(value)
        self._check()
        self.changed.emit()

    def _on_row_reset(self, name: str) -> None:
        self._on_row_edited(name, self._first[name], False)

    def _check(self) -> None:
        """Validate as the run's own configuration is, and say what is wrong."""
        self.changes = {n: v for n, v in self._values.items() if "." in n}
        own = {n: v for n, v in self._values.items() if "." not in n}
        mistakes: list[Mistake] = []
        try:
            self.choice = Choice(**own)
        except ValidationError as error:
            mistakes += [
                Mistake(str(each["loc"][0]), what_is_wrong(each))
                for each in error.errors()
            ]
        try:
            self._config.replace(self.changes)
        except ConfigError as error:
            mistakes += error.mistakes
        if mistakes:
            self.choice = None
        by_field = {mistake.field: mistake.message for mistake in mistakes}
        for name, row in self.rows.items():
            row.show_mistake(by_field.get(name, ""))
        others = [str(each) for each in mistakes if each.field not in self.rows]
        self.wrong.setText("\n".join(others))
        self.wrong.setVisible(bool(others))


def _first_values(config: RunConfig) -> dict[str, Any]:
    """Return what the run is tested with, by the name of the field."""
    shots, queries = config.examples_per_class("test")
    values: dict[str, Any] = {
        **Choice().model_dump(),
        "evaluation.tasks": config.evaluation.tasks,
        "evaluation.steps": config.evaluation.steps,
        "evaluation.shots": shots,
        "evaluation.queries": queries,
    }
    if config.task.problem == "classification":
        values["task.ways"] = config.task.outputs
        values["evaluation.transductive"] = config.evaluation.transductive
    if len(config.task.input_shape) == 3:
        values["evaluation.views"] = config.evaluation.views
    return values
