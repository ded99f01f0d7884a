"""How work that takes long tells of itself, and is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias


class Cancelled(Exception):
    """The person asked to stop; nothing is left half done."""


Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and out of how much."""


class CancelFlag(Protocol):
    """What says that the person asked to stop; a ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Return whether to stop."""


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


class Asked(NamedTuple):
    """A flag that asks a function whether it is set."""

    is_set: Callable[[], bool]


def stop_if(cancel: CancelFlag | None) -> None:
    """Raise ``Cancelled`` if the person asked to stop."""
    if cancel is not None and cancel.is_set():
        raise Cancelled("stopped as asked; nothing was changed")
