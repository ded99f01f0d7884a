"""Whether a run fits into the memory that there is, and what would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workbench.core.base.devices import available_memory, choose_device
from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.config.run_config import RunConfig
from workbench.core.planning.footprint import Footprint, footprint, least_footprint
from workbench.core.training.smaller import smaller_training


class Room(NamedTuple):
    """The bytes that a run needs at its peak, those there are, and what would fit."""

    needed: int
    available: int
    fitting: tuple[Remedy, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether the run fits."""
        return self.needed <= self.available


def room_for(config: RunConfig, size: Footprint, available: int) -> Room:
    """Return whether a run of this size fits, and the changes with which it would."""
    room = Room(size.peak_bytes, available)
    if room.is_enough:
        return room
    return room._replace(fitting=tuple(_fitting(config, size, available)))


def least_room(config: RunConfig) -> Room:
    """Return at once whether a run may fit at all; a forecast knows more."""
    device = choose_device("auto")
    needed = least_footprint(config, device.type).peak_bytes
    return Room(needed, available_memory(device))


def _fitting(config: RunConfig, size: Footprint, available: int) -> Iterator[Remedy]:
    tasks = (available - size.fixed_bytes) // max(1, size.task_bytes)
    if 0 < tasks < size.at_once:
        changes = {"training.meta_batch": tasks}
        effect = "as many tasks at once as fit, noisier meta-gradients"
        yield Remedy(kind=RemedyKind.SET, changes=changes, effect=effect)
    for remedy in smaller_training(config):
        if "training.meta_batch" not in remedy.changes:
            other = footprint(config.replace(remedy.changes))
            other = other._replace(at_once=size.at_once)  # as the device has it
            if other.peak_bytes <= available:
                yield remedy
