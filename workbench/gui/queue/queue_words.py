"""How the queue stands, in words."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.core.base.phrases import counted
from workbench.core.queue.queue import Queued
from workbench.core.queue.workers import WorkerRecord
from workbench.gui.queue.queue_watch import QueueWatch


def standing(watch: QueueWatch, *, is_stopping: bool, is_next: bool) -> str:
    """Return who trains it and how much is left; empty where nothing is to be done."""
    state, busy = watch.state, watch.is_busy
    doing = "paused" if state.is_held else "training"
    doing = "stopping" if is_stopping else doing
    words = [doing] if watch.is_mine else []
    words += [_by(watch.others, beside=watch.is_mine)] if watch.others else []
    # What is being trained is not to go; one begun and stopped is.
    left = sum(item.search is None for item in watch.left)
    words += [f"{left:,} {'to go' if busy else 'to train'}"] if left else []
    to_come = sum(item.to_come for item in watch.left if item.search)
    words += [f"{to_come:,} of a search"] if to_come else []
    these = "these runs" if len(watch.trained) > 1 else "this run"
    then = f"paused after {these}" if busy else "paused"
    is_told = watch.is_mine and doing != "training"
    words += [then] if state.paused and state.waiting and not is_told else []
    waits = is_next and state.waiting
    words += ["when what trains now has ended"] if waits else []
    return ", ".join(words)


def where(worker: WorkerRecord) -> str:
    """Return on which other machine a worker is; empty where it is on this one."""
    return "" if worker.is_here else f"on {worker.host}"


def places(workers: Sequence[WorkerRecord]) -> str:
    """Return where workers are, as far as one can name it in a few words."""
    hosts = {each.host for each in workers}
    if len(hosts) > 1:
        return f"on {len(hosts):,} machines"
    return where(workers[0]) or "on this machine"


def rest(left: Sequence[Queued]) -> str:
    """Return how a queue that is paused goes on."""
    begun = [item for item in left if item.state == "running"]
    if len(begun) == 1:
        return f"The queue is stopped: {begun[0].title} goes on where it stopped"
    if begun:
        return f"The queue is stopped: {len(begun):,} runs go on where they stopped"
    return f"The queue is paused: {waiting(left)}"


def waiting(left: Sequence[Queued]) -> str:
    """Return how many runs wait, those that a search is still to have among them."""
    runs = sum(item.runs for item in left)
    return counted(runs, "run waits", "runs wait")


def tally(batch: Sequence[Queued]) -> str:
    """Return how many of those worked off were trained, and how many not."""
    states = [item.state for item in batch]
    words = [f"{counted(states.count('done'), 'run')} trained"]
    for state, word in (("pruned", "given up"), ("failed", "failed")):
        words += [f"{states.count(state):,} {word}"] if state in states else []
    return ", ".join(words)


def _by(others: Sequence[WorkerRecord], *, beside: bool) -> str:
    """Return who trains it that is not this window, perhaps beside it."""
    if len(others) > 1:
        with_, train = ("with ", "") if beside else ("", " train")
        return f"{with_}{len(others):,} other workers{train}"
    whose = where(others[0])
    if not whose:
        return "with another process" if beside else "another process trains"
    return f"also {whose}" if beside else f"trained {whose}"
