"""What the fields of a configuration are called, and how their values are shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pydantic.fields import FieldInfo

from workbench.core.base.settings import NO_VALUE
from workbench.core.config.sections import (
    SECTION_TITLES,
    field_names,
    kinds,
    section_models,
)
from workbench.gui.forms.editors import format_number, parse_number
from workbench.gui.forms.field_editors import about

_WORDS = {"true": "yes", "false": "no"}


@cache
def title_of_kind(section: str, kind: str) -> str:
    """Return what a member calls itself; its kind, where it is not known here."""
    return str(getattr(kinds(section).get(kind), "title", kind))


def titled(dotted: str, kind: str = "") -> str:
    """Return what the form calls a field; in this kind of its section, if it has it."""
    section, _, name = dotted.partition(".")
    title = SECTION_TITLES.get(section, section)
    if name == "kind":
        return title
    field = _declared(dotted, kind)
    return dotted if field is None else f"{title}: {(field.title or name).lower()}"


def field_help(dotted: str) -> str:
    """Return what a field is for, in a sentence."""
    field = _declared(dotted)
    return "" if field is None else field.description or ""


def shown_value(dotted: str, value: str) -> str:
    """Return a value as the form shows it."""
    section, _, name = dotted.partition(".")
    if name == "kind":
        return title_of_kind(section, value)
    if value.lower() == NO_VALUE:
        field = _declared(dotted)
        return NO_VALUE if field is None else about(field).none
    numbers = [parse_number(part) for part in value.split(",")]
    if None not in numbers:
        return ", ".join(map(format_number, numbers))
    return _WORDS.get(value, value)


def choosable_fields() -> list[str]:
    """Return the fields that no column shows from the start, in the form's order."""
    order = list(SECTION_TITLES)
    found = [name for name in field_names() if not name.endswith(".kind")]
    return sorted(found, key=lambda name: order.index(name.partition(".")[0]))


@cache
def _declared(dotted: str, kind: str = "") -> FieldInfo | None:
    """Return a field of this kind's settings, or of the first that has it."""
    section, _, name = dotted.partition(".")
    own = kinds(section).get(kind)
    if own is not None and name in own.model_fields:
        return own.model_fields[name]
    return next(_fields_called(section, name), None)


def _fields_called(section: str, name: str) -> Iterator[FieldInfo]:
    for settings in section_models(section) if section in SECTION_TITLES else ():
        if name in settings.model_fields:
            yield settings.model_fields[name]
