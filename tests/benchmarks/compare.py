"""Measures this checkout beside another commit, in one run, turn by turn.

    python -m tests.benchmarks.compare BASE [--bench NAME]... [--rounds 12] [--busy]

BASE is unpacked into a folder of its own, which is gone afterwards; git is only read.
What is measured is ``--bench``: workloads of ``main.py bench`` and the starts of
``tests.benchmarks.start`` (else all of both). Three take turns: BASE, BASE once more,
and this checkout as it is. Printed is the time of this one over BASE's, the median of
the rounds with its 95 % interval, and beside it that of BASE over itself, which tells
how much is chance, on this machine and in this hour. What is slower by more than that
and by more than 2 % is called SLOWER, and the exit status is 1.

``--busy`` is for a machine that has other work to do: it counts seconds of computing in
place of seconds on the clock.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.benchmarks.paired import LEAST_ROUNDS, Ratio, in_turns, ratio
from tests.benchmarks.start import ROOT, STARTS, Spent, Unmeasured
from workbench.core.planning.bench_workloads import ALGORITHMS, WORKLOADS

_LEAST = 0.02
"""The part by which two processes of one program may differ for as long as they live:
where their memory lies is drawn by lot."""
_TURN = 0.5
"""The least seconds of a turn."""

Turn = Callable[[], Spent]


@contextmanager
def unpacked(commit: str, root: Path = ROOT) -> Iterator[Path]:
    """Give a folder with the files of a commit, for a while."""
    packed = _git(root, "archive", "--format=tar", commit)
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def described(commit: str, root: Path = ROOT) -> str:
    """Return a commit's hash and subject."""
    return _git(root, "log", "-1", "--format=%h %s", commit).decode().strip()


def _git(root: Path, *words: str) -> bytes:
    done = subprocess.run(["git", "-C", root, *words], capture_output=True)
    if done.returncode:
        raise SystemExit(done.stderr.decode(errors="replace").strip())
    return done.stdout


@contextmanager
def steps_in(tree: Path, words: Sequence[str]) -> Iterator[Callable[[int], Spent]]:
    """Give what makes so many meta-steps in a process of a tree."""
    program = [sys.executable, "-P", str(Path(__file__).with_name("taking_turns.py"))]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    process = subprocess.Popen(
        [*program, *words],
        cwd=tree,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout

    def answer() -> str:
        line = process.stdout.readline()
        if not line:
            said = process.communicate()[1].strip().splitlines()
            raise Unmeasured(said[-1] if said else "the process ended")
        return line

    def steps(count: int) -> Spent:
        process.stdin.write(f"{count}\n")
        process.stdin.flush()
        return Spent(*map(float, answer().split()))

    try:
        answer()
        yield steps
    finally:
        process.kill()
        process.communicate()


@contextmanager
def turns(bench: str, trees: Sequence[Path], learner: str) -> Iterator[list[Turn]]:
    """Give what takes a turn at a bench in each tree."""
    with ExitStack() as stack:
        if bench in STARTS:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            yield [partial(STARTS[bench].run, tree, folder) for tree in trees]
            return
        words = [bench, learner, "auto"]
        each = [stack.enter_context(steps_in(tree, words)) for tree in trees]
        once = min(steps(1).seconds for steps in each)
        yield [partial(steps, max(1, round(_TURN / once))) for steps in each]


def verdict(this: Ratio, noise: Ratio) -> str:
    """Return what is to be called slower, or faster, than by chance."""
    if this.low > max(noise.high, 1 + _LEAST):
        return "SLOWER"
    return "faster" if this.high < min(noise.low, 1 / (1 + _LEAST)) else ""


def compare(bench: str, base: Path, options: argparse.Namespace) -> str:
    """Measure one bench, print what came of it, and return the verdict."""
    name = bench if bench in STARTS else f"{bench} {options.algorithm}"
    try:
        with turns(bench, [base, base, ROOT], options.algorithm) as ways:
            spent = in_turns(ways, options.rounds)
    except Unmeasured as why:
        print(f"{name:24} not measured: {why}", flush=True)
        return ""
    column = "computing" if options.busy else "seconds"
    first, again, this = ([getattr(one, column) for one in way] for way in spent)
    noise, ours = ratio(again, first), ratio(this, first)
    said = verdict(ours, noise)
    print(f"{name:24} {ours!s:25} {noise!s:25} {said}", flush=True)
    return said


def main() -> int:
    """Compare what is asked for; return 1 if something got slower."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    starts = [name for name in STARTS if STARTS[name].goal]
    benches = [*WORKLOADS, *starts]
    parser.add_argument("base", metavar="BASE", help="a commit, branch or tag")
    parser.add_argument("--bench", action="append", choices=benches)
    parser.add_argument("--algorithm", default="maml", choices=ALGORITHMS)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    options.rounds = max(LEAST_ROUNDS, options.rounds)
    # Asked to end, it ends as by Ctrl-C: with nothing left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    changed = " and what is not committed" if _git(ROOT, "status", "--short") else ""
    print(f"base: {described(options.base)}\nthis: {described('HEAD')}{changed}")
    print(f"{'time over base':24} {'this':25} base once more", flush=True)
    with unpacked(options.base) as base:
        said = [compare(each, base, options) for each in options.bench or benches]
    return int("SLOWER" in said)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
