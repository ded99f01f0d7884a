"""What the fields of a configuration are called, and which a column may show."""

from __future__ import annotations

from workbench.core.config.sections import SECTION_TITLES, field_names, field_of


def titled(dotted: str, kind: str = "") -> str:
    """Return what the form calls a field; in this kind of its section, if it has it."""
    section, _, name = dotted.partition(".")
    title = SECTION_TITLES.get(section, section)
    if name == "kind":
        return title
    field = field_of(dotted, kind)
    return dotted if field is None else f"{title}: {(field.title or name).lower()}"


def field_help(dotted: str) -> str:
    """Return what a field is for, in a sentence."""
    field = field_of(dotted)
    return "" if field is None else field.description or ""


def choosable_fields() -> list[str]:
    """Return the fields that no column shows from the start, in the form's order."""
    order = list(SECTION_TITLES)
    found = [name for name in field_names() if not name.endswith(".kind")]
    return sorted(found, key=lambda name: order.index(name.partition(".")[0]))
