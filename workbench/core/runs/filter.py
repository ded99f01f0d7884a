"""Which runs to show: words to be found in them, and conditions on their fields.

omniglot 5-way          both words stand somewhere in the run
state=completed         a column of the table, as state:completed too
test>80                 in the unit that is shown: percent, or a loss
duration<1h  date>=2026-05-01
inner_lr>0.1            a field of the configuration, in short or in full
-reptile  tag=paper     not this word; this tag
"two words"             as they stand
"""

from __future__ import annotations

import functools
import math
import operator
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.run_config import ConfigError, Mistake, field_names
from workbench.core.runs.row import RunRow

Test = Callable[[RunRow], bool]

_CONDITION = re.compile(r"([A-Za-z_.0-9][A-Za-z_.0-9-]*)(<=|>=|!=|=|<|>|:)(.*)")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_COLUMNS = {
    "state",
    "name",
    "id",
    "algorithm",
    "task",
    "model",
    "ways",
    "shots",
    "seed",
    "step",
    "iterations",
    "seconds",
    "memory_mb",
    "speed",
    "device",
    "best",
    "test",
    "test_median",
    "test_trimmed",
    "test_diverged",
    "preset",
    "created",
    "notes",
    "folder",
    "sweep",
}
_HEADINGS = {
    "learner": "algorithm",
    "meta-steps": "step",
    "validation": "best",
    "median": "test_median",
    "trimmed": "test_trimmed",
    "diverged": "test_diverged",
    "duration": "seconds",
    "memory": "memory_mb",
    "date": "created",
    "tags": "tag",
}
"""What the table calls a column, where that is another word."""

_SECONDS = {"d": 86_400, "h": 3600, "min": 60, "m": 60, "s": 1}
_TIME = re.compile(r"(\d+(?:\.\d*)?) *(d|h|min|m|s)")


class Filter(NamedTuple):
    """A compiled filter; ``problem`` says what in it is not understood."""

    tests: tuple[Test, ...] = ()
    problem: str = ""

    def accepts(self, row: RunRow) -> bool:
        """Return whether the run is to be shown."""
        return all(test(row) for test in self.tests)


def parse_filter(text: str) -> Filter:
    """Compile what was typed; half-typed conditions are words like any other."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.replace('"', " ").replace("'", " ").split()
    try:
        return Filter(tuple(_test(word) for word in words))
    except ConfigError as error:
        return Filter(problem=str(error))


def matching(rows: Iterable[RunRow], text: str) -> list[RunRow]:
    """Return the rows that a filter accepts; ConfigError if it is not understood."""
    chosen = parse_filter(text)
    if chosen.problem:
        raise ConfigError([Mistake("", chosen.problem)])
    return [row for row in rows if chosen.accepts(row)]


def _test(word: str) -> Test:
    if word.startswith("-") and len(word) > 1:
        inner = _test(word[1:])
        return lambda row: not inner(row)
    condition = _CONDITION.fullmatch(word)
    if condition is None or not condition[3]:
        return _contains(condition[1] if condition else word)
    name, sign, value = condition.groups()
    name = _HEADINGS.get(name.lower(), name.lower())
    if sign == ":" and name not in (*_COLUMNS, "setting", "tag"):
        return _contains(word)
    value_of = _value_of(name)
    if sign in _ORDER and name == "created":
        return _dated(_ORDER[sign], value)
    if sign in _ORDER:
        return _ordered(value_of, _ORDER[sign], _number(name, value, word))
    equal = _equal(name, value_of, value.lower())
    return equal if sign in "=:" else lambda row: not equal(row)


def _contains(word: str) -> Test:
    wanted = word.lower()
    return lambda row: wanted in _searched(row)


@functools.lru_cache(maxsize=65_536)
def _searched(row: RunRow) -> str:
    return " ".join(
        (
            row.name,
            row.folder,
            row.state,
            row.algorithm,
            row.task,
            row.model,
            row.setting,
            row.preset,
            row.tags,
            row.notes,
            row.device,
            row.problem,
            row.message,
        )
    ).lower()


def _value_of(name: str) -> Callable[[RunRow], str | None]:
    if name == "tag":
        return lambda row: row.tags
    if name == "setting":
        return lambda row: row.setting
    if name == "created":
        return lambda row: row.date
    if name in ("best", "test"):
        shown = {"test": "shown_test"}.get(name, name)
        return lambda row: _as_shown(getattr(row, shown), row.measure)
    if name in _COLUMNS:
        return lambda row: None if (v := getattr(row, name)) is None else str(v)
    known = field_names()
    full = [field for field in known if name in (field, field.partition(".")[2])]
    if not full:
        short = [field.partition(".")[2] for field in known]
        hint = did_you_mean(
            name, [*known, *short, *_COLUMNS, *_HEADINGS, "setting", "tag"]
        )
        raise ConfigError([Mistake("", f"no column or field {name!r}{hint}")])

    def value(row: RunRow) -> str | None:
        found = (row.field(field) for field in full)
        return next((text for text in found if text is not None), None)

    return value


def _equal(name: str, value_of: Callable[[RunRow], str | None], wanted: str) -> Test:
    if name == "tag":
        return lambda row: wanted in row.tags.lower().split(", ")
    if name == "created":
        return lambda row: row.date.startswith(wanted)
    if name in ("device", "setting"):
        return lambda row: _has_words(value_of(row) or "", wanted)
    number = _as_number(wanted.removesuffix("%"))

    def test(row: RunRow) -> bool:
        text = value_of(row)
        if text is None:
            return False
        if text.lower() == wanted:
            return True
        return number is not None and _as_number(text) == number

    return test


def _has_words(text: str, wanted: str) -> bool:
    said = re.findall(r"[\w.-]+", text.lower())
    return all(word in said for word in re.findall(r"[\w.-]+", wanted))


def _as_shown(value: float | None, measure: Measure) -> str | None:
    if value is None or measure is Measure.LOSS:
        return None if value is None else str(value)
    if not math.isfinite(value):
        return str(measure.worst)
    return f"{measure.scale * value:.{measure.digits}f}"


def _dated(compare: Callable[[str, str], bool], limit: str) -> Test:
    """Compare as far as the limit is written: a day is not after itself."""
    return lambda row: bool(row.date) and compare(row.date[: len(limit)], limit)


def _ordered(
    value_of: Callable[[RunRow], str | None],
    compare: Callable[[float, float], bool],
    limit: float,
) -> Test:
    def test(row: RunRow) -> bool:
        number = _as_number(value_of(row))
        return number is not None and compare(number, limit)

    return test


def _number(name: str, text: str, word: str) -> float:
    number = _as_number(text.removesuffix("%"))
    if name == "seconds" and not _TIME.sub("", text).strip():
        number = sum(float(n) * _SECONDS[unit] for n, unit in _TIME.findall(text))
    if number is None:
        raise ConfigError([Mistake("", f"{word!r}: {text!r} is not a number")])
    return number


def _as_number(text: str | None) -> float | None:
    try:
        return float((text or "").replace("−", "-"))
    except ValueError:
        return None
