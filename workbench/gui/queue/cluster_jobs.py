"""What a cluster does with the workers that were submitted to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.base.errors import WorkbenchError
from workbench.core.clusters.launching import cancel, missing_for_clusters, submit
from workbench.core.clusters.records import JOBS, submitted
from workbench.core.clusters.settings import parse_slurm
from workbench.core.clusters.standing import Standing, standing
from workbench.core.clusters.worker_job import WorkerJob
from workbench.core.queue.crew import worker_command, worker_environment
from workbench.gui.shell.background import Background
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import sentence

_LOOK_MS = 15_000


class _Answer(NamedTuple):
    """What came of a question to the cluster; ``problem`` is empty if all is well."""

    jobs: Mapping[str, Standing] = {}
    said: str = ""
    problem: str = ""


class ClusterJobs(QObject):
    """Asks the cluster now and then how the jobs stand, submits some and cancels some.

    Signals:
        changed(): ``open`` is other than before.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.open: tuple[Standing, ...] = ()
        """The jobs that are not over."""
        self._over: frozenset[str] = frozenset()
        self._session = session
        self._told = ""
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Look from now on."""
        self._timer.start()
        self.look()

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._background.shut_down()

    def look(self) -> None:
        """Ask how the jobs stand, if any was ever submitted."""
        if (self._session.runs / JOBS).is_dir():
            runs, over = self._session.runs, self._over
            self._ask("look", lambda: _Answer(_stands(runs, over)))

    def why_not_here(self) -> str:
        """Return why no worker can be submitted from this machine; empty if it can."""
        if shutil.which("sbatch") is None:
            return "There is no Slurm on this machine: its command sbatch is missing"
        missing = missing_for_clusters()
        return f"Slurm needs submitit: {missing}" if missing else ""

    def submit(self, workers: int, text: str) -> None:
        """Submit workers, with what each asks of Slurm."""
        runs, data = self._session.runs.absolute(), self._session.data.absolute()
        words = ["work", "--runs", str(runs), "--data", str(data), "--json"]
        job = WorkerJob(worker_command(words, workers), worker_environment())

        def submitted_now() -> _Answer:
            record = submit(runs, job, workers, parse_slurm(text))
            said = f"Submitted to Slurm: {', '.join(record.jobs)}"
            return _Answer(_stands(runs), said)

        self._ask("submit", submitted_now)

    def cancel(self, jobs: tuple[str, ...]) -> None:
        """Cancel jobs; what they trained stays, with a checkpoint."""
        runs = self._session.runs

        def cancelled() -> _Answer:
            cancel(runs, jobs)
            return _Answer(_stands(runs), f"Cancelled: {', '.join(jobs)}")

        self._ask("cancel", cancelled)

    def _ask(self, key: str, question: Callable[[], _Answer]) -> None:
        def answer() -> _Answer:
            try:
                return question()
            except (OSError, WorkbenchError) as error:
                return _Answer(problem=sentence(error))

        self._background.submit(key, answer)

    def _on_background_done(self, key: str, answer: object) -> None:
        assert isinstance(answer, _Answer)
        if answer.problem:
            is_news = key != "look" or answer.problem != self._told
            self._told = answer.problem
            if is_news:
                self._session.notify(answer.problem, "error")
            return
        if answer.said:
            self._session.notify(answer.said, "good")
        is_open = [each for each in answer.jobs.values() if not each.stand.is_over]
        self._over |= answer.jobs.keys() - {each.job for each in is_open}
        if self.open != (now := tuple(is_open)):
            self.open = now
            self.changed.emit()


def _stands(runs: Path, over: Collection[str] = ()) -> Mapping[str, Standing]:
    """Return how jobs stand, but of submissions that are over: the cluster is busy."""
    left = (each for each in submitted(runs) if {*each.jobs} - {*over})
    return standing(runs, left)
