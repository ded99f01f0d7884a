"""What a worker takes from the queue, and gives back: nobody else has it meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.errors import WorkbenchError
from workbench.core.queue.mates import with_mates
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.queued import Queued, QueueState
from workbench.core.queue.workers import WorkerRecord, Workers
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import ALIVE, RunFolder
from workbench.core.training.record import is_in_hand
from workbench.core.training.training_error import TakenOver

NextTrial = Callable[[Path, QueueState, Queued], QueueState]

MOST_DEATHS = 3
"""So many workers may be killed at a run, one after the other, at the same place."""


class Claims:
    """What one worker has of a queue, which it may ``share`` with so many."""

    def __init__(
        self, queue: RunQueue, worker: str, device: str, share: int = 1
    ) -> None:
        self._queue, self._worker = queue, worker
        self._device, self._share = device, share
        self.workers = Workers(queue.runs)

    def take(
        self, with_next_trial: NextTrial, only: Collection[str] | None = None
    ) -> list[Queued]:
        """Return what to train next: one, or several side by side; nothing if none is.

        Of a search ``with_next_trial`` makes the runs of a trial. What a worker that is
        gone has left behind is taken over.
        """
        self.workers.refuse_broken_locks()
        with self._queue.changing() as before:
            present, state = self._without_the_gone(before)
            items = list[Queued]()
            while (free := _free(state, only)) and not state.paused:
                state, first = self._first(state, free, with_next_trial)
                if first is not None:
                    workers = max(present, self._share)
                    items = with_mates(first, free, self._device, workers)
                    break
            for item in items:
                state = state.having(item.id, state="running", worker=self._worker)
            if state is not before:
                self._queue.write(state)
        return items

    def _first(
        self, state: QueueState, free: list[Queued], with_next_trial: NextTrial
    ) -> tuple[QueueState, Queued | None]:
        """Return what is first, as what was begun is; or the queue with a next trial.

        Where this worker cannot search, another may: it trains what comes after.
        """
        first = min(free, key=lambda item: item.state == "waiting")
        if first.search is None:
            return state, first
        try:
            return with_next_trial(self._queue.runs, state, first), None
        except WorkbenchError:
            runs = [item for item in free if item.search is None]
            if not runs:
                raise
            return state, runs[0]

    def is_in_doubt(self) -> bool:
        """Whether there may soon be something to take over, of a worker elsewhere."""
        state, doubtful = self._queue.read(), self.workers.in_doubt()
        open_ones = () if state.paused else state.all_begun
        return any(item.worker in doubtful for item in open_ones)

    def change(self, item: Queued, **changes: object) -> None:
        """Note how an item stands; TakenOver where another worker has it by now."""
        with self._queue.changing() as state:
            for now in state.items:
                if now.id == item.id and now.worker != self._worker:
                    by = f" by {now.worker}" if now.worker else ""
                    raise TakenOver(f"{item.name} was taken over{by} meanwhile")
            self._queue.write(state.having(item.id, **changes))

    def give_back(self) -> None:
        """Let others have what was not trained to its end."""
        if not self._queue.read().of(self._worker):
            return
        with self._queue.changing() as state:
            for item in state.of(self._worker):
                begun = "running" if item.run else "waiting"
                is_open = item.state == "running"
                changes = {"worker": "", "state": begun if is_open else item.state}
                state = state.having(item.id, **changes)
            self._queue.write(state)

    def _without_the_gone(self, state: QueueState) -> tuple[int, QueueState]:
        """Return how many workers there are, and what is free since others are not."""
        records = {each.id: each for each in self.workers.recorded()}
        there = {id for id, each in records.items() if self.workers.is_there(each)}
        for item in state.items:
            if item.state == "running" and item.worker and item.worker not in there:
                state = _left(state, item, records.get(item.worker), self._queue)
        for id in records.keys() - there:
            self.workers.forget(records[id])
        return len(there), state


def _free(state: QueueState, only: Collection[str] | None) -> list[Queued]:
    """Return what may be taken."""
    return [
        item
        for item in state.items
        if item.is_free and (only is None or item.id in only)
    ]


class _Death(NamedTuple):
    """How far a run was when its worker was gone without a word."""

    folder: RunFolder
    worker: WorkerRecord | None

    @property
    def length(self) -> int:
        """How many bytes of events it had."""
        with contextlib.suppress(OSError):
            return self.folder.metrics.stat().st_size
        return 0

    def note(self) -> None:
        """Say in the folder that nobody has the run in hand, if that one had."""
        with contextlib.suppress(RunError):
            info, worker = self.folder.info(), self.worker
            had = worker and (info.pid, info.host) == (worker.pid, worker.host)
            if had and info.state in ALIVE:
                self.folder.update(state="interrupted", pid=None)


def _left(
    state: QueueState, item: Queued, worker: WorkerRecord | None, queue: RunQueue
) -> QueueState:
    """Return the queue with an item free that was left behind; or failed, at last."""
    change = partial(state.having, item.id, worker="")
    folder = queue.begun_folder(item)
    if folder is None:
        return change(state="waiting", run="")
    if is_in_hand(folder):  # nobody could train it: its worker may but be suspended
        return state
    death = _Death(folder, worker)
    death.note()
    deaths = (*item.deaths, death.length)[-MOST_DEATHS:]
    if len(deaths) < MOST_DEATHS or len({*deaths}) > 1:
        return change(deaths=deaths)
    message = (
        f"{MOST_DEATHS} processes that trained it were killed one after the other, "
        "at the same place: perhaps for the memory that they took. Its checkpoint is "
        "whole: resume it where there is more, or with smaller tasks"
    )
    return change(state="failed", message=message, deaths=())
