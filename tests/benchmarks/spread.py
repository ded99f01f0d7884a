"""How much faster a run is in several processes than in one, and what they send.

``python -m tests.benchmarks.spread`` makes meta-steps of each workload in one process,
which has all cores, and in several that share them, by turns. Ratios are of medians.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from workbench.core.base.devices import choose_device
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, outer_loop_of
from workbench.core.runs.store import RunFolder
from workbench.core.spreading.starting import spread_over
from workbench.core.training.outer_loop import OuterLoop

_WARM_UP = 5


def main() -> None:
    """Measure and print a line for each workload."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--steps", type=int, default=9)
    given = parser.parse_args()
    for workload in given.workloads:
        sys.stdout.write(f"{workload}: {_line(workload, given)}\n")
        sys.stdout.flush()


def _line(workload: str, given: argparse.Namespace) -> str:
    config = config_of(WORKLOADS[workload], "maml").replace(
        {"training.processes": given.processes, "training.iterations": 1_000_000}
    )
    device = choose_device("cpu")
    with tempfile.TemporaryDirectory() as runs:
        folder = RunFolder.create(Path(runs), config)
        with spread_over(folder, "cpu", lambda: False) as gathered:
            engine = gathered()
            if engine is None:
                return "computed in one process"
            alone = outer_loop_of(config, device)
            spread = outer_loop_of(config, device, engine)
            for loop in (alone, spread):
                for _ in range(_WARM_UP):
                    loop.advance()
            sent = engine.wire.bytes
            times = [(_seconds(alone), _seconds(spread)) for _ in range(given.steps)]
            sent = (engine.wire.bytes - sent) // given.steps
    one, several = (statistics.median(each) for each in zip(*times, strict=True))
    return (
        f"{one / several:.2f} times as fast in {given.processes} processes "
        f"({one * 1e3:.1f} and {several * 1e3:.1f} ms a meta-step, {sent / 1e6:.2f} MB "
        "sent to the others)"
    )


def _seconds(loop: OuterLoop) -> float:
    began = time.perf_counter()
    loop.advance().figures.numbers()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
