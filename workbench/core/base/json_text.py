"""JSON that any reader takes: what is not finite is written as a string."""

from __future__ import annotations

import json
import math
from typing import Any

NOT_FINITE = ("NaN", "Infinity", "-Infinity")


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
