"""The papers' experiments: how much of each is there, and what brings the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.errors import Problem
from workbench.core.base.phrases import counted
from workbench.core.config.run_config import RunConfig
from workbench.core.experiments.finishing import finish
from workbench.core.experiments.outcome import Outcome
from workbench.core.experiments.page import page_file, write_page
from workbench.core.experiments.queueing import queue_missing, waiting_configs
from workbench.core.experiments.reading import list_experiments
from workbench.core.experiments.standing import essence
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.errors import RunError
from workbench.core.runs.index import all_rows
from workbench.gui.look import theme
from workbench.gui.look.reading_table import ReadingTable
from workbench.gui.shell.background import Background
from workbench.gui.shell.cancellable import shut_down_threads
from workbench.gui.shell.jobs import JobOutcome, attempt
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import sentence, told
from workbench.gui.shell.work_thread import WorkThread

_INTRO = (
    "Each experiment trains what a paper's table or figure needs and draws it as a "
    "page: published beside measured, and what differs."
)
_TITLES = ("Experiment", "Paper", "There", "First version", "Data")
_CHOOSE = "Choose an experiment."
_TRAIN = "Queue the runs that are not there yet"
_DRAW = "Evaluate what was trained, and show published beside measured in the browser"


class Listed(NamedTuple):
    """An experiment as it stands, whole and in its first version."""

    full: Outcome
    quick: Outcome
    data: str
    problem: Problem | None
    waiting: Sequence[RunConfig]

    def queued(self, outcome: Outcome) -> int:
        """Return how many of its runs wait in the queue."""
        wanted = [essence(each.config) for each in outcome.to_train]
        return sum(essence(config) in wanted for config in self.waiting)


class ExperimentsView(QWidget):
    """A line for each experiment; below it what the chosen one shows and needs."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.listed: Sequence[Listed] = ()
        self.pages: list[Path] = []
        self._thread: WorkThread | None = None
        self._queue: tuple[int, Path | None] = (0, None)
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self.table = ReadingTable("experiments.table", "Experiments", len(_TITLES))
        self.table.setHorizontalHeaderLabels(_TITLES)
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.details = QLabel(_CHOOSE)
        self.details.setObjectName("experiments.details")
        self.details.setWordWrap(True)
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.quick = QCheckBox("First version, in minutes")
        self.quick.setObjectName("experiments.quick")
        self.quick.setToolTip("Fewer meta-steps and tasks, one seed; the page says so")
        self.quick.setChecked(True)
        self.quick.toggled.connect(self._show_chosen)
        self.train = QPushButton("Train what is missing")
        self.train.setObjectName("experiments.train")
        self.train.setToolTip(_TRAIN)
        self.train.clicked.connect(self._on_train_clicked)
        self.draw = QPushButton("Open its page")
        self.draw.setObjectName("experiments.draw")
        self.draw.setToolTip(_DRAW)
        self.draw.clicked.connect(self._on_draw_clicked)
        self._lay_out()
        self._show_chosen()
        session.beside.queue_changed.connect(self._on_queue_changed)

    def read(self) -> None:
        """See anew what is there."""
        runs, data = self.session.runs, self.session.data
        self._background.submit(
            "list", lambda: attempt(None, lambda: _listed(runs, data))
        )

    def shut_down(self) -> None:
        """Stop and wait."""
        shut_down_threads(self)
        self._background.shut_down()

    def cancel(self) -> None:
        """Draw no page after all."""
        if self._thread is not None:
            self._thread.cancel()

    @property
    def is_drawing(self) -> bool:
        """Whether a page is being drawn."""
        return self._thread is not None

    @property
    def chosen(self) -> Outcome | None:
        """The experiment chosen, in the version that is wished for."""
        found = self._listed_at(self.table.currentRow())
        if found is None:
            return None
        return found.quick if self.quick.isChecked() else found.full

    def _lay_out(self) -> None:
        intro = QLabel(_INTRO)
        intro.setProperty("role", "muted")
        intro.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        for widget in (self.quick, self.train, self.draw):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(intro)
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
        column.addLayout(buttons)

    # What happens.

    def _on_queue_changed(self) -> None:
        news = self.session.beside.queue
        now = (news.waiting, news.run)  # its meta-steps are no news here
        if now != self._queue and self.isVisible():
            self._queue = now
            self.read()

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if outcome.error:
            self.details.setText(outcome.error)
            return
        before = self.table.currentRow()
        self.listed = outcome.value
        self.table.setRowCount(len(self.listed))
        for row, each in enumerate(self.listed):
            for column, text in enumerate(_texts(each)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.selectRow(max(before, 0))
        self._show_chosen()

    def _on_train_clicked(self) -> None:
        outcome, session = self.chosen, self.session
        if outcome is None:
            return
        queue = RunQueue(session.runs)
        try:
            waiting = queue_missing(queue, outcome.experiment, outcome.planned)
        except (OSError, RunError) as error:
            session.fail("The queue cannot be changed.", sentence(error))
            return
        session.queued.emit(
            f"{outcome.experiment.title}, {counted(len(waiting), 'run')}"
        )
        self.read()

    def _on_draw_clicked(self) -> None:
        if self.is_drawing:
            self.cancel()
            return
        outcome = self.chosen
        if outcome is None:
            return
        self._thread = WorkThread(partial(_draw, outcome, self.session.data), self)
        self._thread.progressed.connect(self._on_thread_progressed)
        self._thread.done.connect(self._on_thread_drawn)
        self._thread.failed.connect(self._on_thread_failed)
        self._thread.finished.connect(self._on_thread_finished)
        self._thread.start()
        self._show_chosen()

    def _on_thread_progressed(self, done: int, total: int) -> None:
        share = f"{done:,} of {total:,}" if total else ""
        self.draw.setText(f"Cancel ({share} evaluated)" if share else "Cancel")

    def _on_thread_drawn(self, page: Path) -> None:
        self.pages.append(page)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(page)))
        # Qt does not learn of a system without a browser.
        self.session.notify(f"The page is {page}", "good")

    def _on_thread_failed(self, text: str) -> None:
        self.session.fail("The page could not be drawn.", text)

    def _on_thread_finished(self) -> None:
        if self._thread is not None:
            self._thread.deleteLater()
        self._thread = None
        self._show_chosen()
        self.read()

    def _show_chosen(self) -> None:
        found, outcome = self._listed_at(self.table.currentRow()), self.chosen
        self.draw.setText("Cancel" if self.is_drawing else "Open its page")
        self.draw.setEnabled(outcome is not None)
        self.train.setEnabled(False)
        if found is None or outcome is None:
            self.details.setText(_CHOOSE)
            return
        problem = found.problem if outcome.to_train else None
        queued = found.queued(outcome)
        is_missing = len(outcome.to_train) > queued
        self.train.setEnabled(is_missing and problem is None)
        self.train.setToolTip(told(problem) if problem else _TRAIN)
        self.details.setText(_details(outcome, queued, problem))

    def _listed_at(self, row: int) -> Listed | None:
        return self.listed[row] if 0 <= row < len(self.listed) else None


def _listed(runs: Path, data: Path) -> list[Listed]:
    rows, waiting = all_rows(runs), waiting_configs(RunQueue(runs))
    found = []
    for experiment in list_experiments():
        full, quick = (
            Outcome.of(runs, experiment, rows, quick=short) for short in (False, True)
        )
        needs = full.needs(data)
        problems = (need.problem for need in needs if need.problem is not None)
        titles = ", ".join(need.title for need in needs) or "none"
        problem = next(problems, None)
        found.append(Listed(full, quick, titles, problem, waiting))
    return found


def _draw(outcome: Outcome, data: Path, tell: Callable[[int, int], None]) -> Path:
    finish(outcome, data, tell=tell)
    file = page_file(outcome.experiment, quick=outcome.quick)
    return write_page(outcome, file)


def _texts(listed: Listed) -> tuple[str, ...]:
    about = listed.full.experiment
    return (
        about.title,
        about.paper,
        f"{listed.full.there} of {listed.full.all}",
        f"{listed.quick.there} of {listed.quick.all}",
        listed.data + (" (not here)" if listed.problem else ""),
    )


def _details(outcome: Outcome, queued: int, problem: Problem | None) -> str:
    """Return what an experiment shows, how it stands, and what stands in its way."""
    about = outcome.experiment
    lines = [f"{about.paper}: {about.shows}."]
    states = [each.row.state for each in outcome.planned if each.row is not None]
    counts = [
        f"{states.count(state)} {word}"
        for state, word in (
            ("completed", "trained"),
            ("running", "being trained"),
            ("paused", "paused"),
            ("stopped", "stopped"),
            ("interrupted", "interrupted"),
            ("failed", "failed"),
        )
        if state in states
    ]
    if outcome.planned:
        of = counted(len(outcome.planned), "run")
        counts += [f"{queued} in the queue"] * bool(queued)
        lines.append(f"{of}: {', '.join(counts) or 'none trained'}.")
    if outcome.measurements:
        points = counted(outcome.measurements, "measurement")
        lines.append(f"{points}, made when the page is opened.")
    if problem is not None:
        lines.append(told(problem))
    return "\n".join(lines)
