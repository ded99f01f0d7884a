"""Plans a sweep: the configuration over seeds and over values of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.phrases import counted
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.planning.sweep import Planned, parse_grid, parse_seeds, plan_sweep
from workbench.gui.look import theme
from workbench.gui.look.screen import resize_within


class FieldFinder(QLineEdit):
    """Finds a field of the configuration by a part of its name.

    Signals:
        chosen(str): the dotted name of a field.
    """

    chosen = Signal(str)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("sweep.field")
        self.setPlaceholderText("Type a part of its name, then Enter")
        self._found = QCompleter(QStringListModel(names, self), self)
        self._found.setFilterMode(Qt.MatchFlag.MatchContains)
        self._found.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._found.activated.connect(self.chosen)
        self.setCompleter(self._found)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        popup = self._found.popup()
        assert popup is not None
        if popup.isVisible() and popup.currentIndex().isValid():
            event.ignore()  # the completer takes it from here
            return
        self._found.setCompletionPrefix(self.text())
        first = self._found.currentCompletion() if self.text() else ""
        popup.hide()
        if first:
            self.chosen.emit(first)


class SweepDialog(QDialog):
    """Says how many runs a sweep is while it is being written down.

    Where something else trains now it asks when to begin, and ``before`` are the runs
    that wait already and begin first; where that is None it says when.
    """

    def __init__(
        self,
        config: RunConfig,
        name: str,
        parent: QWidget | None = None,
        *,
        before: int | None = None,
        outlook: str = "",
    ) -> None:
        super().__init__(parent)
        self._config, self._outlook = config, outlook
        self._asks_when = before is not None
        self.planned: list[Planned] = []
        self.setObjectName("sweep_dialog")
        self.setWindowTitle("Queue a sweep")
        resize_within(self, 520, 320)
        self.name = QLineEdit(name)
        self.name.setObjectName("sweep.name")
        self.seeds = QLineEdit(str(config.training.seed))
        self.seeds.setObjectName("sweep.seeds")
        self.seeds.setPlaceholderText("0,1,2 or 0-4")
        self.field = FieldFinder(list(_values(config)))
        self.grid = _grid()
        self.sentence = QLabel()
        self.sentence.setObjectName("sweep.sentence")
        self.sentence.setWordWrap(True)
        self.later, self.at_once = _choices(before or 0)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Add to queue")
        self._lay_out()
        self._connect()
        self._plan()

    def runs(self) -> list[tuple[str, RunConfig]]:
        """Return the runs of the sweep with their names."""
        name = self.name.text().strip() or "sweep"
        return [
            (f"{name}, {one.label}" if one.label else name, one.config)
            for one in self.planned
        ]

    @property
    def waits(self) -> bool:
        """Whether it is to begin only when what trains now has ended."""
        return self._asks_when and self.later.isChecked()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Name", self.name)
        form.addRow("Seeds", self.seeds)
        form.addRow("Add a field", self.field)
        form.addRow("Values", self.grid)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addLayout(form, 1)
        column.addWidget(self.sentence)
        if self._asks_when:
            column.addWidget(self._choice())
        column.addWidget(self.buttons)

    def _connect(self) -> None:
        self.field.chosen.connect(self._on_field_chosen)
        self.seeds.textChanged.connect(self._plan)
        self.grid.textChanged.connect(self._plan)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _choice(self) -> QGroupBox:
        """Return the question when to begin, framed so that nobody overlooks it."""
        box = QGroupBox("Something trains now. When is the sweep to begin?")
        box.setObjectName("sweep.begin")
        rows = QVBoxLayout(box)
        rows.addWidget(self.later)
        rows.addWidget(self.at_once)
        return box

    def _on_field_chosen(self, name: str) -> None:
        value = _values(self._config)[name]
        text = self.grid.toPlainText().rstrip()
        shown = "none" if value is None else str(value).replace("'", '"')
        self.grid.setPlainText(f"{text}\n{name}={shown},".lstrip())
        self.grid.moveCursor(QTextCursor.MoveOperation.End)
        self.grid.setFocus()
        self.field.clear()

    def _plan(self) -> None:
        lines = [line.strip() for line in self.grid.toPlainText().splitlines()]
        try:
            grid = parse_grid(line.rstrip(",") for line in lines if line)
            self.planned = plan_sweep(
                self._config, parse_seeds(self.seeds.text()), grid
            )
            count = len(self.planned)
            told = [counted(count, "run"), self._outlook]
            text, role = f"{'. '.join(filter(None, told))}.", "muted"
        except ConfigError as error:
            self.planned = []
            text, role = str(error), "error"
        self.sentence.setText(text)
        theme.give_role(self.sentence, role)
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self.planned))


def _values(config: RunConfig) -> dict[str, Any]:
    """Return the value of each field by its dotted name."""
    sections = config.model_dump(mode="json")
    return {
        f"{section}.{name}": value
        for section, fields in sections.items()
        for name, value in fields.items()
    }


def _grid() -> QPlainTextEdit:
    """Return where values of fields are written down."""
    grid = QPlainTextEdit()
    grid.setObjectName("sweep.grid")
    grid.setAccessibleName("Values of fields")
    grid.setPlaceholderText(
        "algorithm.inner_lr=0.1,0.4\ntask.shots=1,5\n\nOne field a line; every "
        "combination is trained."
    )
    grid.setTabChangesFocus(True)
    return grid


def _choices(before: int) -> tuple[QRadioButton, QRadioButton]:
    """Return the answers to the question when to begin: later, which it is, or now."""
    later = QRadioButton("Wait until it has ended: it goes on as fast as now")
    later.setObjectName("sweep.later")
    later.setChecked(True)
    at_once = QRadioButton(_at_once(before))
    at_once.setObjectName("sweep.at_once")
    return later, at_once


def _at_once(before: int) -> str:
    """Return what it means not to wait: the queue begins, not what comes last in it."""
    if not before:
        return "Begin at once beside it: both take longer then"
    waiting = counted(before, "run waits", "runs wait")
    return f"Begin the queue at once beside it: {waiting} before these"
