"""The Runs panel: every run there is, found, compared, named and looked after."""

from __future__ import annotations

import functools
import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.runs.filter import parse_filter
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.runs.commands import RunCommands
from workbench.gui.runs.run_in_hand import RunInHand
from workbench.gui.runs.scanner import RunScanner
from workbench.gui.runs.tree_model import RunTreeModel
from workbench.gui.runs.tree_view import RunTree
from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.beside import Elsewhere
from workbench.gui.shell.finding import Finding
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session

_EMPTY = "Every run is listed here. Press Start to train the first one."
_LOOKING = "Looking for runs…"
_MOST_FOUND = 20
_NO_MATCH = "No run matches the filter."
_FILTER_HELP = (
    "<p>Words to be found in a run, and conditions:</p><p><b>omniglot 5-way</b> both "
    "words<br><b>state=completed</b> a column<br><b>inner_lr&gt;0.1</b> a field of the "
    "configuration<br><b>test&gt;80</b> as the table shows it: percent, or a loss<br>"
    "<b>duration&lt;1h</b>, <b>date&gt;=2026-05-01</b><br><b>tag=paper</b> a tag<br>"
    "<b>-reptile</b> not this word</p>"
)


class RunsPanel(Panel):
    """Lists the runs of the session's folder, also those of other processes."""

    title = "Runs"
    order = 100
    place = "bottom"
    icon = "mdi6.table"
    help = "Every run: select one to look at it, tick others to see them beside it"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("runs_panel")
        self.model = RunTreeModel(self)
        self.table = RunTree(self.model, self)
        self.commands = RunCommands(session, self.table, self)
        self.table.columns.offer(self.commands.fields)
        self._in_hand = RunInHand(session, self.table)
        self._scanner = RunScanner(session.runs, self)
        self._is_settled = False
        self._trained = ""
        self.filter = self._make_filter()
        # Keys pressed faster than ten thousand runs are filtered count as one.
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.timeout.connect(self._on_typed_timeout)
        self.problem = QLabel(self)
        self.problem.setObjectName("runs.problem")
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.count = QLabel(self)
        self.count.setObjectName("runs.count")
        self.count.setProperty("role", "muted")
        self.hint = QLabel(_LOOKING, self)
        self.hint.setObjectName("runs.hint")
        self.hint.setProperty("role", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._buttons: list[tuple[QToolButton, str]] = []
        self._lay_out()
        self._connect()
        self.commands.update()

    @override
    def open(self) -> None:
        if "run.continue" in self.session.actions:
            self.commands.offer_first(self.session.actions["run.continue"])
        self._scanner.start()

    @override
    def findings_for(self, text: str) -> Iterator[Finding]:
        words = text.lower().split()
        named = ((folder, self.model.called(folder)) for folder in self.model.rows)
        fitting = (
            (folder, name)
            for folder, name in named
            if words and all(word in f"{name} {folder}".lower() for word in words)
        )
        for folder, name in itertools.islice(fitting, _MOST_FOUND):
            show = functools.partial(self._show, folder)
            yield Finding("Run", name, folder, "mdi6.chart-line", show)

    @override
    def shut_down(self) -> None:
        self.table.columns.remember()
        self.commands.shut_down()
        self._scanner.shut_down()

    def _show(self, folder: str) -> None:
        self.session.set_run(RunFolder(self.session.runs / folder))
        self.session.show_panel("Training")

    # Building.

    def _make_filter(self) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName("runs.filter")
        line.setAccessibleName("Filter the runs")
        line.setPlaceholderText("Filter: words, state=completed, inner_lr>0.1, -word")
        line.setToolTip(_FILTER_HELP)
        line.setClearButtonEnabled(True)
        return line

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        self.group = self._button(
            "group",
            "Put runs that differ in nothing but the seed together",
            "mdi6.file-tree-outline",
        )
        self.group.setText("Group seeds")
        self.group.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.group.setCheckable(True)
        row.addWidget(self.group)
        for action in self.commands.on_the_bar():
            row.addWidget(tool_button(action))
        columns = self._button("columns", "Choose the columns", "mdi6.table-column")
        columns.setMenu(self.table.columns.menu)
        columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        columns.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        row.addWidget(columns)
        pages = QWidget(self)
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.hint)
        self._pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 4, theme.SPACE, theme.SPACE)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addWidget(self.commands.together.bar)
        column.addWidget(pages, 1)

    def _button(self, name: str, tip: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"runs.{name}")
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setIcon(theme.icon(icon))
        self._buttons.append((button, icon))
        return button

    def _connect(self) -> None:
        self.session.run_changed.connect(self._on_session_run_changed)
        self.session.run_state_changed.connect(self._on_session_run_state_changed)
        self.session.shown_changed.connect(self._on_session_shown_changed)
        self.session.progress_changed.connect(self._on_session_progress_changed)
        self._scanner.listed.connect(self._on_scanner_listed)
        self._scanner.changed.connect(self._on_scanner_changed)
        self._scanner.settled.connect(self._on_scanner_settled)
        self.commands.changed.connect(self._scanner.look_now)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.group.toggled.connect(self.model.set_grouped)
        self.model.rearranged.connect(self._show_count)
        self.model.checked_changed.connect(self._on_model_checked_changed)
        self.model.edited.connect(self._on_model_edited)
        self.model.too_many.connect(self._on_model_too_many)
        self.table.opened.connect(self.commands.show.trigger)
        self.table.trash_wanted.connect(self.commands.trash.trigger)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_table_menu_requested)
        theme.changes().changed.connect(self._on_theme_changed)

    # What happens.

    def _on_scanner_listed(self, rows: list[RunRow]) -> None:
        self._is_settled = bool(rows)
        self.model.change(rows, [])
        self._tell_rows()

    def _on_scanner_changed(self, rows: list[RunRow], removed: list[str]) -> None:
        self.model.change(rows, removed)
        self._tell_rows()
        news = frozenset((*(r.folder for r in rows if not r.is_alive), *removed))
        if news:
            self.session.runs_changed.emit(news)

    def _tell_rows(self) -> None:
        """Tell what is read of all runs, and which other processes train."""
        self.session.set_rows(self.model.rows)
        alive = [row for row in self.model.rows.values() if row.is_alive]
        alive.sort(key=lambda row: row.created, reverse=True)
        here = socket.gethostname()
        self.session.beside.set_elsewhere(
            tuple(
                Elsewhere(
                    self.session.runs / row.folder,
                    self.model.called(row.folder),
                    "" if row.host == here else row.host,
                )
                for row in alive
                if (row.pid, row.host) != (os.getpid(), here)
            )
        )

    def _on_scanner_settled(self) -> None:
        self._is_settled = True
        self._show_count()

    def _on_session_run_changed(self, _run: object) -> None:
        self._scanner.look_now()
        self.commands.update()

    def _on_session_run_state_changed(self, _state: str) -> None:
        self._scanner.look_now()

    def _on_session_shown_changed(self, shown: dict[Path, int]) -> None:
        self.model.set_shown({path.name: index for path, index in shown.items()})

    def _on_session_progress_changed(self) -> None:
        progress = self.session.progress
        is_ours = progress is not None and progress.folder.parent == self.session.runs
        folder = progress.folder.name if progress is not None and is_ours else ""
        if folder and folder != self._trained:
            # What was just started is not looked for in vain behind a filter.
            self.model.keep(folder)
        self._trained = folder
        if progress is not None and folder:
            self.model.set_step(folder, progress.step)

    def _on_filter_changed(self, text: str) -> None:
        chosen = parse_filter(text)
        self.filter.setProperty("wrong", "true" if chosen.problem else "false")
        self.filter.style().polish(self.filter)
        self.problem.setText(f"Not filtered: {chosen.problem}")
        self.problem.setVisible(bool(chosen.problem))
        self._typed.start()

    def _on_typed_timeout(self) -> None:
        # One that is not understood has no tests: every run is shown.
        self.model.set_filter(parse_filter(self.filter.text()))

    def _on_model_checked_changed(self) -> None:
        from workbench.core.runs.store import RunFolder

        folders = [RunFolder(self.session.runs / name) for name in self.model.checked]
        self.session.set_overlaid(folders)
        self.commands.update()

    def _on_model_edited(self, folder: str, key: str, text: str) -> None:
        self.commands.edit([folder], key, text)

    def _on_model_too_many(self, most: int) -> None:
        text = f"The plots show at most {most} runs beside each other."
        self.session.notify(text, "warning")

    def _on_selection_changed(self, *_changes: object) -> None:
        self.commands.update()

    def _on_table_menu_requested(self, position: QPoint) -> None:
        self._in_hand.settle()
        self.commands.menu.popup(self.table.viewport().mapToGlobal(position))

    def _on_theme_changed(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(theme.icon(icon))
        self.model.refresh_theme()

    def _show_count(self) -> None:
        everything, shown = len(self.model.rows), self.model.count
        others = shown - self.model.keeps_one
        if not everything:
            self.hint.setText(_EMPTY if self._is_settled else _LOOKING)
        elif not shown:
            self.hint.setText(_NO_MATCH)
        self._pages.setCurrentIndex(1 if shown else 0)
        runs = "run" if everything == 1 else "runs"
        of = f"{others:,} of {everything:,}" if others != everything else f"{shown:,}"
        more = "" if others == shown else ", and the one trained last"
        self.count.setText(f"{of} {runs}{more}" if everything else "")
        self.commands.update()
