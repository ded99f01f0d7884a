"""Sees how the queue stands, whoever changes it and whoever works it off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.base.files import stamp_of
from workbench.core.queue.queue import Queued, QueueState, RunQueue
from workbench.core.queue.workers import WorkerRecord, Workers
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.gui.queue.queue_worker import QueueWorker
from workbench.gui.shell.beside import QueueNews
from workbench.gui.shell.session import Progress

_LOOK_MS = 1000


class QueueWatch(QObject):
    """Looks at the queue's file, its workers, and a run being trained, once a second.

    ``is_mine`` says that this window's process works the queue off; ``others`` are the
    workers that are not of it. ``at_work`` says who trains an item, by its id;
    ``trained`` are these, first what this window's process trains, and ``left`` is what
    nobody trains now and is to be trained.

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
        self.is_mine = False
        self.workers: tuple[WorkerRecord, ...] = ()
        self.others: tuple[WorkerRecord, ...] = ()
        self.at_work: Mapping[str, WorkerRecord] = {}
        self.trained: tuple[Queued, ...] = ()
        self.left: tuple[Queued, ...] = ()
        self._queue, self._worker = queue, worker
        self._recorded = Workers(queue.runs)
        self._stamp = (0, 0)
        self._before: frozenset[str] = frozenset()
        self._info: RunInfo | None = None
        self._looked_at: Path | None = None
        self._live: Progress | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_elsewhere(self) -> bool:
        """Whether processes work the queue off that are not this window's."""
        return bool(self.others)

    @property
    def is_busy(self) -> bool:
        """Whether a process works the queue off."""
        return self.is_mine or self.is_elsewhere

    @property
    def is_busy_here(self) -> bool:
        """Whether a process of this machine works the queue off."""
        return self.is_mine or any(each.is_here for each in self.others)

    @property
    def batch(self) -> tuple[Queued, ...]:
        """What was worked off since a process last began to, and what waits."""
        runs = (item for item in self.state.items if item.search is None)
        return tuple(item for item in runs if item.id not in self._before)

    def begin(self) -> None:
        """Look from now on."""
        self._timer.start()
        self.look()

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """See how the queue stands: this or another process works on it."""
        before, was_busy, was_mine = self._seen(), self.is_busy, self.is_mine
        others = self._others_ids
        mine = {item.id for item in self.state.waiting if item.worker not in others}
        self._look_at_all()
        if not self.is_busy:
            self._live = None
        elif not was_busy:
            self._before = frozenset(item.id for item in self.state.finished)
        self._look_at_run()
        if before != self._seen():
            self.changed.emit()
        self.looked.emit()
        for item in self.state.finished:
            if was_mine and item.id in mine and item.search is None:
                self.finished.emit(item)

    def silence(self, worker: WorkerRecord) -> float:
        """Return for how many seconds no new sign of a worker was seen."""
        return self._recorded.silence(worker)

    def ask_to_stop(self, worker: WorkerRecord) -> None:
        """Have a worker stop with a checkpoint, wherever it is."""
        self._recorded.ask_to_stop(worker.id)

    def take_in(self, progress: Progress | None) -> None:
        """Take in how far a run is, as it is watched: its folder says so later."""
        self._live = progress or self._live

    def news(self, *, is_next: bool) -> QueueNews:
        """Return how the queue stands, for those who only show it."""
        waiting = self.state.waiting
        to_come = sum(item.to_come for item in waiting)
        news = QueueNews(
            waiting=sum(item.runs for item in waiting),
            to_begin=tuple(_to_begin(waiting)),
            is_trained=self.is_busy,
            is_mine=self.is_mine,
            is_paused=self.state.paused,
            is_held=self.state.is_held,
            is_stopping=self._worker.is_stopping,
            is_next=is_next,
        )
        if not self.is_busy:
            return news
        batch, run = self.batch, self._run()
        done = sum(item.state not in ("waiting", "running") for item in batch)
        total = len(batch) + to_come
        news = news._replace(number=min(done + 1, total), total=total, run=run)
        by = {self.at_work[item.id].id for item in self.trained}
        news = news._replace(runs=self._runs(), workers=len(by))
        info = self._info
        # Of several workers each is elsewhere: one is not how far all are.
        if info is None or len(by) > 1:
            return news
        live = self._live if self._live and self._live.folder == run else info
        newest = max((live, info), key=lambda each: each.step)
        return news._replace(
            name=info.name,
            step=newest.step,
            iterations=info.iterations,
            seconds_left=newest.seconds_left,
        )

    @property
    def _others_ids(self) -> frozenset[str]:
        return frozenset(each.id for each in self.others)

    def _seen(self) -> tuple[object, ...]:
        """Return what is other when the queue is to be shown anew."""
        return self.state, self.is_mine, self._others_ids, frozenset(self.at_work)

    def _look_at_all(self) -> None:
        """Read who is there, then the queue: who goes gives back what it had before."""
        workers = self._recorded.present()
        stamp = stamp_of(self._queue.file)
        if stamp != self._stamp:
            self._stamp = stamp
            self.state = self._queue.read()
        waiting, there = self.state.waiting, {each.id for each in workers}
        if any(item.worker and item.worker not in there for item in waiting):
            workers = self._recorded.present()  # one may just have come
        self.workers, self.is_mine = tuple(workers), self._worker.is_running
        others = (each for each in workers if not self._worker.has(each))
        self.others = tuple(others)
        by_id = {each.id: each for each in workers}
        begun = [item for item in waiting if item.worker in by_id]
        self.at_work = {item.id: by_id[item.worker] for item in begun}
        ids = self._others_ids
        self.trained = tuple(sorted(begun, key=lambda item: item.worker in ids))
        self.left = tuple(item for item in waiting if item.id not in self.at_work)

    def _run(self) -> Path | None:
        """Return the folder of the run being trained."""
        return next(iter(self._runs()), None)

    def _runs(self) -> tuple[Path, ...]:
        """Return the folders of all runs that are trained side by side."""
        return tuple(self._queue.runs / item.run for item in self.trained if item.run)

    def _look_at_run(self) -> None:
        """Read how far the run being trained is."""
        run = self._run()
        if run != self._looked_at:
            self._info, self._looked_at = None, run
        if run is not None:
            with contextlib.suppress(RunError):  # once is no harm
                self._info = RunFolder(run).info()


def _to_begin(waiting: Sequence[Queued]) -> Iterator[str]:
    """Yield the sweep of each run that is not begun, also of those still to come."""
    for item in waiting:
        if item.search is not None:
            yield from [item.sweep] * item.to_come
        elif not item.run:
            yield item.sweep
