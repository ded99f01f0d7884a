"""What can go wrong with data."""

from __future__ import annotations

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
