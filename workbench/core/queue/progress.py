"""What happens while the queue is worked off."""

from __future__ import annotations

from typing import NamedTuple

from workbench.core.queue.queued import Queued
from workbench.core.runs.events import Event
from workbench.core.runs.store import RunFolder


class Progress(NamedTuple):
    """An event of an item's run; the first has none, and the run's folder is there."""

    item: Queued
    folder: RunFolder
    event: Event | None
