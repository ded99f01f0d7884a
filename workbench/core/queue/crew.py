"""Several workers on this machine, each a process of its own, watched from here."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple

import workbench
from workbench.core.base.devices import choose_device
from workbench.core.base.lazy import torch
from workbench.core.base.threads import all_threads
from workbench.core.queue.hold import LOOK_SECONDS
from workbench.core.queue.progress import Progress
from workbench.core.queue.queue import RunQueue, Seen
from workbench.core.queue.queued import Queued, QueueState
from workbench.core.runs.errors import RunError
from workbench.core.runs.metrics import Follower
from workbench.core.runs.store import RunFolder

_MOST_DEATHS = 3
"""So often each may be killed with nothing new between, before all is given up."""

DISMISSED = 3
"""How a worker exits that was asked to stop, as one of them: none takes its place."""

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
        self._seen = Seen(queue)
        self._words, self._device, self._count = words, device, count

    def work_off(self, tell: Callable[[str], object]) -> Generator[Progress]:
        """Let them work the queue off; yield what their runs say.

        ``tell`` is told of deaths. Closing the generator stops them, with checkpoints;
        RunError where none of them could go on.
        """
        with ExitStack() as files:
            members = list[_Member]()
            try:
                for number in range(self._count):
                    members.append(self._begun(number, files))
                yield from self._tended(members, files, tell)
            finally:
                _stop(members)
            told = [each.complaint for each in members]
            if self._is_work_left():
                told += [each.death for each in members]
            complaints = dict.fromkeys(filter(None, told))
            if complaints and not self._is_stopping():
                raise RunError("; ".join(complaints))

    def _tended(
        self, members: list[_Member], files: ExitStack, tell: Callable[[str], object]
    ) -> Iterator[Progress]:
        """Yield news while somebody works; begin again who is gone and missed."""
        watch, deaths = _Watch(self._queue, self._seen), 0
        while not self._is_stopping():
            for progress in watch.news():
                deaths = 0
                yield progress
            for at, each in enumerate(members):
                if deaths == _MOST_DEATHS * self._count or not self._is_missed(each):
                    continue
                if each.death:
                    deaths += 1
                    tell(f"{each.death}: another takes its place")
                members[at] = self._begun(at, files)
            if not any(each.is_there for each in members):
                break
            time.sleep(LOOK_SECONDS)
        yield from watch.news()

    def _begun(self, number: int, files: ExitStack) -> _Member:
        command = [*worker_command(self._words, self._count), "--crew"]
        said = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        return _Member.begun(command, self._environment(number), said)

    def _is_missed(self, member: _Member) -> bool:
        """Whether there is something to do for one that is no longer there."""
        if member.death:
            return self._is_work_left()
        return member.process.poll() == 0 and self._is_work_left(is_free=True)

    def _is_work_left(self, *, is_free: bool = False) -> bool:
        state = self._seen()
        left = [item for item in state.waiting if item.is_free or not is_free]
        return bool(left) and not (state.paused or self._is_stopping())

    def _environment(self, number: int) -> dict[str, str]:
        """Return what a worker finds: this package, a GPU, its share of the cores."""
        found = {**os.environ, **worker_environment()}
        if choose_device(self._device).type == "cuda":
            gpus = _visible_gpus()
            found["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
        else:
            share = max(1, all_threads() // self._count)
            found.setdefault("OMP_NUM_THREADS", str(share))
        return found


def worker_command(words: Sequence[str], count: int) -> list[str]:
    """Return the command of a worker, one of so many that share the queue."""
    return [sys.executable, "-m", "workbench", *words, "--share", str(count)]


def worker_environment() -> dict[str, str]:
    """Return what a process needs to find this very package."""
    root = str(Path(workbench.__file__).parents[1])
    paths = [root, os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _visible_gpus() -> list[str]:
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return named.split(",") if named else list(map(str, range(usual_number("cuda"))))


class _Member(NamedTuple):
    """A process that works, and what it says."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]

    @classmethod
    def begun(
        cls, command: Sequence[str], environment: dict[str, str], said: IO[bytes]
    ) -> _Member:
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
    def death(self) -> str:
        """How it died; empty if it did not, or could tell itself why it ended."""
        code = self.process.poll() or 0
        if code in (0, DISMISSED) or self.complaint:
            return ""
        if code < 0:
            return f"worker {self.process.pid} was killed"
        (said,) = self._lines[-1:] or [f"exit status {code}"]
        return f"worker {self.process.pid} failed ({said})"

    @property
    def complaint(self) -> str:
        """Why it ended; empty while it has not, and where it ended well."""
        if (self.process.poll() or 0) <= 0:
            return ""
        told = [line for line in self._lines if line.startswith(_ERROR)]
        return told[-1].removeprefix(_ERROR) if told else ""

    @property
    def _lines(self) -> list[str]:
        self.said.seek(0)
        return self.said.read().decode(errors="replace").splitlines()


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

    def __init__(self, queue: RunQueue, seen: Callable[[], QueueState]) -> None:
        self._queue, self._seen = queue, seen
        state = self._seen()
        self._over = {item.id for item in state.finished}
        self._begun = {item.id for item in state.items if item.run}
        self._followed: dict[str, _Followed] = {}

    def news(self) -> Iterator[Progress]:
        """Yield what is new of those that are trained, and of those that ended."""
        state = self._seen()
        for item in state.items:
            if item.state == "waiting" or item.id in self._over:
                continue
            folder = self._queue.begun_folder(item)
            if folder is None:
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
