"""Work for a background thread whose failure is a message to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from workbench.core.base.cancelling import Cancelled
from workbench.core.base.errors import WorkbenchError
from workbench.gui.shell.wording import sentence

EXPECTED = (
    WorkbenchError,
    Cancelled,
    OSError,
    RuntimeError,
    ValueError,
    MemoryError,
)
"""What data sets, run folders and torch raise where something is wrong with them."""


class JobOutcome(NamedTuple):
    """What became of a job: its request, and its value or the error's message."""

    request: Any
    value: Any = None
    error: str = ""


def attempt(request: Any, job: Callable[[], Any]) -> JobOutcome:
    """Do a job; what is expected to go wrong becomes a message."""
    try:
        return JobOutcome(request, job())
    except EXPECTED as error:
        return JobOutcome(request, error=sentence(error))
