"""Sees how the queue stands, whoever changes it and whoever works it off."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.queue.hold import stamp_of
from workbench.core.queue.queue import Queued, QueueState, RunQueue
from workbench.core.queue.workers import WorkerRecord, Workers
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.gui.queue.queue_worker import QueueWorker
from workbench.gui.shell.beside import QueueNews
from workbench.gui.shell.session import Progress

_LOOK_MS = 1000


class QueueWatch(QObject):
    """Looks at the queue's file and at the run being trained, once a second.

    ``is_mine`` says that this window's process works the queue off, ``is_elsewhere``
    that another does.

    Signals:
        looked(): there may be news of the queue, or of the run being trained.
        changed(): the queue, or who works it off, is other than before.
        finished(Queued): what this window's process trained is done, or failed.
    """

    looked = Signal()
    changed = Signal()
    finished = Signal(object)

    def __init__(self, queue: RunQueue, worker: QueueWorker, parent: QObject) -> None:
        super().__init__(parent)
        self.state = QueueState()
        self.is_mine = self.is_elsewhere = False
        self._queue, self._worker = queue, worker
        self._workers = Workers(queue.runs)
        self.workers = list[WorkerRecord]()
        self._stamp = (0, 0)
        self._before: frozenset[str] = frozenset()
        self._info: RunInfo | None = None
        self._live: Progress | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_busy(self) -> bool:
        """Whether a process works the queue off."""
        return self.is_mine or self.is_elsewhere

    @property
    def batch(self) -> tuple[Queued, ...]:
        """What was worked off since a process last began to, and what waits."""
        return tuple(i for i in self.state.items if i.id not in self._before)

    def begin(self) -> None:
        """Look from now on."""
        self._timer.start()
        self.look()

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """See how the queue stands: this or another process works on it."""
        before, was_busy = (self.state, self.is_mine, self.is_elsewhere), self.is_busy
        was_mine, unfinished = self.is_mine, {item.id for item in self.state.waiting}
        stamp = stamp_of(self._queue.file)
        if stamp != self._stamp:
            self._stamp = stamp
            self.state = self._queue.read()
        self.workers = self._workers.present()
        self.is_mine = self._worker.is_running
        self.is_elsewhere = bool(self.workers) and not self.is_mine
        if not self.is_busy:
            self._live = None
        elif not was_busy:
            self._before = frozenset(item.id for item in self.state.finished)
        self._look_at_run()
        if before != (self.state, self.is_mine, self.is_elsewhere):
            self.changed.emit()
        self.looked.emit()
        for item in self.state.finished:
            if was_mine and item.id in unfinished:
                self.finished.emit(item)

    def take_in(self, progress: Progress | None) -> None:
        """Take in how far a run is, as it is watched: its folder says so later."""
        self._live = progress or self._live

    def news(self, *, is_next: bool) -> QueueNews:
        """Return how the queue stands, for those who only show it."""
        news = QueueNews(
            waiting=len(self.state.waiting),
            to_begin=tuple(i.sweep for i in self.state.waiting if not i.run),
            is_trained=self.is_busy,
            is_mine=self.is_mine,
            is_paused=self.state.paused,
            is_held=self.state.is_held,
            is_stopping=self._worker.is_stopping,
            is_next=is_next,
        )
        if not self.is_busy:
            return news
        done = sum(item.state in ("done", "failed") for item in self.batch)
        total, info, run = len(self.batch), self._info, self._run()
        news = news._replace(number=min(done + 1, total), total=total, run=run)
        news = news._replace(runs=self._runs())
        if info is None:
            return news
        live = self._live if self._live and self._live.folder == run else info
        newest = max((live, info), key=lambda each: each.step)
        return news._replace(
            name=info.name,
            step=newest.step,
            iterations=info.iterations,
            seconds_left=newest.seconds_left,
        )

    def _run(self) -> Path | None:
        """Return the folder of the run being trained."""
        begun = self.state.begun if self.is_busy else None
        return self._queue.runs / begun.run if begun and begun.run else None

    def _runs(self) -> tuple[Path, ...]:
        """Return the folders of all runs that are trained side by side."""
        begun = self.state.all_begun if self.is_busy else ()
        return tuple(self._queue.runs / item.run for item in begun if item.run)

    def _look_at_run(self) -> None:
        """Read how far the run being trained is."""
        run = self._run()
        if run is None:
            self._info = None
            return
        with contextlib.suppress(RunError):  # once is no harm
            self._info = RunFolder(run).info()
