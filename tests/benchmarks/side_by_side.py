"""How much faster runs are side by side than one after the other.

``python -m tests.benchmarks.side_by_side`` trains meta-steps of seeds of a workload,
as the queue does, with all that is written; by turns of a single run and of a company.
Ratios are of the medians, of time and of the time of all processors that are used.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from workbench.core.config.run_config import RunConfig
from workbench.core.planning.bench_workloads import WORKLOADS, config_of
from workbench.core.queue.side_by_side import Rest, side_by_side
from workbench.core.runs.events import StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.company import Company
from workbench.core.training.training import train

_WARM_UP, _STEPS, _REPEATS = 8, 40, 7

Clock = tuple[float, float]


def main() -> None:
    """Measure and print a line for each workload and number of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", nargs="+", default=["sinusoid-1", "sinusoid-5"])
    parser.add_argument("--algorithm", default="maml")
    parser.add_argument("--engine", choices=["auto", "compiled"], default="auto")
    parser.add_argument("--runs", nargs="+", type=int, default=[1, 2, 4, 8, 16])
    parser.add_argument("--repeats", type=int, default=_REPEATS)
    given = parser.parse_args()
    for workload in given.workloads:
        config = config_of(WORKLOADS[workload], given.algorithm).replace(
            {"training.iterations": 1_000_000, "evaluation.every": 1_000_000}
            | {"training.checkpoint_every": 1_000_000}
            | {"training.engine": given.engine}
        )
        for count in given.runs:
            line = _compared(config, count, given.repeats)
            sys.stdout.write(f"{workload}, {count} runs: {line}\n")
            sys.stdout.flush()


def _compared(config: RunConfig, count: int, repeats: int) -> str:
    with tempfile.TemporaryDirectory() as path:
        alone = _Stepping(config, 1, Path(path) / "alone")
        beside = _Stepping(config, count, Path(path) / "beside")
        times = [(alone.seconds(), beside.seconds()) for _ in range(repeats)]
        alone.close()
        beside.close()
    return ", ".join(
        f"{1e3 * one:.2f} ms of {kind} a meta-step of one, "
        f"{1e3 * all_of_them / count:.2f} in company: {count * one / all_of_them:.2f}x"
        for kind, one, all_of_them in (
            (
                kind,
                statistics.median(one[which] for one, _ in times),
                statistics.median(both[which] for _, both in times),
            )
            for which, kind in enumerate(("time", "processor"))
        )
    )


class _Stepping:
    """Trains seeds of a configuration together, a few meta-steps at a time."""

    def __init__(self, config: RunConfig, count: int, runs: Path) -> None:
        configs = (config.replace({"training.seed": seed}) for seed in range(count))
        folders = [RunFolder.create(runs, each) for each in configs]
        self._count = count
        self._company = Company()
        lives = {folder.path.name: _life(folder) for folder in folders}
        self._events = side_by_side(lives, lambda: (), self._company)
        self._go(_WARM_UP)

    def seconds(self) -> Clock:
        """Return what a meta-step of all took, by the clock and by the processor."""
        begun, used = time.perf_counter(), time.process_time()
        self._go(_STEPS)
        ended = time.perf_counter(), time.process_time()
        return (ended[0] - begun) / _STEPS, (ended[1] - used) / _STEPS

    def close(self) -> None:
        """Stop."""
        self._events.close()
        self._company.close()

    def _go(self, steps: int) -> None:
        for _ in range(steps * self._count):
            next(self._events)


def _life(folder: RunFolder) -> Generator[StepEvent | Rest, None, None]:
    with contextlib.closing(train(folder, data=folder.path, device="cpu")) as training:
        while (events := training.turn()) is not None:
            if not events:
                yield Rest(training)
            for event in events:
                if isinstance(event, StepEvent):
                    yield event


if __name__ == "__main__":
    main()
