"""Who works the queue off: a record of each worker, in a folder beside the runs.

    .workers/ID.json    what the worker is, what it trains, and its last sign
    .workers/ID.lock    held by the worker as long as it is there
    .workers/ID.stop    there when somebody wants it to stop

A worker on this machine is there if its process is. One on another machine is there
while its sign changes, which it does every few seconds: no two clocks are compared.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import gethostname

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.base.file_lock import LockError, LockTaken, file_lock, stand_in_of
from workbench.core.base.files import read
from workbench.core.base.processes import is_running
from workbench.core.runs.errors import RunError

SIGN_SECONDS = 5.0
"""How often a worker gives a sign."""

SILENCE_SECONDS = 120.0
"""A worker on another machine is gone when it gave none for so long."""

_FOLDER = ".workers"


class WorkerRecord(BaseModel):
    """A worker as it says it is; ``sign`` is another each time that it gives one.

    ``parent`` is the process that began it, ``job`` is what a cluster calls it, and
    ``doing`` names the folders of what it trains.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    host: str
    pid: int
    parent: int = 0
    process_mark: str = ""
    device: str = ""
    job: str = ""
    since: float = 0.0
    sign: float = 0.0
    doing: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether it works on this machine."""
        return self.host == gethostname()

    @property
    def title(self) -> str:
        """Its process and its machine, in words."""
        return f"process {self.pid} on {self.host}"


class Workers:
    """The workers of a folder of runs, as seen by whoever looks again and again."""

    def __init__(self, runs: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = runs / _FOLDER
        self._clock = clock
        self._signs: dict[str, tuple[float, float]] = {}
        self._heard: set[str] = set()
        self._trusted: set[str] = set()

    def present(self) -> list[WorkerRecord]:
        """Return those that are there, the oldest first."""
        return [each for each in self.recorded() if self.is_there(each)]

    def recorded(self) -> list[WorkerRecord]:
        """Return all that have a record, also those that are gone."""
        found = list[WorkerRecord]()
        for file in sorted(self.folder.glob("*.json")):
            with contextlib.suppress(OSError, ValidationError):
                found.append(WorkerRecord.model_validate_json(read(file)))
        return sorted(found, key=lambda each: (each.since, each.id))

    def is_there(self, worker: WorkerRecord) -> bool:
        """Return whether a worker is there, as far as can be told from here."""
        if worker.is_here:
            return is_running(worker.pid, worker.process_mark)
        return self.silence(worker) < SILENCE_SECONDS

    def silence(self, worker: WorkerRecord) -> float:
        """Return for how many seconds no new sign of a worker was seen from here."""
        now = self._clock()
        sign, seen_at = self._signs.get(worker.id, (worker.sign, now))
        if sign != worker.sign:
            seen_at = now
            self._heard.add(worker.id)
        self._signs[worker.id] = worker.sign, seen_at
        return now - seen_at

    def in_doubt(self) -> set[str]:
        """Return the ids of those that may be gone: no sign was seen of them so far."""
        there = (each for each in self.present() if not each.is_here)
        return {each.id for each in there} - self._heard

    def refuse_broken_locks(self) -> None:
        """Raise RunError where locks do not hold between this machine and another.

        A worker holds a lock as long as it is there. Where that can be had here, and
        it gives a sign all the same, any two may train the same run.
        """
        for each in self.recorded():
            before = self._signs.get(each.id, (each.sign, 0.0))[0]
            self.silence(each)
            if each.is_here or each.id in self._trusted or each.sign == before:
                continue
            if self._is_held(each):
                self._trusted.add(each.id)
                continue
            raise RunError(
                f"locks do not hold in {self.folder.parent} between {gethostname()} "
                f"and {each.host}: {each.title} holds one that could be taken here. "
                "Mount the folder so that locks are known to all (for NFS without "
                "nolock and local_lock), or let the workers of one machine do it"
            )

    def ask_to_stop(self, id: str) -> None:
        """Have a worker stop with a checkpoint, wherever it is."""
        with contextlib.suppress(OSError):
            (self.folder / f"{id}.stop").touch()

    def forget(self, worker: WorkerRecord) -> None:
        """Remove the record of a worker that is gone."""
        for file in self._files_of(worker.id):
            with contextlib.suppress(OSError):
                file.unlink()

    def _files_of(self, id: str) -> Iterator[Path]:
        # The lock last: as long as there is a record, there is what it holds.
        for ending in ("json", "stop", "lock", "lock.held"):
            yield self.folder / f"{id}.{ending}"

    def _is_held(self, worker: WorkerRecord) -> bool:
        lock = self.folder / f"{worker.id}.lock"
        if not (lock.exists() or stand_in_of(lock).exists()):
            return True  # it ends just now, or was not allowed to lock
        try:
            with file_lock(lock, wait=False):
                # Who ends takes the record away before it lets go of the lock.
                return not (self.folder / f"{worker.id}.json").exists()
        except (LockTaken, LockError):
            return True
