"""This process as a worker: it says so, again and again, until it ends."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
import time
from collections.abc import Collection
from pathlib import Path
from socket import gethostname
from typing import Self

from workbench.core.base.errors import OTHER_RUNS
from workbench.core.base.file_lock import LockError, file_lock
from workbench.core.base.files import write_atomically
from workbench.core.base.processes import process_mark
from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.records import job_log
from workbench.core.queue.workers import SIGN_SECONDS, WorkerRecord, Workers
from workbench.core.runs.errors import RunError, refused_by_disk

_LOOK_SECONDS = 1.0
"""How often it looks whether it is to stop."""

_JOBS = ("SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"), ("SLURM_JOB_ID",)
"""What a cluster says in the environment of how it calls a process."""


class AtWork:
    """A worker while it is there; its record says what it does."""

    def __init__(self, runs: Path, device: str) -> None:
        host, pid = gethostname(), os.getpid()
        name = re.sub(r"[^\w.-]+", "-", host)
        now = time.time()
        self._record = WorkerRecord(
            id=f"{name}-{pid}-{secrets.token_hex(3)}",
            host=host,
            pid=pid,
            parent=os.getppid(),
            process_mark=process_mark(pid),
            device=device,
            job=_job(),
            since=now,
            sign=now,
        )
        self._runs, self._folder = runs, Workers(runs).folder
        self._writing, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._give_signs, daemon=True)
        self._held = contextlib.ExitStack()
        self.is_to_stop = False

    @property
    def id(self) -> str:
        """What it is called in the queue."""
        return self._record.id

    @property
    def words(self) -> str:
        """What it is, for the log of a run: a cluster's job has one of its own."""
        what, job = self._record.title, self._record.job
        if not job:
            return what
        with contextlib.suppress(ClusterError):
            return f"{what}, job {job}, which prints to {job_log(self._runs, job)}"
        return f"{what}, job {job}"

    def __enter__(self) -> Self:
        try:
            with refused_by_disk(self._folder, OTHER_RUNS):
                self._folder.mkdir(parents=True, exist_ok=True)
                self._held.enter_context(file_lock(self._file("lock"), wait=False))
                self._write()
        except LockError as error:
            raise RunError(str(error), *error.remedies) from error
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        self._thread.join()
        for ending in ("json", "stop"):
            with contextlib.suppress(OSError):
                self._file(ending).unlink(missing_ok=True)
        self._held.close()
        with contextlib.suppress(OSError):
            self._file("lock").unlink(missing_ok=True)

    def does(self, runs: Collection[str]) -> None:
        """Say which runs it trains."""
        self._give_sign(doing=tuple(runs))

    def _give_signs(self) -> None:
        signed = time.monotonic()
        while not self._over.wait(_LOOK_SECONDS):
            self.is_to_stop = self.is_to_stop or self._file("stop").exists()
            if time.monotonic() - signed > SIGN_SECONDS:
                signed = time.monotonic()
                self._give_sign()

    def _give_sign(self, **changes: object) -> None:
        # What a full disk hinders is training's to tell.
        with contextlib.suppress(OSError), self._writing:
            changes = {"sign": time.time(), **changes}
            self._record = self._record.model_copy(update=changes)
            self._folder.mkdir(exist_ok=True)
            self._write()

    def _write(self) -> None:
        write_atomically(self._file("json"), self._record.model_dump_json().encode())

    def _file(self, ending: str) -> Path:
        return self._folder / f"{self.id}.{ending}"


def _job() -> str:
    for names in _JOBS:
        if all(name in os.environ for name in names):
            return "_".join(os.environ[name] for name in names)
    return ""
