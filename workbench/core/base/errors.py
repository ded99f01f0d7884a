"""What goes wrong and what can be done about it, for whichever face tells of it.

An error says what is wrong in a sentence; what to do is data beside it. The command
line words it with its options, the window with its panels and buttons.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from typing_extensions import override


class RemedyKind(StrEnum):
    """What a person can do; a later version's is ``UNKNOWN`` to this one."""

    SET = "set"
    """Change settings of the configuration."""
    USE_KNOWN = "use known"
    """Change the settings to those of the preset that is the subject: they work."""
    FETCH = "fetch"
    """Download the data set that is the subject."""
    IMPORT = "import"
    """Bring in a copy of the data set that is the subject."""
    LOCATE = "locate"
    """Say where the subject is."""
    MAKE_ROOM = "make room"
    ALLOW_WRITING = "allow writing"
    """Let files be written to the subject."""
    MOVE_AWAY = "move away"
    """Move the subject: it is where a file or a folder belongs."""
    REPAIR = "repair"
    """Repair the run whose folder is the subject."""
    OTHER_DATA = "other data"
    """Keep data sets in another folder."""
    OTHER_RUNS = "other runs"
    """Keep runs in another folder."""
    OTHER_DEVICE = "other device"
    """Compute on the subject."""
    RESUME = "resume"
    """Train the run that is the subject further."""
    CHOOSE_PRESET = "choose preset"
    REPLACE = "replace"
    """Write over the subject."""
    UNKNOWN = "unknown"

    @classmethod
    @override
    def _missing_(cls, value: object) -> RemedyKind:
        return cls.UNKNOWN


class Remedy(BaseModel):
    """One thing to do: on what, or which settings to change, and what that effects."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: RemedyKind
    subject: str = ""
    changes: dict[str, Any] = {}
    effect: str = ""


class Problem(NamedTuple):
    """What is wrong, and each thing that helps."""

    text: str
    remedies: tuple[Remedy, ...] = ()

    def told(self, phrases: Iterable[str]) -> str:
        """Return it as a text, with remedies in a face's words; empty ones are not."""
        offered = ", or ".join(phrase for phrase in phrases if phrase)
        if not offered:
            return self.text
        return f"{self.text.rstrip('.')}. {offered[0].upper()}{offered[1:]}"


class WorkbenchError(Exception):
    """Something that a person is told of: what is wrong, and what to do about it."""

    def __init__(self, message: str, *remedies: Remedy) -> None:
        super().__init__(message)
        self.remedies = remedies


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


def problem_of(error: BaseException) -> Problem:
    """Return what any exception says; never an empty text."""
    remedies = error.remedies if isinstance(error, WorkbenchError) else ()
    said, name = str(error).strip(), type(error).__name__
    if said and isinstance(error, KeyError):  # which says nothing but the key
        said = f"{name}: {said}"
    return Problem(said or name, remedies)


MAKE_ROOM = Remedy(kind=RemedyKind.MAKE_ROOM)
OTHER_DATA = Remedy(kind=RemedyKind.OTHER_DATA)
OTHER_RUNS = Remedy(kind=RemedyKind.OTHER_RUNS)
