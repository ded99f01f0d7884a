"""How many times as fast meta-steps of navigation are as they are usually written.

``python -m tests.benchmarks.acting [--rounds N] [--hidden 64 64] [--tasks N]`` makes
meta-steps of the workbench and of ``plain_acting`` by turns, and prints seconds and
their ratio with its interval; then what acting alone takes. Given ``--port FOLDER``, a
copy of github.com/tristandeleu/pytorch-maml-rl, and ``--python PROGRAM``, a Python that
has torch and gym 0.17, that port takes turns too: as it comes, and with one thread in
each process, which it is much faster with.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from tests.benchmarks.paired import LEAST_ROUNDS, in_turns, ratio
from tests.benchmarks.plain_acting import PlainTrpo
from workbench.core.base.lazy import torch
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import one_thread
from workbench.core.training.outer_loop import OuterLoop


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 64])
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--port", type=Path)
    parser.add_argument("--python", default=sys.executable)
    asked = parser.parse_args(words)
    config = RunConfig.from_dict(find_preset("navigation-quick").config).replace(
        {"model.hidden": asked.hidden, "training.meta_batch": asked.tasks}
    )
    device = torch.device("cpu")
    loop = OuterLoop(config, config.task.open(Path(), device), device)
    plain = PlainTrpo(tuple(asked.hidden), config.algorithm.inner_lr)
    goals = np.random.default_rng(0).uniform(-0.5, 0.5, (asked.tasks, 2))
    number = config.task.shots
    for _ in range(loop.settles_after):
        loop.advance()
    _told(
        "a meta-step",
        loop.advance,
        lambda: plain.meta_step(goals, number),
        asked.rounds,
    )
    for threads in ("", "1") if asked.port else ():
        with Port(asked, config, threads) as port:
            name = "the port, a thread a process" if threads else "the port as it comes"
            _told("a meta-step", loop.advance, port.meta_step, asked.rounds, name)
    collect, drawn = loop.collected, loop.episodes[0]

    def act() -> None:
        with one_thread():
            collect.collect(drawn, loop.meta, loop.state)

    def act_plainly() -> None:
        for goal in goals:
            support = plain.act(goal, number, plain.params)
            plain.act(
                goal, number, [p.detach() for p in plain.adapted(support, keep=False)]
            )

    _told("acting alone", act, act_plainly, asked.rounds)


class Port:
    """The port, in a process of its own."""

    def __init__(
        self, asked: argparse.Namespace, config: RunConfig, threads: str
    ) -> None:
        script = Path(__file__).with_name("port_steps.py")
        words = [asked.python, str(script), "--inner-lr"]
        words += [str(config.algorithm.inner_lr), "--tasks", str(asked.tasks)]
        words += ["--trajectories", str(config.task.shots)]
        words += ["--workers", "2" if threads else "1", "--hidden"]
        words += map(str, asked.hidden)
        environment = dict(os.environ)
        if threads:
            environment["OMP_NUM_THREADS"] = threads
        self._process = subprocess.Popen(
            words, cwd=asked.port, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> Port:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End its process."""
        self._process.communicate()

    def meta_step(self) -> float:
        """Make a meta-step and return the mean return after adapting."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(file=self._process.stdin, flush=True)
        return float(json.loads(self._process.stdout.readline())["return"])


def _told(
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    other: str = "as usually written",
) -> None:
    took, plainly = in_turns([lambda: _seconds(ours), lambda: _seconds(theirs)], rounds)
    times = ratio(plainly, took)
    print(
        f"{what}: {median(took):.2f} s, {other} {median(plainly):.2f} s, {times} times"
    )


def _seconds(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
