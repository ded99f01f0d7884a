"""Which runs to show: words to be found in them, and conditions on their fields.

omniglot 5-way          both words stand somewhere in the run
state=completed         a column of the table, as state:completed too
inner_lr>0.1            a field of the configuration, in short or in full
-reptile  tag=paper     not this word; this tag
"two words"             as they stand
"""

from __future__ import annotations

import functools
import operator
import re
import shlex
from collections.abc import Callable, Iterable
from typing import NamedTuple

from workbench.core.run_config import ConfigError, Mistake, field_names
from workbench.core.run_row import RunRow
from workbench.core.suggestions import did_you_mean

Test = Callable[[RunRow], bool]

_CONDITION = re.compile(r"([A-Za-z_.0-9]+)(<=|>=|!=|=|<|>|:)(.*)")
_ORDER: dict[str, Callable[[float, float], bool]] = {
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
    "device",
    "best",
    "test",
    "preset",
    "created",
    "notes",
    "folder",
}


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
    if sign == ":" and name not in (*_COLUMNS, "tag"):
        return _contains(word)
    value_of = _value_of(name)
    if sign in _ORDER:
        return _ordered(value_of, _ORDER[sign], _number(value, word))
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
    if name in _COLUMNS:
        return lambda row: None if (v := getattr(row, name)) is None else str(v)
    known = field_names()
    full = [field for field in known if name in (field, field.partition(".")[2])]
    if not full:
        short = [field.partition(".")[2] for field in known]
        hint = did_you_mean(name, [*known, *short, *_COLUMNS, "tag"])
        raise ConfigError([Mistake("", f"no column or field {name!r}{hint}")])

    def value(row: RunRow) -> str | None:
        found = (row.field(field) for field in full)
        return next((text for text in found if text is not None), None)

    return value


def _equal(name: str, value_of: Callable[[RunRow], str | None], wanted: str) -> Test:
    if name == "tag":
        return lambda row: wanted in row.tags.lower().split(", ")
    number = _as_number(wanted)

    def test(row: RunRow) -> bool:
        text = value_of(row)
        if text is None:
            return False
        if text.lower() == wanted:
            return True
        return number is not None and _as_number(text) == number

    return test


def _ordered(
    value_of: Callable[[RunRow], str | None],
    compare: Callable[[float, float], bool],
    limit: float,
) -> Test:
    def test(row: RunRow) -> bool:
        number = _as_number(value_of(row))
        return number is not None and compare(number, limit)

    return test


def _number(text: str, word: str) -> float:
    number = _as_number(text)
    if number is None:
        raise ConfigError([Mistake("", f"{word!r}: {text!r} is not a number")])
    return number


def _as_number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
