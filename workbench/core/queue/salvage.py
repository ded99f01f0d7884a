"""What can still be read of a damaged list in a JSON file, entry by entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_BETWEEN = re.compile(r"[\s,]*")


def whole_entries(content: bytes, name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects in the list ``name``, up to the first that is not whole.

    What follows an entry that is cut or garbled begins nowhere that could be known.
    """
    text = content.decode("utf-8", errors="replace")
    begin = re.search(rf'"{re.escape(name)}"\s*:\s*\[', text)
    place = begin.end() if begin else len(text)
    decoder = json.JSONDecoder()
    while True:
        match = _BETWEEN.match(text, place)
        assert match is not None  # it matches nothing as well
        try:
            entry, place = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            return
        if not isinstance(entry, dict):
            return
        yield entry
