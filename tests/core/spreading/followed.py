"""Processes that follow, as threads of this one: all is real but the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import torch
from torch.distributed import HashStore

from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import Recorder
from workbench.core.engine.engine import PartedEngine, choose_engine
from workbench.core.spreading.following import follow
from workbench.core.spreading.leading import SpreadEngine
from workbench.core.spreading.meeting import group_of_two
from workbench.core.spreading.part import Computing, RecordedPart
from workbench.core.spreading.place import Follower, Place
from workbench.core.spreading.wire import Group, Wire
from workbench.core.training.outer_loop import OuterLoop

CPU = torch.device("cpu")
SECONDS = 60.0


def wires(count: int, seconds: float = SECONDS) -> list[Wire]:
    """Return the wires of as many processes; the first waits so long for an answer."""
    store = HashStore()
    store.set_timeout(timedelta(seconds=SECONDS))
    own: dict[int, Group] = {}
    others: dict[int, Group] = {}

    def join(number: int) -> None:
        place = Place(number, count, number, count, is_local=True)
        others[number] = group_of_two(store, place, number, SECONDS)

    for number in range(1, count):
        thread = threading.Thread(target=join, args=(number,))
        thread.start()
        place = Place(0, count, 0, count, is_local=True)
        own[number] = group_of_two(store, place, number, seconds)
        thread.join()
    followers = [Wire({0: others.pop(number)}, 1) for number in range(1, count)]
    return [Wire(own, 0), *followers]


@contextmanager
def spread(
    make: Callable[[], PartedEngine],
    count: int,
    seconds: float = SECONDS,
    record: Recorder | None = None,
) -> Iterator[SpreadEngine]:
    """Yield an engine of this process and of threads that follow it."""
    own, *others = wires(count, seconds)

    def computing() -> Computing:
        return Computing(make(), record and RecordedPart(make(), record))

    with ExitStack() as stack:
        while others:  # of whom none is kept here: what a thread leaves is gone
            thread = threading.Thread(target=_follow, args=(others.pop(), computing()))
            thread.start()
            stack.callback(thread.join, SECONDS)
        followers = [
            Follower(number, 1000 + number, "there") for number in range(1, count)
        ]
        engine = SpreadEngine(computing(), own, followers, CPU)
        stack.callback(engine.close)
        yield engine


def _follow(wire: Wire, computing: Computing) -> None:
    try:
        follow(wire, computing, CPU)
    except RuntimeError:
        return  # the one that leads is gone


def engine_of(config: RunConfig) -> PartedEngine:
    """Return what computes a run by itself."""
    engine = choose_engine(config.training.engine, CPU, config.task, 2)
    assert isinstance(engine, PartedEngine)
    return engine


def loop_of(config: RunConfig, data: Path, engine: SpreadEngine | None) -> OuterLoop:
    """Return a run's outer loop, of this process alone or of several."""
    alone = engine or engine_of(config)
    return OuterLoop(config, config.task.open(data, CPU), CPU, engine=alone)
