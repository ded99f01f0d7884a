"""Who trains the queue: processes of this machine and of others, a cluster's jobs."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QLabel,
    QStackedWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base import figures
from workbench.core.base.phrases import counted
from workbench.core.base.program import command as command_line
from workbench.core.clusters.standing import Standing
from workbench.core.queue.workers import WorkerRecord
from workbench.gui.look import theme
from workbench.gui.look.reading_table import ReadingTable
from workbench.gui.queue.cluster_jobs import ClusterJobs
from workbench.gui.queue.queue_watch import QueueWatch
from workbench.gui.queue.submit_dialog import SubmitDialog
from workbench.gui.queue.tool_row import ToolRow
from workbench.gui.queue.workers_box import WorkersBox
from workbench.gui.shell.actions import command, make_commands
from workbench.gui.shell.session import Session

_COLUMNS = ("Machine", "Process", "Device", "Job", "Last sign", "Since", "Trains")
_JOB = _COLUMNS.index("Job")
_MOST_NAMES = 20


class _Line(NamedTuple):
    id: str
    cells: list[QTableWidgetItem]


class WorkersPage(QStackedWidget):
    """Lists the workers that are there, and has one stop; ``tools`` are its buttons.

    ``number`` is how many train on this machine.

    Signals:
        run_opened(str): a double click on who trains: the name of its run's folder.
    """

    run_opened = Signal(str)

    def __init__(self, session: Session, watch: QueueWatch, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._watch = session, watch
        self.jobs = ClusterJobs(session, self)
        self._asked: set[str] = set()
        self._since: dict[str, str] = {}
        self._lines: list[_Line] = []
        self._titles: dict[str, str] = {}
        make_commands(self, parent)
        self.table = ReadingTable("queue.worker_table", "Workers", len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.itemSelectionChanged.connect(self.refresh)
        self.table.itemActivated.connect(self._on_item_activated)
        self.hint = QLabel(_hint(self._command))
        self.hint.setObjectName("queue.workers_hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        empty = QWidget()
        QVBoxLayout(empty).addWidget(self.hint)
        self.addWidget(empty)
        self.addWidget(self.table)
        self.number = WorkersBox()
        self.tools = ToolRow()
        self.tools.add(self.stop, self.submit, self.copy, with_text=True)
        self.tools.add_space(theme.SPACE)
        self.tools.add_widget(self.number)
        self.refresh()

    @command("queue.stop_worker", "Stop this worker", icon="mdi6.stop")
    def stop(self) -> None:
        """Stop the selected workers with a checkpoint; others take their runs over.

        Of a cluster's jobs those are cancelled that have not begun.
        """
        if jobs := self._chosen_jobs():
            self.jobs.cancel(tuple(each.job for each in jobs))
        chosen = [each for each in self._chosen() if each.id not in self._asked]
        for each in chosen:
            self._watch.ask_to_stop(each)
            self._asked.add(each.id)
        if not chosen:
            return
        titles = [each.title[0].upper() + each.title[1:] for each in chosen]
        who = titles[0] if len(titles) == 1 else f"{len(titles):,} workers"
        stay = len(self._watch.workers) > len(self._asked)
        then = "others take over what was trained" if stay else "what was trained waits"
        stops = "stops" if len(chosen) == 1 else "stop"
        self._session.notify(f"{who} {stops} with a checkpoint: {then}")
        self.refresh()

    @command("queue.submit", "Submit to Slurm…", icon="mdi6.server-network")
    def submit(self) -> None:
        """Have a cluster train the queue, by workers that are its jobs."""
        dialog = SubmitDialog(self)
        dialog.accepted.connect(lambda: self._submit(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @command("queue.copy_work", "Copy the command", icon="mdi6.content-copy")
    def copy(self) -> None:
        """Copy the command that begins a worker, for a shell on any machine."""
        QGuiApplication.clipboard().setText(self._command)
        self._session.notify(f"On the clipboard: {self._command}", "good")

    def refresh(self) -> None:
        """Show who is there now."""
        workers = self._watch.workers
        there = {each.id for each in workers}
        self._asked &= there
        self._since = {id: said for id, said in self._since.items() if id in there}
        self._titles = {item.run: item.title for item in self._watch.trained}
        jobs = self.open_jobs
        self._lay_out([each.id for each in workers] + [each.job for each in jobs])
        rows = [*map(self._texts, workers), *map(_texts_of_job, jobs)]
        for line, row in zip(self._lines, rows, strict=True):
            for cell, text in zip(line.cells, row, strict=True):
                if cell.text() != text:
                    cell.setText(text)
        for line, each in zip(self._lines, workers, strict=False):
            line.cells[-1].setToolTip("\n".join(self._names(each.doing)[:_MOST_NAMES]))
        are_jobs = bool(jobs) or any(each.job for each in workers)
        self.table.setColumnHidden(_JOB, not are_jobs)
        self.setCurrentIndex(1 if self._lines else 0)
        self.number.show_standing(is_training=self._watch.is_mine)
        self._allow(self._chosen(), self._chosen_jobs())

    @property
    def open_jobs(self) -> list[Standing]:
        """The jobs of a cluster that are not over, and of which no worker tells."""
        working = {each.job for each in self._watch.workers}
        return [each for each in self.jobs.open if each.job not in working]

    @property
    def _command(self) -> str:
        return command_line(f"work --runs {shlex.quote(str(self._session.runs))}")

    def _lay_out(self, ids: list[str]) -> None:
        """Make a line for each; who is selected stays so."""
        if ids == [line.id for line in self._lines]:
            return
        chosen = self._chosen_ids()
        self.table.blockSignals(True)
        self.table.setRowCount(len(ids))
        self.table.clearSelection()
        self._lines = [_Line(id, [QTableWidgetItem() for _ in _COLUMNS]) for id in ids]
        for row, line in enumerate(self._lines):
            for column, cell in enumerate(line.cells):
                self.table.setItem(row, column, cell)
                cell.setSelected(line.id in chosen)
        self.table.blockSignals(False)

    def _chosen(self) -> list[WorkerRecord]:
        """Return the workers selected that are there."""
        ids = self._chosen_ids()
        return [each for each in self._watch.workers if each.id in ids]

    def _chosen_jobs(self) -> list[Standing]:
        ids = self._chosen_ids()
        return [each for each in self.open_jobs if each.job in ids]

    def _chosen_ids(self) -> set[str]:
        rows = {index.row() for index in self.table.selectedIndexes()}
        return {self._lines[row].id for row in rows}

    def _submit(self, dialog: SubmitDialog) -> None:
        self.jobs.submit(dialog.workers.value(), dialog.settings.text())

    def _allow(self, chosen: list[WorkerRecord], jobs: list[Standing]) -> None:
        are_jobs = bool(jobs) and not chosen
        verb, what = ("Cancel", "job") if are_jobs else ("Stop", "worker")
        is_several = len(chosen) + len(jobs) > 1
        which = f"these {what}s" if is_several else f"this {what}"
        self.stop.setText(f"{verb} {which}")
        self.stop.setIconText(self.stop.plain_text)
        going = [each for each in chosen if each.id not in self._asked]
        stopping = "They are stopping" if is_several else "It is stopping"
        why_not = stopping if chosen else "Select a worker first"
        self.stop.allow(bool(going or jobs), why_not)
        no_slurm = self.jobs.why_not_here()
        self.submit.allow(not no_slurm, no_slurm)

    def _texts(self, worker: WorkerRecord) -> tuple[str, ...]:
        silence = figures.duration(self._watch.silence(worker))
        is_asked = worker.id in self._asked
        return (
            worker.host,
            str(worker.pid),
            worker.device,
            worker.job,
            "here" if worker.is_here else f"{silence} ago",
            self._since_when(worker),
            ", stopping".join([self._doing(worker), *[""] * is_asked]),
        )

    def _since_when(self, worker: WorkerRecord) -> str:
        """Return when it came, by the clock of this machine: its own may be wrong."""
        if worker.id not in self._since:
            came = time.localtime(time.time() - (worker.sign - worker.since))
            is_today = came[:3] == time.localtime()[:3]
            said = time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", came)
            self._since[worker.id] = said
        return self._since[worker.id]

    def _doing(self, worker: WorkerRecord) -> str:
        if len(worker.doing) > 1:
            return f"{counted(len(worker.doing), 'run')} side by side"
        return next(iter(self._names(worker.doing)), "nothing now")

    def _names(self, runs: Iterable[str]) -> list[str]:
        return [self._titles.get(run, run) for run in runs]

    def _on_item_activated(self, item: QTableWidgetItem) -> None:
        id = self._lines[item.row()].id
        for worker in self._watch.workers:
            if worker.id == id and worker.doing:
                self.run_opened.emit(worker.doing[0])


def _texts_of_job(job: Standing) -> tuple[str, ...]:
    """Return the cells of a job that no worker tells of."""
    stands = f"{job.stand}: {job.why}" if job.why else str(job.stand)
    return job.host, "", "", job.job, stands, "", ""


def _hint(words: str) -> str:
    return (
        "Nobody trains the queue now. A worker is a process that takes the next run of "
        "the queue, again and again: any number of them share it, on this machine and "
        "on all others that see this folder of runs. Train the queue begins those of "
        f"this machine; in a shell, here or elsewhere, one is begun by\n\n{words}"
    )
