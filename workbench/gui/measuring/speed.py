"""How fast training is beside the window and its plots, against training headless.

One process trains headless and another in the window, turn by turn: while one trains
the other waits between two meta-steps, so that both see the same machine.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from workbench.core.base.folders import data_folder
from workbench.core.config.run_config import RunConfig
from workbench.core.planning.bench_workloads import WORKLOADS
from workbench.core.runs.events import StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train
from workbench.gui.measuring import stage
from workbench.gui.measuring.figure import Figure, at_least
from workbench.gui.training.run_controller import RunController
from workbench.gui.training.run_state import RunState

ORDER = 30
GOALS = {"omniglot5-1": 0.95, "sinusoid-1": 0.85}
_PAIRS = 6
_NEVER = 10_000_000


def speed(seconds: float, names: tuple[str, ...] = tuple(GOALS)) -> list[Figure]:
    """Return the window's part of headless speed, on each workload."""
    return [_compare(name, seconds) for name in names]


def _compare(name: str, seconds: float) -> Figure:
    config, data = stage.endless(WORKLOADS[name], _NEVER)
    turn = seconds / (2 * _PAIRS)
    with _headless(config, turn) as headless, stage.stage(config) as window:
        training = stage.start(window)
        stage.serve_until(lambda: stage.steps_of(training) > 0)
        _pause(training)
        turns = {"headless": headless, "window": lambda: _windowed(training, turn)}
        ratios, alone = [], []
        for pair in range(_PAIRS):
            order = sorted(turns, reverse=pair % 2 == 1)
            rates = {who: turns[who]() for who in order}
            ratios.append(rates["window"] / rates["headless"])
            alone.append(rates["headless"])
        stage.stop(training)
    about = (
        f"of headless, {_PAIRS} pairs of {turn:.3g} s in turns, on {data} at "
        f"{statistics.median(alone):.3g} meta-steps/s"
    )
    return at_least(
        GOALS[name], Figure(f"speed {name}", statistics.median(ratios), "x", about)
    )


def _windowed(training: RunController, seconds: float) -> float:
    """Let the window's run go on for a while; return its meta-steps a second.

    Counted from one arrival of steps to another: pausing is not training.
    """
    training.resume()
    first, start = _arrival(training)
    stage.serve(seconds)
    last, end = _arrival(training)
    _pause(training)
    return (last - first) / (end - start)


def _arrival(training: RunController) -> tuple[int, float]:
    """Wait for a step to arrive; return which it is, and when that was."""
    before = stage.steps_of(training)
    stage.serve_until(lambda: stage.steps_of(training) > before)
    return stage.steps_of(training), time.perf_counter()


def _pause(training: RunController) -> None:
    training.pause()
    stage.serve_until(lambda: training.state is RunState.PAUSED)


@contextmanager
def _headless(config: RunConfig, seconds: float) -> Iterator[Callable[[], float]]:
    """Train in a process of its own for a while at each call, and tell how fast."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_train_in_turns, args=(theirs, config.to_toml(), seconds)
    )
    process.start()
    theirs.close()

    def turn() -> float:
        ours.send(True)
        return float(ours.recv())

    try:
        ours.recv()
        yield turn
    finally:
        ours.send(False)
        process.join()


def _train_in_turns(connection: Connection, config: str, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder), RunConfig.from_toml(config))
        training = train(run, data=data_folder())
        steps = (event for event in training if isinstance(event, StepEvent))
        next(steps)
        connection.send(True)
        while connection.recv():
            count, start = 0, time.perf_counter()
            while time.perf_counter() - start < seconds:
                next(steps)
                count += 1
            connection.send(count / (time.perf_counter() - start))
        training.close()
