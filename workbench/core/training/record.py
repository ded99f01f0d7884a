"""What training writes into the run's folder, before it is said."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from typing import Any

from workbench.core.base.devices import describe
from workbench.core.base.errors import problem_of
from workbench.core.base.file_lock import LockError, LockTaken, file_lock
from workbench.core.base.lazy import torch
from workbench.core.base.processes import process_mark
from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import Event
from workbench.core.runs.store import MetricsWriter, RunFolder, State, versions
from workbench.core.training.generations import keep_before
from workbench.core.training.training_error import disk_errors

_HEARTBEAT_SECONDS = 5.0


class Record:
    """Keeps a run's events, its checkpoints and how it stands."""

    def __init__(self, folder: RunFolder, length: int) -> None:
        """Go on after the first ``length`` bytes of the events."""
        self.folder = folder
        self._beat_at = time.monotonic()
        with disk_errors(folder):
            self._metrics = MetricsWriter(folder, length)

    def begin(self, step: int, device: torch.device, split_hash: str) -> None:
        """Say that this process has the run in hand."""
        self.folder.update(
            state="running",
            pid=os.getpid(),
            process_mark=process_mark(os.getpid()),
            host=socket.gethostname(),
            heartbeat=time.time(),
            device=describe(device),
            versions=versions(),
            split_hash=split_hash,
            step=step,
            message="",
            remedies=(),
            test=None,
            seconds_left=None,
        )
        self.folder.log(f"step {step}: training on {describe(device)}")

    @property
    def is_empty(self) -> bool:
        """Whether no event was written yet."""
        return self._metrics.length == 0

    def write(self, events: list[Event]) -> list[Event]:
        """Write events, and return them."""
        if events:
            with disk_errors(self.folder):
                self._metrics.append(events)
        return events

    def note(self, state: State, step: int, **facts: Any) -> None:
        """Say how the run stands, and that it is in hand."""
        self.folder.update(state=state, heartbeat=time.time(), step=step, **facts)

    def beat(self, step: int, seconds_left: float | None) -> None:
        """Say now and then that the run is in hand, and for how much longer."""
        if time.monotonic() - self._beat_at > _HEARTBEAT_SECONDS:
            self._beat_at = time.monotonic()
            self.note("running", step, seconds_left=seconds_left)

    def save(self, which: str, checkpoint: Checkpoint, *, is_before_kept: bool) -> None:
        """Write a checkpoint that goes with the events written so far."""
        with disk_errors(self.folder):
            self._metrics.make_durable()
            facts = {**checkpoint.facts, "length": self._metrics.length}
            path = self.folder.checkpoints / f"{which}.safetensors"
            if is_before_kept:
                keep_before(self.folder, which)
            save_checkpoint(path, checkpoint._replace(facts=facts))

    def end(self, state: State, step: int, **facts: Any) -> None:
        """Say that nobody has the run in hand any more, and why."""
        self.folder.update(state=state, step=step, pid=None, seconds_left=None, **facts)
        self.folder.log(f"step {step}: {state}")

    def close(self) -> None:
        """Let go of the file of events."""
        self._metrics.close()


@contextlib.contextmanager
def in_hand(folder: RunFolder) -> Iterator[None]:
    """Hold the run, which one process at a time can; RunError if another does."""
    with contextlib.ExitStack() as stack:
        taken = ""
        try:
            stack.enter_context(file_lock(folder.path / "lock", wait=False))
        except LockTaken as error:
            taken = f": {error}"
        except LockError as error:
            raise RunError(str(error), *error.remedies) from error
        if not taken:
            folder.sweep()
        info = folder.info()
        if taken or (info.is_alive and info.pid != os.getpid()):
            by_whom = f", by process {info.pid} on {info.host}"
            who = by_whom if info.is_alive else taken
            raise RunError(f"{folder.path} is being trained already{who}")
        yield


def refuse_if_done(folder: RunFolder) -> None:
    """Raise RunError where there is nothing left to train, or to go on from."""
    info = folder.info()
    if info.state != "completed":
        return
    if info.step >= folder.config().training.iterations:
        raise RunError(
            f"{folder.path} has made all its {info.step} meta-steps; raise "
            "training.iterations to train it further"
        )
    folder.refuse_if_model()


def note_failure(folder: RunFolder, error: BaseException) -> None:
    """Say in the folder that the run failed, if the folder can still be written."""
    text, remedies = problem_of(error)
    with contextlib.suppress(OSError, RunError):
        folder.update(state="failed", message=text, remedies=remedies, pid=None)
        folder.log(f"failed: {text}")
