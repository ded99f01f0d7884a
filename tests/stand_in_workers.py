"""Workers that stand in for those that train, and what they are heard to say."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path
from typing import NamedTuple

from workbench.core.clusters.worker_job import WorkerJob

_PATIENCE_SECONDS = 120
_SCRIPT = Path(__file__).with_name("stand_in_worker.py")


class Said(NamedTuple):
    """What a worker said, of which process of which job's process."""

    what: str
    note: str
    pid: int
    job_pid: int


class StandIns:
    """A folder that workers speak into, and whoever listens."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.journal = folder / "journal"
        self.journal.touch()
        os.mkfifo(folder / "told")
        # Also open to write, so that there is an end only of what was said.
        self._pipe = os.open(folder / "told", os.O_RDWR)
        self._heard = b""

    def close(self) -> None:
        """Listen no more."""
        os.close(self._pipe)

    def job(self, *code: int, note: str = "") -> WorkerJob:
        """Return a job whose worker goes on until it is told to end, or ends so."""
        command = [sys.executable, str(_SCRIPT), str(self.folder), *map(str, code)]
        return WorkerJob(command, {"NOTE": note} if note else {})

    def hear(self) -> Said:
        """Wait until something is said, and return it."""
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self._pipe], [], [], _PATIENCE_SECONDS)
            assert ready, f"nothing more is said; before: {self.journal.read_text()}"
            self._heard += os.read(self._pipe, 2**16)
        line, _, self._heard = self._heard.partition(b"\n")
        *what, note, pid, job_pid = line.decode().split()
        return Said(" ".join(what), note, int(pid), int(job_pid))

    def whats(self) -> list[str]:
        """Return what was said until now, without who said it."""
        lines = self.journal.read_text().splitlines()
        return [" ".join(line.split()[:-3]) for line in lines]

    def acts(self) -> list[str]:
        """Return the same without what Slurm told a worker besides: it may, twice."""
        return [what for what in self.whats() if what != "told twice"]
