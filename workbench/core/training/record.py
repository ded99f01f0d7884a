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
from workbench.core.base.file_lock import LockError, LockTaken, file_lock, stand_in_of
from workbench.core.base.lazy import torch
from workbench.core.base.processes import process_mark
from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import AlertEvent, Event
from workbench.core.runs.store import MetricsWriter, RunFolder, State, versions
from workbench.core.training.generations import keep_before
from workbench.core.training.training_error import Diverged, TakenOver, disk_errors

_HEARTBEAT_SECONDS = 5.0


class Record:
    """Keeps a run's events, its checkpoints and how it stands.

    A process that was suspended, or cut off from the disk, may have been taken for gone
    meanwhile: where the run is not its own any more it raises TakenOver.
    """

    def __init__(self, folder: RunFolder, length: int) -> None:
        """Go on after the first ``length`` bytes of the events."""
        self.folder = folder
        self._beat_at = time.monotonic()
        self._seen_at = _clocks()
        self._own = (os.getpid(), process_mark(os.getpid()), socket.gethostname())
        with disk_errors(folder):
            self._metrics = MetricsWriter(folder, length)

    def begin(self, step: int, device: torch.device, split_hash: str) -> None:
        """Say that this process has the run in hand."""
        pid, mark, host = self._own
        self.folder.update(
            state="running",
            pid=pid,
            process_mark=mark,
            host=host,
            heartbeat=time.time(),
            device=describe(device),
            versions=versions(),
            split_hash=split_hash,
            step=step,
            message="",
            remedies=(),
            pruned="",
            diverged=False,
            test=None,
            seconds_left=None,
        )
        self.folder.log(f"step {step}: training on {describe(device)}")

    @property
    def is_empty(self) -> bool:
        """Whether no event was written yet."""
        return self._metrics.length == 0

    def write(self, events: list[Event]) -> list[Event]:
        """Write events, and return them; what a person should know is logged too."""
        if events:
            if _is_long(self._seen_at):
                self._see_that_it_is_ours()
            with disk_errors(self.folder):
                self._metrics.append(events)
                for event in events:
                    if isinstance(event, AlertEvent):
                        self.folder.log(f"step {event.step}: {event.message}")
        return events

    def note(self, state: State, step: int, **facts: Any) -> None:
        """Say how the run stands, and that it is in hand."""
        self._see_that_it_is_ours()
        self.folder.update(state=state, heartbeat=time.time(), step=step, **facts)

    def beat(self, step: int, seconds_left: float | None) -> None:
        """Say now and then that the run is in hand, and for how much longer."""
        if time.monotonic() - self._beat_at > _HEARTBEAT_SECONDS:
            self._beat_at = time.monotonic()
            self.note("running", step, seconds_left=seconds_left)

    def save(self, which: str, checkpoint: Checkpoint, *, is_before_kept: bool) -> None:
        """Write a checkpoint that goes with the events written so far."""
        self._see_that_it_is_ours()
        with disk_errors(self.folder):
            self._metrics.make_durable()
            facts = {**checkpoint.facts, "length": self._metrics.length}
            path = self.folder.checkpoints / f"{which}.safetensors"
            if is_before_kept:
                keep_before(self.folder, which)
            save_checkpoint(path, checkpoint._replace(facts=facts))

    def end(self, state: State, step: int, **facts: Any) -> None:
        """Say that nobody has the run in hand any more, and why."""
        self._see_that_it_is_ours()
        self.folder.update(state=state, step=step, pid=None, seconds_left=None, **facts)
        self.folder.log(f"step {step}: {state}")

    def close(self) -> None:
        """Let go of the file of events."""
        self._metrics.close()

    def _see_that_it_is_ours(self) -> None:
        self._seen_at = _clocks()
        if not (self.folder.path / "run.json").exists():
            raise TakenOver(
                f"{self.folder.path} is gone: it was moved or thrown away while it was "
                "being trained"
            )
        info = self.folder.info()
        if (info.pid, info.process_mark, info.host) != self._own:
            raise TakenOver(
                f"{self.folder.path} was taken over by another process, on "
                f"{info.host}, while this one was suspended; it is {info.state}"
            )


def _clocks() -> tuple[float, float]:
    """Return what two clocks say: not each goes on while the machine sleeps."""
    return time.monotonic(), time.time()


def _is_long(since: tuple[float, float]) -> bool:
    passed = (now - then for now, then in zip(_clocks(), since, strict=True))
    return any(abs(seconds) > _HEARTBEAT_SECONDS for seconds in passed)


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


def is_in_hand(folder: RunFolder) -> bool:
    """Return whether a process holds the run, be it suspended or out of sight.

    Where a file is in the lock's place it may be one that the dead left behind.
    """
    lock = folder.path / "lock"
    try:
        with file_lock(lock, wait=False):
            return False
    except LockTaken:
        return not stand_in_of(lock).exists()
    except LockError:
        return False


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
        folder.update(
            state="failed",
            message=text,
            remedies=remedies,
            diverged=isinstance(error, Diverged),
            pid=None,
        )
        folder.log(f"failed: {text}")
