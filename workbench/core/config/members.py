"""Which tasks, models and learners there are: ours, and those from elsewhere."""

from __future__ import annotations

import functools
import inspect
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from workbench.core.base.phrases import one_line
from workbench.core.base.plugins import MemberError, Origin, refuse, strangers
from workbench.core.base.registry import members
from workbench.core.base.settings import Settings

_SETS: dict[str, tuple[str, type[Any]]] = {}
"""The group and the base class of each section that holds one of many."""

_admitted: dict[str, dict[str, tuple[type[Settings], Origin]]] = {}


def kinds(section: str) -> dict[str, type[Settings]]:
    """Return the choices of a section by their ``kind``, by rank; empty if none."""
    if section not in _SETS:
        return {}
    theirs = {kind: member for kind, (member, _) in _admitted[section].items()}
    found = {**_ours(section), **theirs}
    return dict(sorted(found.items(), key=lambda item: item[1].rank))


@functools.cache
def _ours(section: str) -> dict[str, type[Settings]]:
    group, base = _SETS[section]
    found: dict[str, type[Settings]] = {}
    for member in members(f"workbench.{group}", base):
        kind = _checked_kind(member, base)
        _refuse_twins(member, found.setdefault(kind, member))
    return found


def origin(section: str, kind: str) -> Origin | None:
    """Return where a member that is not ours comes from."""
    found = _admitted.get(section, {}).get(kind)
    return found[1] if found else None


def section_of(member: type[Any]) -> str:
    """Return the section that a class is for; MemberError if there is none."""
    for section, (_, base) in _SETS.items():
        if isinstance(member, type) and issubclass(member, base):
            return section
    bases = ", ".join(base.__name__ for _, base in _SETS.values())
    raise MemberError(f"{_name(member)} is none of {bases}: derive it from one")


def register(member: type[Any]) -> str:
    """Add a class from elsewhere by hand and return its section; MemberError if not.

    One that is defined again takes its own place.
    """
    section = section_of(member)
    source = Origin(module=member.__module__, name=member.__qualname__)
    admit(section, member, source)
    return section


def admit(section: str, member: type[Any], source: Origin) -> None:
    """Add a class from elsewhere to a section; MemberError if it cannot be."""
    kind = _checked_kind(member, _SETS[section][1])
    _refuse_twins(member, kinds(section).get(kind, member))
    try:
        member()
    except Exception as error:  # whatever the code of others raises
        why = one_line(str(error))
        raise MemberError(f"{_name(member)} fails with its defaults: {why}") from None
    _admitted[section][kind] = member, source


def admit_packages() -> bool:
    """Add what installed packages bring, but for what is refused; return if any was."""
    for section, (group, _) in _SETS.items():
        for member, source in strangers(group):
            try:
                admit(section, member, source)
            except MemberError as error:
                refuse(source, _name(member), str(error))
    return any(_admitted.values())


class OneOf:
    """Marks a field that holds a member of a section, whichever there are then."""

    def __init__(self, section: str, group: str, base: type[Any]) -> None:
        self._section = section
        _SETS[section] = group, base
        _admitted.setdefault(section, {})

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return the schema of all choices, told apart by their kind."""
        choices = {
            kind: handler.generate_schema(member)
            for kind, member in kinds(self._section).items()
        }
        return core_schema.tagged_union_schema(
            choices,
            discriminator="kind",
            serialization=core_schema.simple_ser_schema("any"),  # as it says itself
        )


def _checked_kind(member: type[Any], base: type[Any]) -> str:
    """Return a class's kind; MemberError says why it cannot be a member."""
    if not (isinstance(member, type) and issubclass(member, base)):
        raise MemberError(f"{_name(member)} is no {base.__name__}: derive it from that")
    field = member.model_fields["kind"]
    if "kind" not in inspect.get_annotations(member):
        parent = member.__mro__[1]
        raise MemberError(
            f"{_name(member)} keeps the kind of {parent.__name__}, and would be taken "
            'for it: give it its own, as in kind: Literal["mine"] = "mine"'
        )
    if get_args(field.annotation) != (field.default,):
        raise MemberError(
            f"{_name(member)} has no kind: declare it as in "
            'kind: Literal["mine"] = "mine"'
        )
    if unsaid := _unsaid(member):
        raise MemberError(f"{_name(member)} does not say {', '.join(unsaid)}")
    needed = [name for name, each in member.model_fields.items() if each.is_required()]
    if needed:
        text = ", ".join(needed)
        raise MemberError(f"{_name(member)} has no default for {text}: give it one")
    return str(field.default)


def _refuse_twins(member: type[Any], other: type[Any]) -> None:
    """Raise MemberError for another class, of the same kind."""
    if (other.__module__, other.__qualname__) != (
        member.__module__,
        member.__qualname__,
    ):
        kind = member.model_fields["kind"].default
        raise MemberError(
            f"{_name(member)} and {_name(other)} of {other.__module__} both have the "
            f"kind {kind!r}: give one another"
        )


def _unsaid(member: type[Any]) -> list[str]:
    """Return what a base class leaves to its subclasses, and this one does not say."""
    asked = [
        name
        for base in member.__mro__
        if base.__module__.startswith("workbench.core")
        for name, of in inspect.get_annotations(base).items()
        if str(of).startswith("ClassVar") and not hasattr(member, name)
    ]
    return [*asked, *sorted(getattr(member, "__abstractmethods__", ()))]


def _name(member: Any) -> str:
    return str(getattr(member, "__name__", member))
