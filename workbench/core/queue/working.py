"""Works the queue off: one of any number of workers, each in a process of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Generator, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.devices import choose_device, describe
from workbench.core.base.errors import (
    MAKE_ROOM,
    Problem,
    WorkbenchError,
    problem_of,
)
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.at_work import AtWork
from workbench.core.queue.claiming import Claims
from workbench.core.queue.hold import Hold
from workbench.core.queue.progress import Progress
from workbench.core.queue.queue import RunQueue, Seen
from workbench.core.queue.queued import Queued, QueueState
from workbench.core.queue.searches import with_next_trial
from workbench.core.queue.side_by_side import Rest, side_by_side
from workbench.core.queue.trials import Pruner, note_in_journal
from workbench.core.runs.events import EndEvent, EvaluationEvent, Event
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.core.runs.store import State as RunState
from workbench.core.training.company import Company
from workbench.core.training.training import TakenOver, Training, train

_AGAIN_SECONDS = 5.0
"""How often who waits for more looks whether a worker left something behind."""


class Patience(StrEnum):
    """When a worker waits, rather than end."""

    NONE = "none"
    HELD = "held"
    """While the queue is paused at once, as a window does it."""
    ALWAYS = "always"
    """Also while there is nothing to be trained."""


def work_off(
    queue: RunQueue,
    data: Path,
    device: str = "auto",
    is_stopping: Callable[[], bool] = lambda: False,
    *,
    patience: Patience = Patience.NONE,
    share: int = 1,
    only: Collection[str] | None = None,
) -> Generator[Progress, None, bool]:
    """Train what is waiting, one after the other, until nothing is or it is paused.

    Others may work on the same queue: what one of them trains is left to it, and what
    one that is gone has left behind is trained on. Runs of a sweep that gain by it are
    trained side by side (``mates``): their items take turns. One that is taken out of
    the queue meanwhile is stopped.

    A run that fails says so in the queue, and the next one begins. Closing the
    generator stops the run with a checkpoint; it is the first to go on next time. So
    does ``is_stopping``, which is asked during evaluations and pauses as well. With the
    ids of ``only`` some items are trained, and the others wait on. So many as ``share``
    are to work on it, though they may not be there yet. Returned is whether this
    worker was asked to stop, as one of them (``Workers.ask_to_stop``).
    """
    with AtWork(queue.runs, describe(choose_device(device))) as here:

        def is_to_stop() -> bool:
            return here.is_to_stop or is_stopping()

        claims = Claims(queue, here.id, device, share)
        seen = Seen(queue)
        pruner = Pruner(queue.runs, seen)
        worker = _Worker(queue, data, device, is_to_stop, claims, seen, pruner)
        try:
            while items := worker.next_items(patience, only):
                yield from worker.train_all(items, here)
        finally:
            claims.give_back()
        return here.is_to_stop


class _Worker(NamedTuple):
    """How a process works the queue off; ``seen`` is the queue as it stands."""

    queue: RunQueue
    data: Path
    device: str
    is_stopping: Callable[[], bool]
    claims: Claims
    seen: Callable[[], QueueState]
    pruner: Pruner

    def next_items(
        self, patience: Patience, only: Collection[str] | None
    ) -> list[Queued]:
        """Take what is trained next, as soon as there is something; nothing to end.

        Before it ends it sees whether who has the rest is there.
        """
        waits = patience is not Patience.NONE
        Hold(lambda: waits and self.seen().is_held, self.is_stopping).wait()
        while not self.is_stopping():
            items = self.claims.take(with_next_trial, only)
            always = patience is Patience.ALWAYS
            if items or not (always or self.claims.is_in_doubt()):
                return items
            self._wait_for_more()
        return []

    def _wait_for_more(self) -> None:
        """Wait until the queue is another, or it is time to look for what was left."""
        before, until = self.seen(), time.monotonic() + _AGAIN_SECONDS

        def is_same() -> bool:
            return self.seen() is before and time.monotonic() < until

        Hold(is_same, self.is_stopping).wait()

    def train_all(self, items: list[Queued], here: AtWork) -> Iterator[Progress]:
        """Train what was taken, side by side if there are several."""
        beside: list[Training] = []

        def note(state: RunState) -> None:
            for training in beside:
                training.note(state)

        def paused() -> Collection[str]:
            return () if self.is_stopping() else self.seen().paused_alone

        lives = {
            item.id: self._train(item, beside, partial(self._hold(item).wait, note))
            for item in items
        }
        runs = dict[str, str]()
        with contextlib.closing(Company()) as company:
            for progress in side_by_side(lives, paused, company):
                if progress.event is None:
                    runs[progress.item.id] = progress.folder.path.name
                    here.does(runs.values())
                    progress.folder.log(f"taken by {here.words}")
                yield progress
        here.does(())

    def _hold(self, item: Queued) -> Hold:
        """Return what lets an item's run wait, until it is to go on or to stop."""
        return Hold(lambda: self.seen().is_held, lambda: self._is_to_end(item))

    def _is_to_end(self, item: Queued) -> bool:
        return self.is_stopping() or item.id not in self.seen().ids

    def _train(
        self, item: Queued, beside: list[Training], wait: Callable[[], None]
    ) -> Generator[Progress | Rest, None, None]:
        folder = None
        try:
            folder = self.queue.begun_folder(item) or self._new(item)
            if item.run and (problem := folder.info().problem):
                # What nobody foresaw ended the process: not again, for ever.
                self._fail(item, problem)
                return
            _say_of_what_it_is(folder, item)
            yield Progress(item, folder, None)
            if not _is_over(item, folder.info()):
                training = self._begin(item, folder)
                beside.append(training)
                try:
                    yield from self._events(item, folder, training, wait)
                finally:
                    beside.remove(training)
            info = folder.info()
            if info.state == "completed":
                self._end(item, "done")
            elif info.pruned:
                self._end(item, "pruned", message=info.pruned)
        except WorkbenchError as error:
            problem = problem_of(error)
            if MAKE_ROOM in problem.remedies:
                # So would every other of the queue: all wait until there is room.
                _put_back(folder)
                raise
            self._fail(item, problem)

    def _begin(self, item: Queued, folder: RunFolder) -> Training:
        """Train an item's run until it ends, or is to be stopped."""
        return train(
            folder,
            data=self.data,
            device=self.device,
            is_stopping=lambda: self._is_to_end(item),
        )

    def _fail(self, item: Queued, problem: Problem) -> None:
        text, remedies = problem
        self._end(item, "failed", message=text, remedies=remedies)

    def _end(self, item: Queued, state: str, **changes: object) -> None:
        """Say how an item ended, unless another worker has it by now."""
        over = {"state": state, "worker": "", "is_paused": False, "deaths": ()}
        with contextlib.suppress(TakenOver):
            self.claims.change(item, **over, **changes)
        note_in_journal(self.queue.runs, self.queue.read(), item)

    def _new(self, item: Queued) -> RunFolder:
        """Make a folder; it is in the queue before, and nobody else's if this dies."""
        return new_run(
            self.queue.runs,
            RunConfig.from_toml(item.config),
            name=item.name,
            preset=item.preset,
            announce=lambda run: self.claims.change(item, run=run),
        )

    def _events(
        self,
        item: Queued,
        folder: RunFolder,
        training: Training,
        wait: Callable[[], None],
    ) -> Generator[Progress | Rest, None, None]:
        """Train a run, and give it up where its search does."""
        with contextlib.closing(training):
            yield Rest(training)
            while (events := training.turn()) is not None:
                if not events:
                    yield Rest(training)
                for event in events:
                    yield Progress(item, folder, event)
                    if not isinstance(event, EndEvent):
                        wait()
                if reason := self._reason_to_prune(item, folder, events):
                    # First, for who is killed while it stops.
                    folder.update(pruned=reason)
                    training.close()
                    folder.log(f"given up by its search: {reason}")

    def _reason_to_prune(
        self, item: Queued, folder: RunFolder, events: list[Event]
    ) -> str:
        for event in events:
            if isinstance(event, EvaluationEvent) and event.split == "validation":
                return self.pruner.reason(item, folder, event.step)
        return ""


def _say_of_what_it_is(folder: RunFolder, item: Queued) -> None:
    """Say in a run's folder of which sweep it is, and of which trial; once."""
    info = folder.info()
    # One that goes on by itself is still of its trial.
    sweep, trial = item.sweep, item.trial or info.trial
    if (info.sweep, info.trial) != (sweep, trial):
        folder.update(sweep=sweep, trial=trial)


def _is_over(item: Queued, info: RunInfo) -> bool:
    """Whether a run is to be trained no more: its worker may have died saying so."""
    is_given_up = item.trial is not None and bool(info.pruned)
    return info.state == "completed" or is_given_up


def _put_back(folder: RunFolder | None) -> None:
    """Let a run go on from its checkpoint that a full disk has ended."""
    if folder is not None:
        with contextlib.suppress(WorkbenchError, OSError):
            folder.update(state="stopped", message="", remedies=())
