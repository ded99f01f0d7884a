"""JSON that any reader takes: what is not finite is written as a string."""

from __future__ import annotations

import contextlib
import json
import math
import re
from typing import Any

_FIELD = re.compile(r'^ "(\w+)": ', re.MULTILINE)
"""Where a field begins that is not within another; text has no bare line ends."""
_ENDS = re.compile(r",?\s*[\n}]")


def to_text(record: Any) -> str:
    """Return the record as one line of JSON."""
    try:
        return json.dumps(record, allow_nan=False)
    except ValueError:
        return json.dumps(_without_bare_numbers(record), allow_nan=False)


def _without_bare_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_bare_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_bare_numbers(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
    return value


def whole_fields(content: bytes) -> dict[str, Any]:
    """Return what can still be read of a damaged object with a field on each line."""
    text = content.decode("utf-8", errors="replace")
    decoder = json.JSONDecoder()
    found: dict[str, Any] = {}
    for match in _FIELD.finditer(text):
        with contextlib.suppress(ValueError, RecursionError):
            value, end = decoder.raw_decode(text, match.end())
            if _ENDS.match(text, end):  # a number may be cut, and be a number still
                found.setdefault(match[1], value)
    return found
