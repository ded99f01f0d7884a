"""Several workers on this machine, each a process of its own, watched from here."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import workbench
from workbench.core.base.devices import choose_device
from workbench.core.base.lazy import torch
from workbench.core.base.threads import all_threads
from workbench.core.queue.hold import LOOK_SECONDS, Seen
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.queued import Queued
from workbench.core.queue.working import Progress
from workbench.core.runs.errors import RunError
from workbench.core.runs.metrics import Follower
from workbench.core.runs.store import RunFolder

_ERROR = "error: "
"""What the line of the command line begins with that says why a process ended."""


def usual_number(device: str) -> int:
    """Return how many workers a machine has if nobody says: one for each GPU."""
    if device != "cpu" and torch.cuda.is_available():
        return max(1, torch.cuda.device_count())
    return 1


class Crew:
    """Workers begun by one command, of which one that is killed is begun again."""

    def __init__(
        self,
        queue: RunQueue,
        words: Sequence[str],
        device: str,
        count: int,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._queue, self._is_stopping = queue, is_stopping
        self._words, self._device, self._count = words, device, count

    def work_off(self, tell: Callable[[str], object]) -> Generator[Progress]:
        """Let them work the queue off; yield what their runs say.

        ``tell`` is told of deaths. Closing the generator stops them, with checkpoints;
        RunError where none of them could go on.
        """
        watch = _Watch(self._queue)
        members = [_Member.begun(self._command, self._environment(n)) for n in self]
        try:
            while any(each.is_there for each in members) and not self._is_stopping():
                yield from watch.news()
                for at, each in enumerate(members):
                    if each.was_killed and self._is_work_left():
                        tell(f"{each.title} was killed: another takes its place")
                        environment = self._environment(at)
                        members[at] = _Member.begun(self._command, environment)
                time.sleep(LOOK_SECONDS)
        finally:
            _stop(members)
        yield from watch.news()
        complaints = dict.fromkeys(filter(None, (each.complaint for each in members)))
        if complaints and not self._is_stopping():
            raise RunError("; ".join(complaints))

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._count))

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "workbench", *self._words]

    def _is_work_left(self) -> bool:
        state = self._queue.read()
        return bool(state.waiting) and not (state.paused or self._is_stopping())

    def _environment(self, number: int) -> dict[str, str]:
        """Return what a worker finds: this package, a GPU, its share of the cores."""
        root = str(Path(workbench.__file__).parents[1])
        paths = [root, os.environ.get("PYTHONPATH", "")]
        found = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        if choose_device(self._device).type == "cuda":
            gpus = _visible_gpus()
            found["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
        else:
            share = max(1, all_threads() // self._count)
            found.setdefault("OMP_NUM_THREADS", str(share))
        return found


def _visible_gpus() -> list[str]:
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return named.split(",") if named else list(map(str, range(usual_number("cuda"))))


class _Member(NamedTuple):
    """A process that works, and what it says."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]

    @classmethod
    def begun(cls, command: Sequence[str], environment: dict[str, str]) -> _Member:
        said = tempfile.TemporaryFile()  # noqa: SIM115
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment,
            # Ctrl-C is for the one that watches: it tells the others, once.
            start_new_session=True,
        )
        return cls(process, said)

    @property
    def is_there(self) -> bool:
        return self.process.poll() is None

    @property
    def was_killed(self) -> bool:
        return (self.process.poll() or 0) < 0

    @property
    def title(self) -> str:
        return f"worker {self.process.pid}"

    @property
    def complaint(self) -> str:
        """Why it ended; empty while it has not, and where it ended well."""
        if not self.process.poll():
            return ""
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").splitlines()
        told = [line for line in lines if line.startswith(_ERROR)]
        return told[-1].removeprefix(_ERROR) if told else ""


def _stop(members: Sequence[_Member]) -> None:
    """Stop what is still there, each with a checkpoint."""
    try:
        for each in members:
            each.process.terminate()
        for each in members:
            each.process.wait()
    except KeyboardInterrupt:
        for each in members:
            each.process.kill()
            each.process.wait()
        raise


class _Followed(NamedTuple):
    item: Queued
    folder: RunFolder
    follower: Follower


class _Watch:
    """Reads what the runs of a queue say while others train them."""

    def __init__(self, queue: RunQueue) -> None:
        self._queue, self._seen = queue, Seen(queue.file, queue.read)
        state = self._seen()
        self._over = {item.id for item in state.finished}
        self._begun = {item.id for item in state.items if item.run}
        self._followed: dict[str, _Followed] = {}

    def news(self) -> Iterator[Progress]:
        """Yield what is new of those that are trained, and of those that ended."""
        state = self._seen()
        for item in state.items:
            folder = self._queue.begun_folder(item)
            if item.state == "waiting" or item.id in self._over or folder is None:
                continue
            if item.id not in self._followed:
                self._followed[item.id] = self._begin(item, folder)
                yield Progress(item, folder, None)
            if item.state != "running":
                self._over.add(item.id)
            yield from self._said(self._followed[item.id])

    def _begin(self, item: Queued, folder: RunFolder) -> _Followed:
        followed = _Followed(item, folder, folder.follow())
        if item.id in self._begun:  # what it said before is no news
            deque(self._said(followed), maxlen=0)
        return followed

    def _said(self, followed: _Followed) -> Iterator[Progress]:
        item, folder, follower = followed
        while events := follower.read_new()[1]:
            for event in events:
                yield Progress(item, folder, event)
