"""The queue: configurations waiting to be trained, one after the other.

It is a file beside the runs (``queue.json``), so that it outlives the window; one
process at a time works it off, and any may add to it, reorder it or pause it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from workbench.core.base import phrases
from workbench.core.base.errors import (
    OTHER_RUNS,
    Problem,
    WorkbenchError,
    problem_of,
)
from workbench.core.base.file_lock import LockError, LockTaken, file_lock
from workbench.core.base.files import aside_of, read, write_atomically
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.hold import Hold, Seen
from workbench.core.queue.mates import with_mates
from workbench.core.queue.queued import Queued as Queued
from workbench.core.queue.queued import QueueState as QueueState
from workbench.core.queue.queued import as_read_again, item_of
from workbench.core.queue.salvage import whole_entries
from workbench.core.queue.side_by_side import Rest, side_by_side
from workbench.core.runs.errors import RunError, refused_by_disk
from workbench.core.runs.events import EndEvent, Event
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder
from workbench.core.runs.store import State as RunState
from workbench.core.runs.sweeps import new_sweep_id
from workbench.core.training.company import Company
from workbench.core.training.training import TakenOver, Training, train

MOST_FINISHED = 100
"""How many of what is done or failed are kept when more is added; the newest."""

_MOMENT = 1.0
"""Whoever only asks whether the queue is worked off holds its lock for less."""


class Progress(NamedTuple):
    """What happens while the queue is worked off: an event of an item's run.

    The first of an item has no event, and its run's folder is there.
    """

    item: Queued
    folder: RunFolder
    event: Event | None


class _Worker(NamedTuple):
    """How a process works the queue off; ``seen`` is the queue as it stands."""

    data: Path
    device: str
    is_stopping: Callable[[], bool]
    seen: Callable[[], QueueState]

    def begin(self, item: Queued, folder: RunFolder) -> Training:
        """Train an item's run until it ends, or is to be stopped."""

        def is_stopping() -> bool:
            return self.is_stopping() or item.id not in self.seen().ids

        return train(
            folder, data=self.data, device=self.device, is_stopping=is_stopping
        )


def _events(
    item: Queued, folder: RunFolder, training: Training, wait: Callable[[], None]
) -> Generator[Progress | Rest, None, None]:
    with contextlib.closing(training):
        yield Rest(training)
        while (events := training.turn()) is not None:
            if not events:
                yield Rest(training)
            for event in events:
                yield Progress(item, folder, event)
                if not isinstance(event, EndEvent):
                    wait()


class RunQueue:
    """The queue of a folder of runs; every change is written at once."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.file = runs / "queue.json"

    def read(self) -> QueueState:
        """Return the queue, or what can be read of it, with a notice that says so."""
        try:
            content = read(self.file)
        except FileNotFoundError:
            return QueueState()
        except OSError as error:
            return QueueState(notice=f"cannot read {self.file}: {error.strerror}")
        try:
            return QueueState.model_validate_json(content)
        except ValidationError:
            return self._salvaged(content, "is kept aside when the queue is changed")

    def add(
        self, configs: Sequence[tuple[str, RunConfig]], preset: str = ""
    ) -> list[Queued]:
        """Add configurations with their names at the end; forget what is long done.

        Several at once are a sweep, and their runs will say so.
        """
        sweep = new_sweep_id() if len(configs) > 1 else ""
        new = [
            Queued(
                id=secrets.token_hex(6),
                name=name,
                config=config.to_toml(),
                preset=preset,
                sweep=sweep,
            )
            for name, config in configs
        ]
        self._append(new)
        return new

    def add_begun(self, folder: RunFolder) -> Queued:
        """Add a run that was begun and stopped, to go on with it in its turn."""
        info = folder.info()
        item = Queued(
            id=secrets.token_hex(6),
            name=info.name,
            config=folder.config().to_toml(),
            preset=info.preset,
            sweep=info.sweep,
            run=folder.path.name,
        )
        self._append([item])
        return item

    def remove(self, ids: Sequence[str]) -> None:
        """Take items out; a run that has begun stays where it is."""
        with self._changing() as state:
            kept = (item for item in state.items if item.id not in ids)
            self._write(state, items=tuple(kept))

    def remove_finished(self) -> None:
        """Take out what is done or failed."""
        with self._changing() as state:
            self._write(state, items=state.waiting, notice="")

    def move(self, id: str, places: int) -> None:
        """Move an item down by so many places, or up if negative."""
        with self._changing() as state:
            items = list(state.items)
            at = next((n for n, item in enumerate(items) if item.id == id), None)
            if at is not None:
                item = items.pop(at)
                items.insert(min(max(at + places, 0), len(items)), item)
                self._write(state, items=tuple(items))

    def pause(self, paused: bool, *, at_once: bool = False) -> None:
        """Begin no further run, or go on; ``at_once`` lets the present one wait too."""
        with self._changing() as state:
            self._write(state, paused=paused, is_held=paused and at_once)

    def pause_runs(self, ids: Collection[str], paused: bool) -> None:
        """Let some runs of a company wait, or go on, and the others be."""
        with self._changing() as state:
            items = (
                item.model_copy(update={"is_paused": paused})
                if item.id in ids
                else item
                for item in state.items
            )
            self._write(state, items=tuple(items))

    def damage(self) -> str:
        """Return what is wrong with the file; empty if nothing is."""
        try:
            content = read(self.file)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"it cannot be read ({error.strerror})"
        try:
            QueueState.model_validate_json(content)
        except ValidationError:
            count = phrases.counted(len(self._salvaged(content, "").items), "item")
            return f"it is damaged, and {count} can be read of it"
        return ""

    def repair(self) -> str:
        """Write what can be read of a damaged file; return what was done."""
        with self._changing() as state:
            self._write(state)
        return state.notice

    def is_worked_off(self) -> bool:
        """Return whether a process is training what is in the queue."""
        try:
            with file_lock(self._worker_file, wait=False):
                return False
        except LockTaken:
            return True
        except LockError:  # nothing can be trained there
            return False

    def work_off(
        self,
        data: Path,
        device: str = "auto",
        is_stopping: Callable[[], bool] = lambda: False,
        *,
        stays: bool = False,
        only: Collection[str] | None = None,
    ) -> Generator[Progress, None, None]:
        """Train what is waiting, one after the other, until nothing is or it is paused.

        Runs of a sweep that gain by it are trained side by side (``mates``): their
        items take turns. One that is taken out of the queue meanwhile is stopped.

        A run that fails says so in the queue, and the next one begins. Closing the
        generator stops the run with a checkpoint; it is the first to go on next time.
        So does ``is_stopping``, which is asked during evaluations and pauses as well.
        With ``stays`` it also waits before a run while the queue is held; with the ids
        of ``only`` some items are trained, and the others wait on.
        RunError if another process is at it, and TakenOver if one is by now.
        """
        with refused_by_disk(self.runs, OTHER_RUNS):
            self.runs.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(file_lock(self._worker_file, wait=_MOMENT))
            except LockTaken as error:
                raise RunError(
                    f"another process works the queue off already: {error}"
                ) from None
            except LockError as error:
                raise RunError(str(error), *error.remedies) from error
            seen = Seen(self.file, self.read)
            before = Hold(lambda: stays and seen().is_held, is_stopping)
            worker = _Worker(data, device, is_stopping, seen)
            while not is_stopping() and (items := self._next(before, worker, only)):
                yield from self._train_all(items, worker)

    def _next(
        self, hold: Hold, worker: _Worker, only: Collection[str] | None
    ) -> list[Queued]:
        """Return what is trained next: one, or several side by side."""
        hold.wait()
        state = self.read()
        wanted = [i for i in state.waiting if only is None or i.id in only]
        if state.paused or not wanted:
            return []
        # What was begun goes on first.
        first = min(wanted, key=lambda item: item.state == "waiting")
        return with_mates(first, wanted, worker.device)

    def _train_all(self, items: list[Queued], worker: _Worker) -> Iterator[Progress]:
        beside: list[Training] = []

        def note(state: RunState) -> None:
            for training in beside:
                training.note(state)

        def paused() -> Collection[str]:
            return () if worker.is_stopping() else worker.seen().paused_alone

        hold = Hold(lambda: worker.seen().is_held, worker.is_stopping)
        lives = {
            item.id: self._train(item, worker, beside, lambda: hold.wait(note))
            for item in items
        }
        with contextlib.closing(Company()) as company:
            yield from side_by_side(lives, paused, company)

    def _train(
        self,
        item: Queued,
        worker: _Worker,
        beside: list[Training],
        wait: Callable[[], None],
    ) -> Generator[Progress | Rest, None, None]:
        try:
            folder = self._begun(item) or self._new(item)
            if item.run and (problem := folder.info().problem):
                # What nobody foresaw ended the process: not again, for ever.
                self._fail(item, problem)
                return
            if item.run and item.state == "waiting":
                self._change_item(item.id, state="running")
            if folder.info().sweep != item.sweep:
                folder.update(sweep=item.sweep)
            yield Progress(item, folder, None)
            if folder.info().state != "completed":
                training = worker.begin(item, folder)
                beside.append(training)
                try:
                    yield from _events(item, folder, training, wait)
                finally:
                    beside.remove(training)
            is_over = folder.info().state == "completed"
        except TakenOver:
            raise  # whoever has the run works the queue off as well
        except WorkbenchError as error:
            self._fail(item, problem_of(error))
        else:
            if is_over:
                self._change_item(item.id, state="done", is_paused=False)

    def _fail(self, item: Queued, problem: Problem) -> None:
        text, remedies = problem
        changes = {"message": text, "remedies": remedies, "is_paused": False}
        self._change_item(item.id, state="failed", **changes)

    def _begun(self, item: Queued) -> RunFolder | None:
        """Return the folder that the item began, if it is there, and nowhere else."""
        folder = RunFolder(self.runs / item.run)
        is_name = item.run not in ("", "..") and Path(item.run).name == item.run
        is_there = is_name and os.path.isfile(folder.path / "run.json")
        return folder if is_there else None

    def _new(self, item: Queued) -> RunFolder:
        """Make a folder; it is in the queue before, and nobody else's if this dies."""
        return new_run(
            self.runs,
            RunConfig.from_toml(item.config),
            name=item.name,
            preset=item.preset,
            announce=lambda run: self._change_item(item.id, state="running", run=run),
        )

    @property
    def _worker_file(self) -> Path:
        return self.runs / ".queue-worker.lock"

    def _append(self, new: Sequence[Queued]) -> None:
        with self._changing() as state:
            forgotten = {item.id for item in state.finished[:-MOST_FINISHED]}
            kept = (item for item in state.items if item.id not in forgotten)
            self._write(state, items=(*kept, *new))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[QueueState]:
        try:
            with refused_by_disk(self.file, OTHER_RUNS):
                self.runs.mkdir(parents=True, exist_ok=True)
                with file_lock(self.runs / ".queue.lock"):
                    yield self._to_change()
        except LockError as error:
            raise RunError(str(error), *error.remedies) from error

    def _to_change(self) -> QueueState:
        """Return the queue, of which nothing may be lost by writing it."""
        try:
            content = read(self.file)
        except FileNotFoundError:
            return QueueState()
        except OSError as error:
            raise RunError(f"cannot read {self.file}: {error.strerror}") from error
        try:
            return QueueState.model_validate_json(content)
        except ValidationError:
            aside = aside_of(self.file)
            write_atomically(aside, content)
            return self._salvaged(content, f"is kept as {aside.name}")

    def _salvaged(self, content: bytes, what_became: str) -> QueueState:
        """Return the items that can be read of a damaged file, with a notice."""
        items = list[Queued]()
        for entry in whole_entries(content, "items"):
            with contextlib.suppress(ValueError):
                items += as_read_again(QueueState(items=(item_of(entry),))).items
        count = phrases.counted(len(items), "item")
        notice = f"{self.file} was damaged: {count} could be read, and it {what_became}"
        return QueueState(notice=notice, items=tuple(items))

    def _write(self, state: QueueState, **changes: object) -> None:
        changed = state.model_copy(update=changes)
        write_atomically(self.file, changed.model_dump_json(indent=1).encode())

    def _change_item(self, id: str, **changes: object) -> None:
        with self._changing() as state:
            items = (
                item.model_copy(update=changes) if item.id == id else item
                for item in state.items
            )
            self._write(state, items=tuple(items))
