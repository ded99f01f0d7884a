"""A search of many small trials by many workers that are killed at random: counted.

    python -m tests.benchmarks.many_workers [--trials 200] [--workers 8] [--deaths 60]

Every number of a trial is there once, as one run, which its workers trained one after
the other; nothing is left behind.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.killed_workers import Crowd, Place
from tests.made_runs import small_config
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.searches import search_item
from workbench.core.queue.trials import trial_runs, trials_of
from workbench.core.searching.search import Search


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--deaths", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Place(Path(folder)), arguments)


def measure(place: Place, arguments: argparse.Namespace) -> None:
    queue, began = RunQueue(place.runs), time.monotonic()
    space = ("algorithm.inner_lr=0.001..0.1:log", "task.shots=2..8")
    search = Search(
        space=space, trials=arguments.trials, sampler="random", prune="median"
    )
    item = search_item("tried", small_config(), search)
    queue.append([item])
    crowd = Crowd(place, arguments.seed, arguments.deaths, arguments.workers)
    chance = random.Random(arguments.seed)
    at_random = 0
    try:
        while crowd.tend(2 * chance.random()):
            if crowd.killed < arguments.deaths:
                crowd.kill_one()
                at_random += 1
    finally:
        crowd.disperse()
    state = queue.read()
    items = [each for each in state.items if each.trial is not None]
    runs = trial_runs(place.runs, item.sweep, state)
    numbers = Counter(run.note.number for run in runs)
    folders = [path for path in place.runs.glob("[!.]*") if path.is_dir()]
    stands = Counter(trial.state for trial in trials_of(runs))
    print(f"{arguments.workers} workers, {crowd.killed} killed, {at_random} at random")
    print(f"{len(numbers)} trials, {len(folders)} folders: {dict(stands)}")
    print(f"items of the queue: {dict(Counter(each.state for each in items))}")
    twice = [number for number, count in numbers.items() if count > 1]
    lost = sorted(set(range(arguments.trials)) - set(numbers))
    print(f"made twice: {twice or 'none'}; lost: {lost or 'none'}")
    wrong = place.trained_by_two()
    print(f"trained by two at once: {wrong or 'none'}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
