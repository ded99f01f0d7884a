"""Starts the processes that follow this one, or meets those that torchrun started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import workbench
from workbench.core.base.cancelling import Cancelled
from workbench.core.base.devices import choose_device
from workbench.core.base.lazy import torch
from workbench.core.base.threads import all_threads
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import recorder_for
from workbench.core.engine.engine import (
    LoopEngine,
    PartedEngine,
    ThreadEngine,
    choose_engine,
)
from workbench.core.runs.store import RunFolder
from workbench.core.spreading.following import follow
from workbench.core.spreading.launched import launched
from workbench.core.spreading.leading import SpreadEngine
from workbench.core.spreading.meeting import (
    Store,
    Terms,
    come,
    dismiss,
    gather,
)
from workbench.core.spreading.part import Computing, RecordedPart
from workbench.core.spreading.place import LEADER, TOGETHER, Place, SpreadError
from workbench.core.spreading.sharing import is_shared_out
from workbench.core.spreading.stores import launched_store, local_store

FOLLOWS = ["-m", "workbench.core.spreading"]
"""What Python is told that a process follows by."""

_ENDS_WITHIN = 5.0
"""Seconds that processes have to end by themselves, all of them together."""

_HEARS_WITHIN = 60.0
"""Seconds in which one on another machine comes to the end of what it was asked."""


@contextmanager
def spread_over(
    folder: RunFolder, device: str, is_stopping: Callable[[], bool]
) -> Iterator[Callable[[], SpreadEngine | None]]:
    """Start the other processes of a run; yield what returns the engine of all.

    It waits until they are there; for a run of one process it returns nothing.
    """
    place, config = launched(), folder.config()
    pays = config.training.processes > 1 and is_shared_out(config, device)
    with ExitStack() as stack:
        if place is not None:
            gathering = Gathering.of_launch(place, is_stopping)
        elif pays:
            count = config.training.processes
            gathering = Gathering.started_here(count, is_stopping, stack)
        else:
            yield lambda: None
            return

        def gathered() -> SpreadEngine | None:
            engine = gathering.engine(folder, device)
            stack.push(partial(gathering.part, engine))
            return engine if is_shared_out(config, device) else None

        yield gathered


@contextmanager
def as_trained(
    folder: RunFolder, config: RunConfig, device: str, tell: Callable[[str], object]
) -> Iterator[SpreadEngine | None]:
    """Yield the engine of as many processes as train the run; None where one computes.

    ``config`` is what is computed of it, which may be on other tasks. What becomes of
    a process meanwhile is told.
    """
    # They meet in the folder.
    if launched() is None and not os.access(folder.path, os.W_OK):
        yield None
        return
    with spread_over(folder, device, lambda: False) as gathered:
        engine = gathered()
        if engine is None or not is_shared_out(config, device):
            yield None
            return
        yield engine
        for said in engine.take_news():
            tell(said)


class Gathering(NamedTuple):
    """Processes on their way; of those that were started here, also how they end."""

    store: Store
    place: Place
    started: list[Started]
    is_stopping: Callable[[], bool]

    @classmethod
    def of_launch(cls, place: Place, is_stopping: Callable[[], bool]) -> Gathering:
        """Meet those that torchrun started; SpreadError but in the one that leads."""
        if place.number == LEADER:
            return cls(launched_store(TOGETHER), place, [], is_stopping)
        raise SpreadError(
            f"rank {place.number}: of what torchrun starts only `train` and `evaluate` "
            "are shared out among processes"
        )

    @classmethod
    def started_here(
        cls, processes: int, is_stopping: Callable[[], bool], stack: ExitStack
    ) -> Gathering:
        """Start the others, which end when the stack is closed."""
        store = local_store()
        started = [
            stack.enter_context(Started.one(store.port, number, processes))
            for number in range(1, processes)
        ]
        place = Place(0, processes, 0, processes, is_local=True)
        return cls(store, place, started, is_stopping)

    def engine(self, folder: RunFolder, device: str) -> SpreadEngine:
        """Wait until all are there, and return the engine of all."""

        def ended() -> dict[int, str]:
            if self.is_stopping():
                raise Cancelled
            ends = {each.number: each.end for each in self.started}
            return {number: end for number, end in ends.items() if end}

        at = choose_device(device)
        terms = Terms(folder=folder.path.resolve(), device=at.type)
        wire, followers = gather(self.store, self.place, terms, ended)
        own = computing_at(folder.config(), at, self.place)
        return SpreadEngine(own, wire, followers, at, self.is_stopping)

    def part(
        self, engine: SpreadEngine, error: type[BaseException] | None, *_: object
    ) -> None:
        """Tell the others to end, and wait for them unless all is to end at once."""
        within = _ENDS_WITHIN if self.place.is_local else _HEARS_WITHIN
        within *= error is not KeyboardInterrupt
        until = time.monotonic() + within
        engine.close(within)
        for each in self.started:
            each.wait(until)


def follow_launched() -> bool:
    """Follow another process, where torchrun started this one to; say whether so."""
    place = launched()
    if place is None or place.number == LEADER:
        return False
    follow_at(launched_store(TOGETHER), place)
    return True


def dismiss_launched(folder: RunFolder) -> None:
    """Tell the others that torchrun started that the run is done already."""
    dismiss(launched_store(TOGETHER), folder.path)


def follow_at(store: Store, place: Place) -> None:
    """Follow the one that leads until it has nothing left to do.

    SpreadError where it is gone before.
    """
    with _losing_the_leader():
        came = come(store, place)
    if came is None:
        return
    wire, terms = came
    device = choose_device(terms.device)
    if device.type == "cuda":
        device = torch.device("cuda", place.number_here % torch.cuda.device_count())
        torch.cuda.set_device(device)
    computing = computing_at(RunFolder(terms.folder).config(), device, place)
    # From here on they are for the one that leads, which tells the others.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with _losing_the_leader():
        follow(wire, computing, device)


@contextmanager
def _losing_the_leader() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise SpreadError("the process that leads, rank 0, is gone") from error


def computing_at(config: RunConfig, device: torch.device, place: Place) -> Computing:
    """Return how this process computes its parts."""
    engine, record = parted_engine(config, device, place), recorder_for(device)
    if record is None or isinstance(engine, ThreadEngine):
        return Computing(engine)
    return Computing(engine, RecordedPart(parted_engine(config, device, place), record))


def parted_engine(
    config: RunConfig, device: torch.device, place: Place
) -> PartedEngine:
    """Return what computes here; those started here share the machine's cores."""
    # Of those that torchrun starts, it says itself how many threads each has.
    shares = place.processes_here if place.is_local else 1
    threads = max(1, all_threads() // shares)
    engine = choose_engine(config.training.engine, device, config.task, threads)
    # One that cannot be shared out computes in the process that leads, and this one is
    # asked nothing.
    return engine if isinstance(engine, PartedEngine) else LoopEngine()


class Started:
    """A process that was started here to follow this one."""

    def __init__(
        self, number: int, process: subprocess.Popen[bytes], said: IO[bytes]
    ) -> None:
        self.number, self._process, self._said = number, process, said

    @classmethod
    @contextmanager
    def one(cls, port: int, number: int, count: int) -> Iterator[Started]:
        """Start one; in the end it is killed where it has not ended by itself."""
        words = [str(word) for word in (port, number, count)]
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, *FOLLOWS, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=_environment(),
                # Ctrl-C is for the one that leads: it tells the others.
                start_new_session=True,
            )
            try:
                yield cls(number, process, said)
            finally:
                process.kill()
                process.wait()

    def wait(self, until: float) -> None:
        """Wait until it ends by itself, but no longer than that."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until - time.monotonic()))

    @property
    def end(self) -> str:
        """How it ended; empty while it has not."""
        status = self._process.poll()
        if status is None:
            return ""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        last = f": {lines[-1]}" if lines else ""
        return f"process {self._process.pid} ended with {status}{last}"


def _environment() -> dict[str, str]:
    """Return the environment in which Python finds this very package."""
    root = str(Path(workbench.__file__).parents[1])
    others = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join([root, others]) if others else root
    return {**os.environ, "PYTHONPATH": path}
