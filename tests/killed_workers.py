"""Processes that train one queue and look at it, killed again and again in between.

Each begins in a server that has imported torch, so that a start costs no second. What
they note is in files beside the runs; ``Place.wrong`` says whether it all came right.
"""

from __future__ import annotations

import multiprocessing.connection
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from itertools import groupby
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

from tests.dying import die_at
from tests.made_runs import finish, timeless
from workbench.core.base.temporaries import sweep
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.params import named_leaves
from workbench.core.queue import claiming
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.workers import Workers
from workbench.core.queue.working import work_off
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.events import StepEvent
from workbench.core.runs.index import RunIndex
from workbench.core.runs.row import read_row
from workbench.core.runs.store import Follower, RunFolder

_REST = 0.01
"""Seconds after which who has nothing to do looks again: the rest is for the others."""


class Place:
    """A folder with runs, their index, and what the processes note."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        self.index = folder / "index.sqlite3"
        self._journal, self._complaints = folder / "journal", folder / "complaints"
        self.runs.mkdir(parents=True, exist_ok=True)
        for file in (self._journal, self._complaints):
            file.touch()

    def note(self, run: str) -> None:
        """Note that this process makes a meta-step of a run now."""
        _append(self._journal, f"{time.monotonic_ns()} {os.getpid()} {run}\n")

    def complain(self, what: str) -> None:
        """Note what must not be."""
        _append(self._complaints, f"process {os.getpid()}: {what}\n")

    def wrong(self, undisturbed: Path) -> list[str]:
        """Return what is other than it would be if nobody had been killed."""
        for folder in (self.runs, *self.runs.glob("*/"), *self.runs.glob("*/*/")):
            sweep(folder)
        all_items = RunQueue(self.runs).read().items
        items = [item for item in all_items if item.search is None]
        runs = [item.run for item in items]
        there = {path.name for path in _folders(self.runs)}
        wrong = self._complaints.read_text().splitlines()
        wrong += [f"{i.name} is {i.state}: {i.message}" for i in items if i.message]
        wrong += [
            f"{item.name} is {item.state}" for item in items if item.state != "done"
        ]
        if len(set(runs)) < len(runs) or there != set(runs):
            wrong.append(f"there are {sorted(there)} of {sorted(runs)}")
        wrong += [f"left behind: {each}" for each in self.runs.rglob("*.part")]
        wrong += self.trained_by_two() + self._wrong_in_index()
        if not wrong:
            for item in items:
                wrong += differences(self.runs / item.run, undisturbed / item.name)
        return wrong

    def trained_by_two(self) -> list[str]:
        """Return which runs a process trained before and after another."""
        lines = [line.split() for line in self._journal.read_text().splitlines()]
        lines.sort(key=lambda line: (line[2], int(line[0])))
        stretches = [each for each, _ in groupby(tuple(line[1:]) for line in lines)]
        return [
            f"{each[1]} was trained by {each[0]} before and after others"
            for each in sorted(set(stretches))
            if stretches.count(each) > 1
        ]

    def _wrong_in_index(self) -> list[str]:
        index = RunIndex(self.runs, self.index)
        index.rows()
        list(index.refresh())
        rows = {row.folder: row for row in index.rows()}
        index.close()
        truth = {path.name: read_row(path) for path in _folders(self.runs)}
        names = sorted(rows.keys() | truth.keys())
        return [
            f"the index is wrong of {n}" for n in names if rows.get(n) != truth.get(n)
        ]


def _folders(runs: Path) -> list[Path]:
    """Return the folders of runs: what begins with a dot is none."""
    return [path for path in runs.glob("[!.]*") if path.is_dir()]


def undisturbed(configs: dict[str, RunConfig], folder: Path) -> Path:
    """Train each configuration without any harm, in a folder of its name."""
    for name, config in configs.items():
        run = RunFolder.create(folder / "made", config)
        run.path.rename(folder / name)
        finish(RunFolder(folder / name))
    return folder


def differences(run: Path, other: Path) -> list[str]:
    """Return in what two runs differ that should have trained the same."""
    one, two = RunFolder(run), RunFolder(other)
    wrong = []
    if timeless(one) != timeless(two):
        wrong.append("events")
    for which in ("latest", "best"):
        pair = [load_checkpoint(each.checkpoint(which)) for each in (one, two)]
        first, second = (
            dict(
                named_leaves(
                    {"meta": c.meta, "state": c.state, "optimiser": c.optimiser}
                )
            )
            for c in pair
        )
        if first.keys() != second.keys() or not all(
            torch.equal(first[name], second[name]) for name in first
        ):
            wrong.append(f"the {which} checkpoint")
    judged = [
        [(e.task_scores, e.by_step, e.meta_step) for e in list_evaluations(each.path)]
        for each in (one, two)
    ]
    if judged[0] != judged[1] or len(judged[0]) != 1:
        wrong.append("the test")
    return [f"{run.name} differs from the undisturbed run: {each}" for each in wrong]


def work(place: Place, writes: int) -> None:
    """Train the queue until nothing waits in it."""
    # Nobody else is killed as often.
    claiming.MOST_DEATHS = 1000
    die_at(place.runs, writes)
    queue = RunQueue(place.runs)
    while queue.read().waiting:
        for _, folder, event in work_off(queue, place.folder, "cpu"):
            if isinstance(event, StepEvent):
                place.note(folder.path.name)
        time.sleep(_REST)


def look(place: Place, looks: int) -> None:
    """Read everything again and again, as a window does; die at a look, if told to."""
    queue, index = RunQueue(place.runs), RunIndex(place.runs, place.index)
    workers = Workers(place.runs)
    followed: dict[str, tuple[Follower, list[int]]] = {}
    index.rows()
    count = 0
    while (state := queue.read()).waiting:
        count += 1
        for changes in index.refresh(only_alive=count % 5 > 0):
            for row in changes.rows:
                if not row.is_run:
                    place.complain(f"{row.folder}: {row.problem}")
            if count == looks:
                os.kill(os.getpid(), signal.SIGKILL)
        if state.notice:
            place.complain(state.notice)
        workers.present()
        for item in state.items:
            if item.state == "running" and (place.runs / item.run).is_dir():
                _follow(place, item.run, followed)
        time.sleep(_REST)
    index.close()


def _follow(
    place: Place, run: str, followed: dict[str, tuple[Follower, list[int]]]
) -> None:
    """Read what is new of a run: no step is missing, or there twice."""
    follower, steps = followed.setdefault(
        run, (RunFolder(place.runs / run).follow(), [])
    )
    is_anew, events = follower.read_new()
    if is_anew:
        steps.clear()
    steps += [event.step for event in events if isinstance(event, StepEvent)]
    if steps != list(range(1, len(steps) + 1)):
        place.complain(f"{run} has the steps {steps}")


class Crowd:
    """Workers and two onlookers, begun again whenever one is gone.

    Of so many starts the worker or onlooker is told when to die; later ones live.
    """

    def __init__(self, place: Place, seed: int, deaths: int, workers: int = 2) -> None:
        self.place, self.deaths = place, deaths
        self.killed = 0
        self._random = random.Random(seed)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._roles: Sequence[Callable[[Place, int], None]] = [
            *[work] * workers,
            *[look] * 2,
        ]
        self.processes: list[BaseProcess] = [self._begun(role) for role in self._roles]

    def tend(self, seconds: float) -> bool:
        """Wait for an end, so long at most; begin anew. Return whether some go on."""
        sentinels = [each.sentinel for each in self.processes if each.exitcode is None]
        multiprocessing.connection.wait(sentinels, seconds)
        for at, process in enumerate(self.processes):
            if process.exitcode not in (None, 0):
                self.killed += process.exitcode == -signal.SIGKILL
                process.close()
                self.processes[at] = self._begun(self._roles[at])
        return any(process.exitcode is None for process in self.processes)

    def kill_one(self) -> None:
        """Kill any of those that are there."""
        alive = [each for each in self.processes if each.exitcode is None]
        if alive:
            self._random.choice(alive).kill()

    def disperse(self) -> None:
        """Kill all, should something have gone wrong."""
        for process in self.processes:
            process.kill()
            process.join()

    def _begun(self, role: Callable[[Place, int], None]) -> BaseProcess:
        dies = self.killed < self.deaths
        most = 50 if role is work else 40
        at = self._random.randint(1, most) if dies else 0
        arguments = (role, self.place.folder, at)
        process = self._context.Process(target=_begin, args=arguments, daemon=True)
        process.start()
        return process


def _begin(role: Callable[[Place, int], None], folder: Path, at: int) -> None:
    place = Place(folder)
    os.environ["XDG_DATA_HOME"] = str(folder / "home")
    torch.set_num_threads(1)
    try:
        role(place, at)
    except BaseException:
        place.complain(traceback.format_exc().replace("\n", " | "))
        raise


def _append(file: Path, line: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, line.encode())
    os.close(descriptor)
