"""Members from elsewhere: what installed packages add, and what is registered by hand.

A package adds members by entry points of the groups ``fewshot_workbench.algorithms``,
``.tasks``, ``.models`` and ``.plots``: each names a class, or a module all of whose
public classes it means. What cannot be used is kept as a ``Refusal`` and told of;
everything else works without it.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from workbench.core.base.errors import WorkbenchError

PREFIX = "fewshot_workbench"


class MemberError(WorkbenchError):
    """A class cannot be a member; the message names it and says why."""


class Origin(BaseModel):
    """Where a member comes from: the class in its module, and of which package that is.

    ``package`` is empty for what was registered by hand.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    module: str
    name: str = ""
    package: str = ""
    version: str = ""

    @property
    def text(self) -> str:
        """The package with its version, or the module."""
        return f"{self.package} {self.version}" if self.package else self.module


class Stranger(NamedTuple):
    """A class that may become a member, and where it is from."""

    member: type
    origin: Origin


class Refusal(NamedTuple):
    """What of a package cannot be used, and why."""

    origin: Origin
    what: str
    why: str

    def __str__(self) -> str:
        what = f" ({self.what})" if self.what else ""
        return f"{self.origin.text}{what} cannot be used: {self.why}"


_refused: dict[tuple[str, str], Refusal] = {}


def refuse(origin: Origin, what: str, why: str) -> None:
    """Note that something of a package cannot be used."""
    _refused[origin.text, what] = Refusal(origin, what, why)


def refusals() -> tuple[Refusal, ...]:
    """Return what of packages could not be used so far."""
    return tuple(_refused.values())


def complaints() -> list[str]:
    """Return a sentence for each package of which something cannot be used."""
    by_package: dict[str, list[Refusal]] = {}
    for refusal in refusals():
        by_package.setdefault(refusal.origin.text, []).append(refusal)
    return [
        f"{first}{f' (and {len(others)} more of it)' if others else ''}"
        for first, *others in by_package.values()
    ]


def origin_of(entry: EntryPoint) -> Origin:
    """Return the package that an entry point is of."""
    dist = entry.dist
    package, version = (dist.name, dist.version) if dist else ("", "")
    return Origin(module=entry.value, package=package, version=version)


def loaded(group: str) -> Iterator[tuple[Origin, Any]]:
    """Load each entry point of a group; what cannot be loaded is refused."""
    entries = _entries().select(group=f"{PREFIX}.{group}")
    for entry in sorted(entries, key=lambda entry: (entry.value, entry.name)):
        origin = origin_of(entry)
        try:
            found = entry.load()
        except Exception as error:  # whatever the code of others raises
            why = f"{type(error).__name__}: {error}".strip(": ")
            refuse(origin, f"{group}: {entry.name}", why)
        else:
            yield origin, found


@functools.cache
def _entries() -> Any:  # of another class before Python 3.12
    """Return what all packages say of themselves, whose files are read but once."""
    return importlib.metadata.entry_points()


@functools.cache
def strangers(group: str) -> tuple[Stranger, ...]:
    """Return what installed packages add to a group, in a lasting order."""
    return tuple(
        Stranger(member, _of(member, origin))
        for origin, found in loaded(group)
        for member in _classes(found)
    )


def _of(member: Any, origin: Origin) -> Origin:
    if not isinstance(member, type):
        return origin
    place = {"module": member.__module__, "name": member.__qualname__}
    return origin.model_copy(update=place)


def _classes(found: Any) -> list[type]:
    if not isinstance(found, ModuleType):
        return [found]
    return [
        value
        for name, value in vars(found).items()
        if isinstance(value, type)
        and value.__module__ == found.__name__
        and not name.startswith("_")
    ]
