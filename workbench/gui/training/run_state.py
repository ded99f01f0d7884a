"""What the run that trains here does, or one that is only watched.

The state of what trains here::

    IDLE, FOLLOWING, COMPLETED, STOPPED, FAILED
        │ start, continue_run
        ▼              began
    STARTING ───────────────────► RUNNING ◄───────── resume ──────────┐
        │ │                        │ │  │                              │
        │ └──── pause ─────────────┼─┼──┴─ pause ─► PAUSING ──────► PAUSED
        │                          │ │                 │      paused  │
        └───── stop ───────────────┼─┴─ stop ──► STOPPING ◄── stop ───┘
                                   │                 │
                                   ▼ ended           ▼ ended
                        COMPLETED, FAILED     STOPPED (or COMPLETED, FAILED)

``ended`` comes exactly once for every ``start`` or ``continue_run``, from any of these.
While nothing trains here the state is that of the run shown: FOLLOWING if it is being
trained elsewhere, IDLE if there is none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.runs.store import RunInfo


class RunState(StrEnum):
    """What the run that trains here does, or one that is only watched."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    FOLLOWING = "trained elsewhere"

    @property
    def is_busy(self) -> bool:
        """Whether a thread of this window is training."""
        return self in _BUSY


_BUSY = frozenset(
    {
        RunState.STARTING,
        RunState.RUNNING,
        RunState.PAUSING,
        RunState.PAUSED,
        RunState.STOPPING,
    }
)


def state_of(info: RunInfo) -> RunState:
    """Return the state of a run that does not train here, as its folder says."""
    if info.is_alive:
        return RunState.FOLLOWING
    return {
        "completed": RunState.COMPLETED,
        "stopped": RunState.STOPPED,
        "failed": RunState.FAILED,
    }.get(info.state, RunState.IDLE)
