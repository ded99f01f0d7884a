"""Works the queue off, and shows each run on the terminal while it is trained."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Collection, Generator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from workbench.cli._display import Bars, JsonLines, LiveBar
from workbench.cli._wording import told
from workbench.cli.train import interrupts
from workbench.core.base.folders import data_folder
from workbench.core.queue.crew import Crew
from workbench.core.queue.progress import Progress
from workbench.core.queue.queue import Queued, RunQueue
from workbench.core.queue.workers import Workers
from workbench.core.queue.working import Patience, work_off
from workbench.core.runs.events import EndEvent, Event, StepEvent
from workbench.core.runs.store import RunFolder


def train_queued(
    queue: RunQueue,
    arguments: argparse.Namespace,
    *,
    patience: Patience,
    share: int = 1,
    only: Collection[str] | None = None,
) -> tuple[list[Queued], bool]:
    """Train what is queued; Ctrl-C keeps what is left.

    Returned are what failed, and whether this worker was asked to stop by another
    process.
    """
    failed_before = {item.id for item in queue.read().failed}
    dismissals = list[bool]()

    def told_of() -> Generator[Progress]:
        dismissals.append((yield from progress))

    with interrupts() as interrupted:
        progress = work_off(
            queue,
            data_folder(arguments.data),
            arguments.device,
            lambda: bool(interrupted),
            patience=patience,
            share=share,
            only=only,
        )
        _show(queue, told_of(), interrupted, as_json=arguments.json)
    return _failed_since(queue, failed_before), any(dismissals)


def have_trained(
    queue: RunQueue, arguments: argparse.Namespace, workers: int, patience: Patience
) -> list[Queued]:
    """Have several workers train what is queued, as ``train_queued`` does alone."""
    failed_before = {item.id for item in queue.read().failed}
    device, words = arguments.device, work_words(queue.runs, arguments, patience)
    with interrupts() as interrupted:
        crew = Crew(queue, words, device, workers, lambda: bool(interrupted))
        progress = crew.work_off(lambda told: sys.stderr.write(f"{told}\n"))
        _show(queue, progress, interrupted, as_json=arguments.json)
    return _failed_since(queue, failed_before)


class LeftOver(NamedTuple):
    """How many runs are left for whoever goes on, and how many others train.

    ``is_elsewhere`` says that one of them is on another machine.
    """

    free: int
    with_others: int
    is_elsewhere: bool


def left_over(queue: RunQueue) -> LeftOver:
    """Return what is left of the queue."""
    there = {worker.id: worker for worker in Workers(queue.runs).present()}
    waiting = queue.read().waiting
    by = [there[item.worker] for item in waiting if item.worker in there]
    free = sum(item.runs for item in waiting) - len(by)
    return LeftOver(free, len(by), not all(worker.is_here for worker in by))


def work_words(
    runs: Path, arguments: argparse.Namespace, patience: Patience
) -> list[str]:
    """Return what the command line is told for another process to work likewise."""
    folders = ["--runs", str(runs), "--data", str(data_folder(arguments.data))]
    waits = {Patience.NONE: [], Patience.HELD: ["--stay"], Patience.ALWAYS: ["--wait"]}
    return ["work", *folders, "--device", arguments.device, *waits[patience], "--json"]


def _show(
    queue: RunQueue,
    progress: Generator[Progress, None, None],
    interrupted: Sequence[int],
    *,
    as_json: bool,
) -> None:
    left = left_over(queue)
    if left.is_elsewhere and not left.free and not as_json:
        sys.stderr.write(
            "nothing is free: seeing whether those who train it on other machines are "
            "there, for two minutes at most\n"
        )
    with _Screen(queue, as_json=as_json) as screen, contextlib.closing(progress):
        for item, folder, event in progress:
            screen.show(item, folder, event)
            if interrupted:
                break


def _failed_since(queue: RunQueue, before: Collection[str]) -> list[Queued]:
    """Tell what is wrong with the queue, and what of it failed; return that."""
    state = queue.read()
    if state.notice:
        sys.stderr.write(f"warning: {state.notice}\n")
    failed = [item for item in state.failed if item.id not in before]
    for item in failed:
        sys.stderr.write(f"failed: {item.name}: {told(item.problem)}\n")
    return failed


class _Screen:
    """Shows the runs that are trained, of which there may be several at a time."""

    def __init__(self, queue: RunQueue, *, as_json: bool) -> None:
        self._queue = queue
        self._bars = None if as_json else Bars()
        self._displays: dict[str, JsonLines | LiveBar] = {}
        self._stepped: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        for id in list(self._displays):
            self._end(id)

    def show(self, item: Queued, folder: RunFolder, event: Event | None) -> None:
        """Show an event, or a run that begins; the others may have ended by then."""
        if event is not None:
            self._goes_on(item, event)
            self._displays[item.id].show(event)
        if isinstance(event, EndEvent):
            self._end(item.id)
        if event is None:
            self._begin(item, folder)

    def _begin(self, item: Queued, folder: RunFolder) -> None:
        # One that failed, or was given up, has no other end.
        over = {each.id for each in self._queue.read().finished}
        for id in over.intersection(self._displays):
            self._end(id)
        display = (
            JsonLines(folder, names_run=True)
            if self._bars is None
            else LiveBar(folder, self._bars)
        )
        self._displays[item.id] = display.__enter__()

    def _goes_on(self, item: Queued, event: Event) -> None:
        """Say of a run that was begun before from where it goes on."""
        if isinstance(event, StepEvent) and item.id not in self._stepped:
            self._stepped.add(item.id)
            if event.step > 1:
                self._displays[item.id].resume(event.step - 1)

    def _end(self, id: str) -> None:
        display = self._displays.pop(id)
        display.__exit__(None, None, None)
        display.end()
