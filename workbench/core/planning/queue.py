"""The queue: configurations waiting to be trained, one after the other.

It is a file beside the runs (``queue.json``), so that it outlives the window; one
process at a time works it off, and any may add to it, reorder it or pause it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.base import phrases
from workbench.core.base.errors import (
    MALFORMED,
    OTHER_RUNS,
    Problem,
    Remedy,
    WorkbenchError,
    problem_of,
)
from workbench.core.base.file_lock import LockError, LockTaken, file_lock
from workbench.core.base.files import aside_of, read, write_atomically
from workbench.core.config.overrides import parse_toml
from workbench.core.config.run_config import RunConfig
from workbench.core.planning.hold import Hold
from workbench.core.planning.salvage import whole_entries
from workbench.core.runs.errors import RunError, refused_by_disk
from workbench.core.runs.events import EndEvent, Event
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder
from workbench.core.runs.sweeps import new_sweep_id
from workbench.core.training.training import TakenOver, Training, train

State = Literal["waiting", "running", "done", "failed"]

MOST_FINISHED = 100
"""How many of what is done or failed are kept when more is added; the newest."""

_MOMENT = 1.0
"""Whoever only asks whether the queue is worked off holds its lock for less."""


class Queued(BaseModel):
    """One configuration in the queue; ``run`` is its folder's name once it began."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    config: str
    preset: str = ""
    sweep: str = ""
    state: State = "waiting"
    run: str = ""
    message: str = ""
    remedies: tuple[Remedy, ...] = ()

    @property
    def title(self) -> str:
        """Its name with its seed, which that of a sweep's run may have already."""
        seed = f"seed {_seed_of(self.config)}"
        return self.name if self.name.endswith(seed) else f"{self.name}, {seed}"

    @property
    def problem(self) -> Problem:
        """Why it failed, and what helps."""
        return Problem(self.message, self.remedies)


def _item(entry: dict[str, Any]) -> Queued:
    """Return an item as it was written; one in a state that is unknown has failed."""
    state = entry.get("state", "waiting")
    if state in get_args(State):
        return Queued.model_validate(entry)
    message = f"its state was {state!r}, which this version does not know"
    return Queued.model_validate(entry | {"state": "failed", "message": message})


@functools.lru_cache(maxsize=4096)
def _seed_of(config: str) -> object:
    try:
        return parse_toml(config)["training"]["seed"]
    except MALFORMED:
        return "unknown"


class QueueState(BaseModel):
    """All there is in the queue, in the order in which it is trained.

    ``is_held`` says that the run being trained waits as well, while it is paused.
    ``notice`` says what happened to its file, until what is finished is taken out.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    paused: bool = False
    is_held: bool = False
    notice: str = ""
    items: tuple[Queued, ...] = ()

    @property
    def waiting(self) -> tuple[Queued, ...]:
        """What is still to be trained: waiting, or begun by a process now gone."""
        return tuple(i for i in self.items if i.state in ("waiting", "running"))

    @property
    def begun(self) -> Queued | None:
        """What is being trained, or was when the process that did is gone."""
        return next((i for i in self.items if i.state == "running"), None)

    @property
    def finished(self) -> tuple[Queued, ...]:
        """What is done or failed."""
        return tuple(i for i in self.items if i.state in ("done", "failed"))

    @property
    def failed(self) -> tuple[Queued, ...]:
        """What failed."""
        return tuple(i for i in self.items if i.state == "failed")


def _as_read_again(state: QueueState) -> QueueState:
    """Return what is read where this is written; ValueError where nothing can be."""
    return QueueState.model_validate_json(state.model_dump_json())


class Progress(NamedTuple):
    """What happens while the queue is worked off: an event of an item's run.

    The first of an item has no event, and its run's folder is there.
    """

    item: Queued
    folder: RunFolder
    event: Event | None


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
            begin = functools.partial(
                train, data=data, device=device, is_stopping=is_stopping
            )
            before = Hold(self.file, lambda: stays and self.read().is_held, is_stopping)
            within = Hold(self.file, lambda: self.read().is_held, is_stopping)
            while not is_stopping() and (item := self._next(before, only)) is not None:
                yield from self._train(item, begin, within)

    def _next(self, hold: Hold, only: Collection[str] | None) -> Queued | None:
        hold.wait()
        state = self.read()
        if state.paused:
            return None
        wanted = (item for item in state.waiting if only is None or item.id in only)
        # What was begun goes on first.
        return min(wanted, key=lambda item: item.state == "waiting", default=None)

    def _train(
        self, item: Queued, begin: Callable[[RunFolder], Training], hold: Hold
    ) -> Iterator[Progress]:
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
                yield from self._events(item, folder, begin(folder), hold)
            is_over = folder.info().state == "completed"
        except TakenOver:
            raise  # whoever has the run works the queue off as well
        except WorkbenchError as error:
            self._fail(item, problem_of(error))
        else:
            if is_over:
                self._change_item(item.id, state="done")

    def _events(
        self, item: Queued, folder: RunFolder, training: Training, hold: Hold
    ) -> Iterator[Progress]:
        with contextlib.closing(training):
            for event in training:
                yield Progress(item, folder, event)
                if not isinstance(event, EndEvent):
                    hold.wait(training.note)

    def _fail(self, item: Queued, problem: Problem) -> None:
        text, remedies = problem
        self._change_item(item.id, state="failed", message=text, remedies=remedies)

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
                items += _as_read_again(QueueState(items=(_item(entry),))).items
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
