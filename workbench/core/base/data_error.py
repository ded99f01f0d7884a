"""What can go wrong with data: one error, and one way to be told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from workbench.core.base.errors import Remedy, WorkbenchError


class DataError(WorkbenchError):
    """Data that cannot be used: says which file, what is wrong and what to do.

    ``field`` is the dotted setting to change, where it is one.
    """

    def __init__(self, message: str, *remedies: Remedy, field: str = "") -> None:
        super().__init__(message, *remedies)
        self.field = field


MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What values of a kind that nobody expected may lead to where they are used."""


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
