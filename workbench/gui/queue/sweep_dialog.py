"""Plans a sweep: the configuration over seeds and over values of its fields."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
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

from workbench.core.base.errors import WorkbenchError
from workbench.core.base.phrases import counted
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.planning.sweep import Planned, parse_grid, parse_seeds, plan_sweep
from workbench.core.queue.queued import Queued
from workbench.core.queue.searches import search_item
from workbench.core.searching.space import is_range, proposed
from workbench.gui.look import theme
from workbench.gui.look.screen import resize_within
from workbench.gui.queue.field_finder import FieldFinder
from workbench.gui.queue.search_box import SearchBox


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
        self.search: Queued | None = None
        self.setObjectName("sweep_dialog")
        self.setWindowTitle("Queue a sweep")
        resize_within(self, 560, 440)
        self.name = QLineEdit(name)
        self.name.setObjectName("sweep.name")
        self.seeds = QLineEdit(str(config.training.seed))
        self.seeds.setObjectName("sweep.seeds")
        self.seeds.setPlaceholderText("0,1,2 or 0-4")
        self.field = FieldFinder(list(_values(config)))
        self.grid = _grid()
        self.searching = SearchBox()
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
        column.addWidget(self.searching)
        column.addWidget(self.sentence)
        if self._asks_when:
            column.addWidget(self._choice())
        column.addWidget(self.buttons)

    def _connect(self) -> None:
        self.field.chosen.connect(self._on_field_chosen)
        self.seeds.textChanged.connect(self._plan)
        self.grid.textChanged.connect(self._on_grid_text_changed)
        self.name.textChanged.connect(self._plan)
        self.searching.changed.connect(self._plan)
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
        text = self.grid.toPlainText().rstrip()
        self.grid.setPlainText(f"{text}\n{self._line_of(name)}".lstrip())
        self.grid.moveCursor(QTextCursor.MoveOperation.End)
        self.grid.setFocus()
        self.field.clear()

    def _line_of(self, name: str) -> str:
        """Return what is written of a field: what to search of it, or its value."""
        line = proposed(self._config, name) if self.searching.isChecked() else ""
        if line:
            return line
        value = _values(self._config)[name]
        shown = "none" if value is None else str(value).replace("'", '"')
        return f"{name}={shown},"

    @property
    def _lines(self) -> list[str]:
        lines = (line.strip() for line in self.grid.toPlainText().splitlines())
        return [line.rstrip(",") for line in lines if line]

    def _on_grid_text_changed(self) -> None:
        if any(map(is_range, self._lines)):
            self.searching.setChecked(True)
        self._plan()

    def _plan(self) -> None:
        self.planned, self.search = [], None
        try:
            seeds = parse_seeds(self.seeds.text())
            what = self._searched(seeds) if self.searching.isChecked() else ""
            what = what or self._swept(seeds)
            told = [what, self._outlook]
            text, role = f"{'. '.join(filter(None, told))}.", "muted"
        except WorkbenchError as error:
            text, role = str(error), "error"
        self.sentence.setText(text)
        theme.give_role(self.sentence, role)
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(self.planned or self.search))

    def _swept(self, seeds: list[int]) -> str:
        """Plan every combination; return how many there are."""
        self.planned = plan_sweep(self._config, seeds, parse_grid(self._lines))
        return counted(len(self.planned), "run")

    def _searched(self, seeds: list[int]) -> str:
        """Plan a search; return how many trials it makes."""
        if not self._lines:
            how = "add a field with a range, as in algorithm.inner_lr=0.001..1:log"
            raise ConfigError([Mistake("", f"Nothing is searched: {how}")])
        seed = self._config.training.seed
        search = self.searching.search(self._lines, seeds, seed)
        name = self.name.text().strip() or "search"
        self.search = search_item(name, self._config, search)
        assert self.search.search is not None
        trials = counted(self.search.search.trials, "trial")
        each = f" of {counted(len(seeds), 'run')} each" if len(seeds) > 1 else ""
        return f"{trials}{each}, judged by their validation"


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
