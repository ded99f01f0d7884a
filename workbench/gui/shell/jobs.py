"""Work for a background thread whose failure is a message to show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from workbench.core.base.data_error import Cancelled, DataError
from workbench.core.runs.store import RunError

EXPECTED = (
    DataError,
    Cancelled,
    RunError,
    OSError,
    RuntimeError,
    ValueError,
    MemoryError,
)
"""What data sets, run folders and torch raise where something is wrong with them."""

_COMMAND = re.compile(r" \(data (?:fetch|import)[^)]*\)")


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


def for_window(text: str) -> str:
    """Return a message without its hints at the command line, like ``(data fetch)``."""
    return _COMMAND.sub("", text)


def sentence(error: BaseException) -> str:
    """Return an error as a sentence; never empty."""
    text = for_window(str(error)).strip() or type(error).__name__
    is_word = text.split()[0].isalpha()
    return text[:1].upper() + text[1:] if is_word else text
