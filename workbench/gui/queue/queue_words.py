"""How the queue stands, in words."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.core.base.phrases import counted
from workbench.core.queue.queue import Queued, QueueState
from workbench.gui.queue.queue_watch import QueueWatch


def standing(watch: QueueWatch, *, is_stopping: bool, is_next: bool) -> str:
    """Return who trains it and how much is left; empty where nothing is to be done."""
    state, busy = watch.state, watch.is_busy
    doing = "paused" if state.is_held else "training"
    doing = "stopping" if is_stopping else doing
    words = [doing] if watch.is_mine else []
    words += ["another process trains"] if watch.is_elsewhere else []
    # What is being trained is not to go; one begun and stopped is.
    left = len(state.waiting) - (len(state.all_begun) if busy else 0)
    words += [f"{left:,} {'to go' if busy else 'to train'}"] if left else []
    these = "these runs" if len(state.all_begun) > 1 else "this run"
    then = f"paused after {these}" if busy else "paused"
    is_told = watch.is_mine and doing != "training"
    words += [then] if state.paused and state.waiting and not is_told else []
    waits = is_next and state.waiting
    words += ["when what trains now has ended"] if waits else []
    return ", ".join(words)


def rest(state: QueueState) -> str:
    """Return how a queue that is paused goes on."""
    if state.begun is not None:
        return f"The queue is stopped: {state.begun.title} goes on where it stopped"
    left = counted(len(state.waiting), "run waits", "runs wait")
    return f"The queue is paused: {left}"


def tally(batch: Sequence[Queued]) -> str:
    """Return how many of those worked off were trained, and how many not."""
    states = [item.state for item in batch]
    failed = states.count("failed")
    trained = f"{counted(states.count('done'), 'run')} trained"
    return f"{trained}, {failed:,} failed" if failed else trained
