"""Reads configurations as people write them, and explains what is wrong in one."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.core.base.files import read
from workbench.core.base.phrases import one_line, quoted, what_is_wrong
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.mistakes import ConfigError, Mistake
from workbench.core.config.sections import SECTIONS, field_names, kinds, section_models

_DEEPEST = 20
_MOST_BYTES = 2**20
_LONG_NUMBER = re.compile(r"0[xob]\w{1000}")
"""One that Python reads, and does not write."""
_DEEP_NAME = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+\s*\.\s*){50}""")
"""A name of many parts, whose reading takes as long as their number squared."""


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML; ConfigError with line and column if it is none.

    A date or a time, which no field has and JSON cannot write, is the text it was.
    """
    try:
        if _DEEP_NAME.search(text):
            raise RecursionError
        if _LONG_NUMBER.search(text):
            raise ValueError("a number of more than a thousand digits")
        values = tomllib.loads(text)
        if _is_deeper(values, _DEEPEST):
            raise RecursionError
    except ValueError as error:  # of a number of thousands of digits as well
        raise ConfigError(
            [Mistake("", f"not valid TOML: {one_line(str(error))}")]
        ) from None
    except RecursionError:
        message = f"nested deeper than the {_DEEPEST} levels that are read"
        raise ConfigError([Mistake("", f"not valid TOML: {message}")]) from None
    return {name: _without_dates(value) for name, value in values.items()}


def _without_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_dates(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_dates(item) for item in value]
    is_date = isinstance(value, datetime.date | datetime.time)
    return value.isoformat() if is_date else value


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether lists and tables lie within each other that often."""
    layer = [value]
    for _ in range(levels):
        layer = [item for each in layer for item in _items(each)]
    return any(isinstance(each, dict | list) for each in layer)


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; ConfigError names the file where it cannot be read."""
    try:
        text = read(path, _MOST_BYTES).decode()
    except UnicodeDecodeError:
        raise ConfigError([Mistake("", f"{path} is not a text file")]) from None
    except OSError as error:
        reason = f"cannot read {path}: {error.strerror}"
        raise ConfigError([Mistake("", reason)]) from None
    try:
        return parse_toml(text)
    except ConfigError as error:
        raise ConfigError([Mistake("", f"{path} is {error}")]) from None


def section_of(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a section's fields; ConfigError where its name has a value instead."""
    given = values.get(name, {})
    if not isinstance(given, Mapping):
        wrong = f"{quoted(given)} is not a section: begin it with [{name}]"
        raise ConfigError([Mistake(name, wrong)])
    return given


def with_overrides(
    values: Mapping[str, Any], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """Return nested ``values`` with dotted fields replaced.

    A new ``kind`` starts its section from the defaults, keeping the fields it shares.
    """
    result = {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    for dotted in sorted(overrides, key=lambda name: not name.endswith(".kind")):
        section, _, field = dotted.partition(".")
        if not field or section not in SECTIONS:
            raise ConfigError([Mistake(dotted, _unknown(dotted, field_names()))])
        if field == "kind":
            result[section] = _switched(
                section, result.get(section, {}), overrides[dotted]
            )
        result.setdefault(section, {})[field] = overrides[dotted]
    return result


def _switched(section: str, values: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    choice = kinds(section).get(kind) if isinstance(kind, str) else None
    if choice is None or values.get("kind") == kind:
        return dict(values)
    return {key: value for key, value in values.items() if key in choice.model_fields}


def parse_override(text: str) -> tuple[str, Any]:
    """Parse ``section.field=value``, the value as in TOML or as plain text.

    Whether ``none``, or nothing, means no value or is a choice of its own is for the
    field to say.
    """
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise ConfigError(
            [Mistake("", f"{quoted(text)}: write it as section.field=value")]
        )
    value = value.strip()
    try:
        return name.strip(), parse_toml(f"value = {value}")["value"]
    except ConfigError:
        return name.strip(), value


def as_override(name: str, value: Any) -> str:
    """Return a field and its value as ``parse_override`` reads them."""
    if value is None:
        return f"{name}=none"
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"


def check_fields(names: Iterable[str]) -> None:
    """Refuse names that are no field of any configuration, with a ConfigError."""
    known = field_names()
    mistakes = [Mistake(name, _unknown(name, known)) for name in names]
    wrong = [mistake for mistake in mistakes if mistake.field not in known]
    if wrong:
        raise ConfigError(wrong)


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"there is no such field{did_you_mean(name, known)}"


def explain(error: ValidationError, values: Mapping[str, Any]) -> list[Mistake]:
    """Turn pydantic's errors into mistakes that name field, value and limits."""
    mistakes: list[Mistake] = []
    items = error.errors(include_url=False)
    for item in items:
        # A list none of whose items is right has too few, as pydantic counts.
        inside = (each["loc"][: len(item["loc"])] for each in items if each != item)
        if item["type"] == "too_short" and item["loc"] in inside:
            continue
        misfits = item.get("ctx", {}).get("misfits")
        mistakes += misfits or [_mistake(dict(item), values)]
    return list(dict.fromkeys(mistakes))


def _mistake(item: dict[str, Any], values: Mapping[str, Any]) -> Mistake:
    location = [str(part) for part in item["loc"]]
    section = location[0] if location else ""
    if len(location) > 1 and location[1] in kinds(section):
        del location[1]
    field = ".".join(location[:2])
    if item["type"] == "extra_forbidden":
        known = _known_fields(section, values) if len(location) > 1 else SECTIONS
        prefix = f"{section}." if len(location) > 1 else ""
        return Mistake(field, _unknown(field, (prefix + name for name in known)))
    if item["type"] == "missing":
        return Mistake(field, "is missing")
    if item["type"].startswith("union_tag"):
        given = (
            item["input"].get("kind")
            if isinstance(item["input"], dict)
            else item["input"]
        )
        if given is None:
            message = f"is missing: one of {', '.join(kinds(section))}"
            return Mistake(f"{field}.kind", message)
        hint = did_you_mean(given if isinstance(given, str) else "", kinds(section))
        return Mistake(
            f"{field}.kind",
            f"{quoted(given)} is not one of {', '.join(kinds(section))}{hint}",
        )
    return Mistake(field, what_is_wrong(item))


def _known_fields(section: str, values: Mapping[str, Any]) -> Iterable[str]:
    chosen = values.get(section, {})
    kind = chosen.get("kind") if isinstance(chosen, Mapping) else None
    model = kinds(section).get(str(kind)) or next(iter(section_models(section)), None)
    return model.model_fields if model else ()
