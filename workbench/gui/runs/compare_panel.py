"""The Compare panel: the checked runs' test figures, and whether they differ."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.config.worded import title_of_kind
from workbench.core.results.comparison import Contender, Verdict, contenders, verdicts
from workbench.core.results.score_text import (
    bearing_text,
    difference_text,
)
from workbench.core.results.seeds import contender_text
from workbench.core.runs.row import read_row
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.look.reading_table import ReadingTable
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session

_EMPTY = (
    "Tick two runs or more in Runs to compare them here.\n"
    "Runs that differ in the seed alone count as one, with mean and CI over seeds."
)
_HEAD = (
    "Run",
    "Setting",
    "Seeds",
    "Test, 95 % CI",
    "Difference to the first",
    "Significance",
)


_PADDING = 8


class ComparePanel(Panel):
    """Compares the runs checked in Runs with the first of them."""

    title = "Compare"
    order = 60
    alone = True
    icon = "mdi6.compare-horizontal"
    help = "The ticked runs beside each other, and whether they really differ"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("compare_panel")
        self._folders: tuple[RunFolder, ...] = ()
        self._is_stale = False
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self.hint = QLabel(_EMPTY)
        self.hint.setObjectName("compare.hint")
        self.hint.setProperty("role", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table = _make_table()
        self.note = QLabel(
            "A paired t test compares two single runs task by task, on the same test "
            "episodes; Welch's t test compares two means, each over two seeds or more. "
            "Where a task diverged, each run counts with the middle 98 % of its tasks. "
            "Significant means that chance alone would give such a difference in less "
            "than 5 % of cases."
        )
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(*(2 * theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        show = QPushButton("Show runs")
        show.setObjectName("compare.show_runs")
        show.setToolTip("Show the runs beside this tab, to tick some")
        show.clicked.connect(partial(session.show_panel, "Runs"))
        empty = QWidget()
        middle = QVBoxLayout(empty)
        middle.addStretch(1)
        middle.addWidget(self.hint)
        middle.addWidget(show, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(page)
        session.overlaid_changed.connect(self._on_session_overlaid_changed)
        session.evaluated.connect(self._on_session_evaluated)
        session.runs_changed.connect(self._on_session_runs_changed)

    @override
    def shut_down(self) -> None:
        self._background.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def _on_session_overlaid_changed(self, folders: tuple[RunFolder, ...]) -> None:
        self._folders = folders
        self._read()

    def _on_session_evaluated(self, _kept: object) -> None:
        self._read()

    def _on_session_runs_changed(self, changed: frozenset[str]) -> None:
        if any(folder.path.name in changed for folder in self._folders):
            self._read()

    def _read(self) -> None:
        """Read the checked runs' evaluations, once they are to be seen."""
        if len(self._folders) < 2:
            self._background.forget("compare")
            self._pages.setCurrentIndex(0)
            return
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        folders = self._folders
        self._background.submit(
            "compare", lambda: attempt(None, lambda: _read(folders))
        )

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if outcome.error:
            self.session.fail("The runs cannot be compared.", outcome.error)
        elif outcome.value is not None:
            self._show(*outcome.value)

    def _show(self, found: list[Contender], compared: list[Verdict]) -> None:
        self._pages.setCurrentIndex(1)
        self.table.setRowCount(len(found))
        for row, one in enumerate(found):
            verdict = compared[row - 1] if row else None
            for column, text in enumerate(_cells(one, verdict)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)


def _read(folders: Sequence[RunFolder]) -> tuple[list[Contender], list[Verdict]]:
    rows = [read_row(folder.path) for folder in folders]
    found = contenders(folders[0].path.parent, [row for row in rows if row.is_run])
    return found, verdicts(found)


def _cells(one: Contender, verdict: Verdict | None) -> tuple[str, ...]:
    row, seeds = one.rows[0], one.seeds
    measured = contender_text(one.together)
    algorithm, task = (
        title_of_kind(section, getattr(row, section))
        for section in ("algorithm", "task")
    )
    setting = f"{algorithm}, {task} {row.setting}".rstrip()
    if row.tested_with:
        setting += f"\ntested {row.tested_with}"
    if verdict is None:
        return one.name, setting, seeds, measured, "", ""
    if verdict.test is None:
        return one.name, setting, seeds, measured, "–", verdict.problem
    # Verdicts are on the first minus this one; here, this one is compared with it.
    found = verdict.test
    turned = found._replace(difference=-found.difference, statistic=-found.statistic)
    return (
        one.name,
        setting,
        seeds,
        measured,
        f"{difference_text(turned, one.measure)}\n"
        f"{bearing_text(turned.difference, one.measure)}",
        _short(turned.sentence()),
    )


def _short(sentence: str) -> str:
    return sentence.replace(" at 5 %", "")


class _WrappingDelegate(QStyledItemDelegate):
    """Counts lines in the width that words have, which Qt forgets the padding of."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        inner = QStyleOptionViewItem(option)
        inner.rect = option.rect.adjusted(_PADDING, 0, -_PADDING, 0)
        return super().sizeHint(inner, index)


def _make_table() -> ReadingTable:
    table = ReadingTable("compare.table", "Comparison", len(_HEAD))
    table.setHorizontalHeaderLabels(list(_HEAD))
    table.setWordWrap(True)
    table.setStyleSheet(f"QTableView::item {{ padding: 4px {_PADDING}px; }}")
    table.setItemDelegate(_WrappingDelegate(table))
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return table
