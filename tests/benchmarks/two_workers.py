"""Two workers and two windows' eyes on one queue, killed at any moment for minutes.

    python -m tests.benchmarks.two_workers [--minutes 10] [--seed 0] [--folder DIR]

Rounds of a queue are trained, each as in the suite's test but longer, and with kills at
random moments besides those at writes. Afterwards everything must be as if nobody had
been killed; what is not is printed, and its folder stays.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import tempfile
import time
from pathlib import Path

from tests import killed_workers
from tests.made_runs import small_config
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.queue import RunQueue

_LEARNERS = ("maml", "fomaml", "reptile", "meta-sgd", "anil", "imaml")


def configs(seed: int) -> dict[str, RunConfig]:
    """Return a round's configurations by their names."""
    return {
        f"{kind}-{seed}": small_config(
            algorithm__kind=kind,
            training__seed=seed,
            training__iterations=120,
            training__checkpoint_every=10,
            evaluation__every=20,
        )
        for kind in _LEARNERS
    }


def disturbed_round(folder: Path, seed: int, pause: float) -> tuple[int, list[str]]:
    """Train a round; return how many were killed, and what is wrong."""
    truth = killed_workers.undisturbed(configs(seed), folder / "undisturbed")
    place = killed_workers.Place(folder / "disturbed")
    RunQueue(place.runs).add(list(configs(seed).items()))
    moments, kills = random.Random(seed), 0
    crowd = killed_workers.Crowd(place, seed, deaths=60)
    next_kill = time.monotonic() + moments.expovariate(1 / pause)
    while crowd.tend(max(0.01, next_kill - time.monotonic())):
        if time.monotonic() >= next_kill:
            if kills < 60:
                crowd.kill_one()
                kills += 1
            next_kill = time.monotonic() + moments.expovariate(1 / pause)
    killed = crowd.killed
    crowd.disperse()
    return killed, place.wrong(truth)


def main() -> None:
    """Train rounds for so many minutes, and say what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.7, help="between two kills")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="two-workers-"))
    end, killed, failed = time.monotonic() + 60 * arguments.minutes, 0, 0
    for number in itertools.count():
        if number and time.monotonic() > end:
            break
        place = folder / f"round-{arguments.seed + number}"
        deaths, wrong = disturbed_round(place, arguments.seed + number, arguments.pause)
        killed, failed = killed + deaths, failed + bool(wrong)
        print(f"round {number}: {deaths} killed, {len(wrong)} wrong", flush=True)
        if wrong:
            print("\n".join([f"see {place}", *wrong[:20]]), flush=True)
        else:
            shutil.rmtree(place)
    print(f"{number} rounds of {len(_LEARNERS)} runs, {killed} kills, {failed} wrong")


if __name__ == "__main__":
    main()
