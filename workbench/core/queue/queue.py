"""The queue: configurations waiting to be trained, one after the other.

It is a file beside the runs (``queue.json``), so that it outlives the window. Any
number of workers work it off, and any process may add to it, reorder it or pause it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from workbench.core.base import phrases
from workbench.core.base.errors import (
    OTHER_RUNS,
)
from workbench.core.base.file_lock import LockError, file_lock
from workbench.core.base.files import aside_of, read, stamp_of, write_atomically
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.queued import Queued as Queued
from workbench.core.queue.queued import QueueState as QueueState
from workbench.core.queue.queued import as_read_again, item_of
from workbench.core.queue.salvage import whole_entries
from workbench.core.runs.errors import RunError, refused_by_disk
from workbench.core.runs.store import RunFolder
from workbench.core.runs.sweeps import new_sweep_id

MOST_FINISHED = 100
"""How many of what is done or failed are kept when more is added; the newest."""

_MOMENT = 1.0
"""Whoever only asks whether the queue is worked off holds its lock for less."""


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
            notice = f"cannot read {self.file}: {error.strerror}"
            return QueueState(notice=notice, is_whole=False)
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
        self.append(new)
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
        self.append([item])
        return item

    def remove(self, ids: Sequence[str]) -> None:
        """Take items out; a run that has begun stays where it is."""
        with self.changing() as state:
            kept = (item for item in state.items if item.id not in ids)
            self.write(state, items=tuple(kept))

    def remove_finished(self) -> None:
        """Take out what is done or failed."""
        with self.changing() as state:
            self.write(state, items=state.waiting, notice="")

    def move(self, id: str, places: int) -> None:
        """Move an item down by so many places, or up if negative."""
        with self.changing() as state:
            items = list(state.items)
            at = next((n for n, item in enumerate(items) if item.id == id), None)
            if at is not None:
                item = items.pop(at)
                items.insert(min(max(at + places, 0), len(items)), item)
                self.write(state, items=tuple(items))

    def pause(self, paused: bool, *, at_once: bool = False) -> None:
        """Begin no further run, or go on; ``at_once`` lets the present one wait too."""
        with self.changing() as state:
            self.write(state, paused=paused, is_held=paused and at_once)

    def pause_runs(self, ids: Collection[str], paused: bool) -> None:
        """Let some runs of a company wait, or go on, and the others be."""
        with self.changing() as state:
            items = (
                item.model_copy(update={"is_paused": paused})
                if item.id in ids
                else item
                for item in state.items
            )
            self.write(state, items=tuple(items))

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

    def begun_folder(self, item: Queued) -> RunFolder | None:
        """Return the folder that the item began, if it is there, and nowhere else."""
        folder = RunFolder(self.runs / item.run)
        is_name = item.run not in ("", "..") and Path(item.run).name == item.run
        is_there = is_name and os.path.isfile(folder.path / "run.json")
        return folder if is_there else None

    def repair(self) -> str:
        """Write what can be read of a damaged file; return what was done."""
        with self.changing() as state:
            self.write(state)
        return state.notice

    @contextlib.contextmanager
    def changing(self) -> Iterator[QueueState]:
        """Hold the queue as it is, for it to be written anew."""
        try:
            with refused_by_disk(self.file, OTHER_RUNS):
                self.runs.mkdir(parents=True, exist_ok=True)
                with file_lock(self.runs / ".queue.lock"):
                    yield self._to_change()
        except LockError as error:
            raise RunError(str(error), *error.remedies) from error

    def write(self, state: QueueState, **changes: object) -> None:
        """Write the queue, which is held, as it is to be."""
        changed = state.model_copy(update=changes)
        write_atomically(self.file, changed.model_dump_json(indent=1).encode())

    def append(self, new: Sequence[Queued]) -> None:
        """Add items at the end; forget what is long done."""
        with self.changing() as state:
            forgotten = {item.id for item in state.finished[:-MOST_FINISHED]}
            kept = (item for item in state.items if item.id not in forgotten)
            self.write(state, items=(*kept, *new))

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
        return QueueState(notice=notice, items=tuple(items), is_whole=False)


class Seen:
    """How a queue stands, read only when its file was changed.

    While not all of that can be read it stands as it did: nothing is taken out of it.
    """

    def __init__(self, queue: RunQueue) -> None:
        self._queue = queue
        self._stamp: tuple[int, int] | None = None
        self._said: QueueState | None = None

    def __call__(self) -> QueueState:
        """Return how it stands now."""
        stamp = stamp_of(self._queue.file)
        if stamp != self._stamp or self._said is None:
            self._stamp, said = stamp, self._queue.read()
            if said.is_whole or self._said is None:
                self._said = said
        return self._said
