"""Values, and what is wrong with them, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PHRASES = {
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "string_type": "is not text",
    "tuple_type": "is not a list of whole numbers, as in 40, 40",
    "model_type": "is not a section with fields of its own",
    "model_attributes_type": "is not a section with fields of its own",
    "dict_type": "is not a section with fields of its own",
    "too_short": "needs at least {min_length}",
    "literal_error": "is not {expected}",
}

_LONG = 10**80

_LIMITS = {
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt}",
    "less_than_equal": "at most {le}",
}


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: ``many``, or ``one`` with an s, if not 1."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def percent(share: float, digits: int = 0) -> str:
    """Return a share in percent."""
    return f"{100 * share:.{digits}f} %"


def shots_and_queries(shots: int, queries: int) -> str:
    """Return how many pictures of a class are asked for, as a sum."""
    asked = f"{counted(shots, 'shot')} + {counted(queries, 'query', 'queries')}"
    return f"{asked} = {shots + queries:,}"


def one_line(text: str, most: int = 200) -> str:
    """Return the first line of a text as a table shows it, cut where it is long."""
    lines = text.strip().splitlines() or [""]
    shown = "".join(sign if sign.isprintable() else " " for sign in lines[0][:most])
    return shown + "…" if len(lines) > 1 or len(lines[0]) > most else shown


def what_is_wrong(item: Mapping[str, Any]) -> str:
    """Return one of pydantic's errors as what is the matter with a value."""
    kind, given, context = item["type"], item["input"], item.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if given == "":
        return "is empty: give a value"
    limits = {name: _plain(limit) for name, limit in context.items()}
    is_short = type(given) is int and abs(given) < _LONG
    shown = f"{given:,}" if is_short else quoted(given)
    if kind in _LIMITS:
        return f"must be {_LIMITS[kind].format(**limits)}, not {shown}"
    if kind in _PHRASES:
        return f"{shown} {_PHRASES[kind].format(**limits)}"
    return f"{quoted(given)}: {item['msg'][0].lower()}{item['msg'][1:]}"


def quoted(value: object, most: int = 80) -> str:
    """Return a value as it was written, cut where it is long."""
    return one_line(repr(value), most)


def _plain(limit: Any) -> str:
    if isinstance(limit, float) and limit.is_integer():
        return f"{limit:,.0f}"
    return f"{limit:,}" if isinstance(limit, int | float) else str(limit)
