"""Words the value of a field: in the form, notices, tables and names it is the same."""

from __future__ import annotations

import contextlib
import math
from functools import cache
from typing import Any

from workbench.core.base import figures
from workbench.core.base.settings import NO_VALUE, none_of
from workbench.core.config.sections import field_of, kinds

_BOOLS = {"true": True, "false": False}


def value_text(value: Any, none: str = NO_VALUE) -> str:
    """Return a value as the form shows it; ``none`` is what no value means."""
    if value is None:
        return none
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return figures.exact(value) if isinstance(value, int | float) else str(value)


def worded(dotted: str, value: Any) -> str:
    """Return what the form shows where a field has this value."""
    section, _, name = dotted.partition(".")
    if name == "kind":
        return title_of_kind(section, str(value))
    return value_text(value, _none(dotted))


def worded_text(dotted: str, text: str) -> str:
    """Return the same for a value that is there as a run's row has it, as text."""
    if text.lower() == NO_VALUE:
        return worded(dotted, None)
    parts = [_number(part) for part in text.split(",")]
    if None not in parts:
        return worded(dotted, parts if len(parts) > 1 else parts[0])
    return worded(dotted, _BOOLS.get(text, text))


@cache
def title_of_kind(section: str, kind: str) -> str:
    """Return what a member calls itself; its kind, where it is not known here."""
    return str(getattr(kinds(section).get(kind), "title", kind))


@cache
def _none(dotted: str) -> str:
    field = field_of(dotted)
    return NO_VALUE if field is None else none_of(field)


def _number(text: str) -> float | None:
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            value: float = kind(text)
            return value if math.isfinite(value) else None
    return None
