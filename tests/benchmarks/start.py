"""How soon the workbench is there, beside how soon Python itself is, in one run.

    python -m tests.benchmarks.start [--rounds 9]

They take turns: Python with nothing to do, ``main.py --help``, the window until it is
painted, and ``main.py train`` with a quick preset until its first meta-step. Seconds by
the clock mean something on a machine that does nothing else, those of computing on any,
and how often Python's own start goes into them also on a slower or a faster one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.paired import LEAST_ROUNDS, in_turns, ratio

ROOT = Path(__file__).parents[2]
_PRESET = "sinusoid-quick"


class Unmeasured(Exception):
    """What was to be measured is not in a checkout, or does not work there."""


class Spent(NamedTuple):
    """Seconds by the clock, and of computing."""

    seconds: float
    computing: float


class Start(NamedTuple):
    """A way to start, and how soon it should be there by the clock."""

    title: str
    run: Callable[[Path, Path], Spent]
    """Starts what is in a checkout, with a folder for what it writes."""
    goal: float | None = None


def python_alone(tree: Path, folder: Path) -> Spent:
    return _until_its_end(["-c", "pass"], tree, folder)


def help_printed(tree: Path, folder: Path) -> Spent:
    return _until_its_end(["main.py", "--help"], tree, folder)


def first_paint(tree: Path, folder: Path) -> Spent:
    watched = ["-m", "workbench.gui.measuring.watched_start", str(folder)]
    start = time.time()
    with _begun(watched, tree, folder) as process:
        told = process.communicate()[0].split()
    if not told:
        raise Unmeasured("no window was painted")
    return Spent(float(told[0]) - start, float(told[1]))


def first_step(tree: Path, folder: Path) -> Spent:
    words = ["main.py", "train", _PRESET, "--json", "--runs", str(folder / "runs")]
    before, start = _computed(), time.perf_counter()
    with _begun(words, tree, folder) as process:
        lines = process.stdout or ()
        if not any(json.loads(line)["event"] == "step" for line in lines):
            raise Unmeasured(f"{_PRESET} made no meta-step")
        seconds = time.perf_counter() - start
    return Spent(seconds, _computed() - before)


STARTS = {
    "python": Start("Python itself", python_alone),
    "help": Start("main.py --help", help_printed, 0.3),
    "paint": Start("first paint", first_paint, 0.5),
    "first-step": Start(f"first meta-step of {_PRESET}", first_step, 2.0),
}


def _until_its_end(words: Sequence[str], tree: Path, folder: Path) -> Spent:
    before, start = _computed(), time.perf_counter()
    with _begun(words, tree, folder) as process:
        process.communicate()
    return Spent(time.perf_counter() - start, _computed() - before)


def _computed() -> float:
    """Return the seconds that all processes begun here have computed, once ended."""
    import resource  # which Windows has not

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _begun(
    words: Sequence[str], tree: Path, folder: Path
) -> Iterator[subprocess.Popen[str]]:
    """Give a process of a checkout, which ends with what is done with it."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
    }
    # Python's bytecode is there at every start but a person's first.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def main() -> None:
    """Let the ways to start take turns, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = max(LEAST_ROUNDS, parser.parse_args().rounds)
    with tempfile.TemporaryDirectory() as folder:
        ways = [partial(each.run, ROOT, Path(folder)) for each in STARTS.values()]
        spent = in_turns(ways, rounds)
    own = [each.computing for each in spent[0]]
    print(
        f"medians of {rounds}             seconds  goal  computing  times Python's own"
    )
    for start, each in zip(STARTS.values(), spent, strict=True):
        seconds, computing = (median(column) for column in zip(*each, strict=True))
        times = ratio([one.computing for one in each], own)
        print(
            f"{start.title:31} {seconds:7.3f} {start.goal or '':>5} {computing:9.3f}"
            f"   {times}"
        )


if __name__ == "__main__":
    main()
