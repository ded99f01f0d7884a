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

import torch

from workbench.core.base.devices import choose_device
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import Params, tree_map
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, outer_loop_of
from workbench.core.runs.store import RunFolder
from workbench.core.spreading.leading import SpreadEngine
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
            messages = [
                _messages(spread, engine) for _ in range(_WARM_UP + given.steps)
            ]
    one, several = (statistics.median(each) for each in zip(*times, strict=True))
    words = statistics.median(messages[_WARM_UP:])
    return (
        f"{one / several:.2f} times as fast in {given.processes} processes "
        f"({one * 1e3:.1f} and {several * 1e3:.1f} ms a meta-step, {sent / 1e6:.2f} MB "
        f"sent to the others; {words * 1e3:.1f} ms to send, answer and add up)"
    )


def _seconds(loop: OuterLoop) -> float:
    began = time.perf_counter()
    loop.advance().figures.numbers()
    return time.perf_counter() - began


def _messages(loop: OuterLoop, engine: SpreadEngine) -> float:
    """Return the seconds that a meta-step's messages take where nothing is computed."""
    episodes = loop.episodes[loop.step]
    began = time.perf_counter()
    engine.mean(nothing, episodes, loop.meta, loop.state)
    return time.perf_counter() - began


def nothing(meta: Params, state: Params, task: Episode) -> Params:
    """Return a gradient that takes no time; processes find it by its name."""
    return tree_map(torch.zeros_like, meta)


if __name__ == "__main__":
    from tests.benchmarks import spread

    spread.main()  # or other processes would not find its functions
