"""What a search may choose from: ranges and choices, each of one field."""

from __future__ import annotations

import contextlib
import math
import re
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, get_args, get_origin

from workbench.core.config.overrides import as_override, check_fields, parse_override
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig

DIGITS = 4
"""A number that is chosen has so many: it has to be read."""

_SEED = "training.seed"
_NOT_SEARCHED = (_SEED, "training.engine", "training.processes")
_COMMA = re.compile(r",(?![^\[]*\])")
_RANGE = re.compile(r"\s*(\S+?)\s*\.\.\s*(\S+?)\s*(:log)?\s*")
_FAR = 10.0
"""A number is proposed from so many times less to so many times more."""


class Range(NamedTuple):
    """Numbers between two, both of which may be chosen; in log by factors."""

    name: str
    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that have to be possible for all to be."""
        return self.low, self.high

    def __str__(self) -> str:
        """Return it as it is written."""
        log = ":log" if self.is_log else ""
        return f"{self.name}={self.low:g}..{self.high:g}{log}"

    def at(self, share: float) -> float:
        """Return the number so far up the range, from 0 to 1."""
        if self.is_log:
            low, high = math.log(self.low), math.log(self.high)
            return self.nearest(math.exp(low + share * (high - low)))
        return self.nearest(self.low + share * (self.high - self.low))

    def nearest(self, number: float) -> float:
        """Return the number as it is chosen: whole, or of few digits, and within."""
        rounded = round(number) if self.is_whole else float(f"{number:.{DIGITS}g}")
        return min(max(rounded, self.low), self.high)


class Choice(NamedTuple):
    """Values of which one is chosen."""

    name: str
    values: tuple[Any, ...]

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that have to be possible for all to be."""
        return self.values

    def __str__(self) -> str:
        """Return it as it is written."""
        return ",".join([as_override(self.name, self.values[0]), *self._others])

    @property
    def _others(self) -> Iterator[str]:
        for value in self.values[1:]:
            yield as_override("", value).removeprefix("=")


Dimension = Range | Choice


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """Parse ``section.field=value,value``; lists stand in brackets."""
    name, equals, values = text.partition("=")
    if not equals or not values.strip():
        mistake = Mistake("grid", f"{text!r}: write it as section.field=value,value")
        raise ConfigError([mistake])
    parsed = [parse_override(f"{name}={value}")[1] for value in _COMMA.split(values)]
    return name.strip(), parsed


def is_range(text: str) -> bool:
    """Return whether a line of values is a range, rather than values."""
    return bool(_RANGE.fullmatch(text.partition("=")[2]))


def parse_space(texts: Iterable[str], config: RunConfig) -> tuple[Dimension, ...]:
    """Parse ranges and choices, each possible in the configuration; ConfigError."""
    found = dict[str, Dimension]()
    for text in texts:
        dimension = _parsed(text, config)
        if dimension.name in found:
            message = "is there twice: give all values at once"
            raise ConfigError([Mistake(dimension.name, message)])
        found[dimension.name] = dimension
    for dimension in found.values():
        for value in dimension.ends:
            config.replace({dimension.name: value})
    return tuple(found.values())


def _parsed(text: str, config: RunConfig) -> Dimension:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not values:
        how = "write it as section.field=0.001..1:log or section.field=value,value"
        raise ConfigError([Mistake("search", f"{text!r}: {how}")])
    check_fields([name])
    if name == _SEED:
        raise ConfigError([Mistake(name, "is not searched: give the seeds of a trial")])
    found = _RANGE.fullmatch(values)
    if not found:
        return Choice(name, tuple(_once(parse_axis(text)[1])))
    return _range(name, values, found, config)


def _range(
    name: str, values: str, found: re.Match[str], config: RunConfig
) -> Dimension:
    try:
        low, high = float(found[1]), float(found[2])
    except ValueError:
        low = high = math.nan
    is_log, is_whole = bool(found[3]), _is_whole(config, name)

    def wrong(why: str) -> ConfigError:
        return ConfigError([Mistake(name, f"{values!r}: {why}")])

    if not _is_number(config, name):
        raise wrong("is not of numbers: give its values, as in section.field=a,b")
    if not low < high or math.isinf(low) or math.isinf(high):
        raise wrong("write the lower number first, as in 0.001..1:log")
    if is_log and low <= 0:
        raise wrong("by factors it has to begin above 0; without :log it need not")
    if is_whole and (low % 1 or high % 1):
        raise wrong("write whole numbers")
    if is_whole:
        low, high = int(low), int(high)
    return Range(name, low, high, is_log, is_whole)


def _once(values: Sequence[Any]) -> list[Any]:
    return [value for at, value in enumerate(values) if value not in values[:at]]


def searchable(config: RunConfig) -> tuple[str, ...]:
    """Return the fields of which something can be proposed to be searched."""
    return tuple(name for name in _fields(config) if proposed(config, name))


def proposed(config: RunConfig, name: str) -> str:
    """Return what of a field might be searched, by its limits; empty if nothing."""
    section, _, field = name.partition(".")
    settings = getattr(config, section)
    value = getattr(settings, field)
    if name in _NOT_SEARCHED or field == "kind":
        return ""
    annotation = type(settings).model_fields[field].annotation
    choices = [each for each in _choices(annotation) if _goes(config, name, each)]
    if len(choices) > 1:
        return str(Choice(name, tuple(choices)))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    found = _around(config, name, value)
    goes = found.low < found.high and all(_goes(config, name, x) for x in found.ends)
    return str(found) if goes else ""


def _goes(config: RunConfig, name: str, value: Any) -> bool:
    """Return whether a field may have this value, the others being as they are."""
    with contextlib.suppress(ConfigError):
        return bool(config.replace({name: value}))
    return False


def _around(config: RunConfig, name: str, value: float) -> Range:
    """Return a range around a value, within the limits of its field."""
    low, high = _limits(config, name)
    if _is_whole(config, name):
        below, above = max(low, value // 2), min(high, max(2 * value, value + 1))
        return Range(name, max(below, 1) if value > 0 else below, above, is_whole=True)
    if value <= 0:
        return Range(name, max(low, value - 1), min(high, value + 1))
    is_log = value / _FAR > low
    below = value / _FAR if is_log else low
    return Range(name, float(f"{below:.2g}"), min(high, value * _FAR), is_log)


def _fields(config: RunConfig) -> Iterator[str]:
    for section, fields in config.model_dump(mode="json").items():
        for field in fields:
            yield f"{section}.{field}"


def _annotation(config: RunConfig, name: str) -> Any:
    section, _, field = name.partition(".")
    known = type(getattr(config, section)).model_fields
    return known[field].annotation if field in known else None


def _is_number(config: RunConfig, name: str) -> bool:
    """Return whether a field has numbers; one of another kind's may have them."""
    kinds = _kinds_of(config, name)
    return int in kinds or float in kinds or None in kinds


def _is_whole(config: RunConfig, name: str) -> bool:
    kinds = _kinds_of(config, name)
    return int in kinds and float not in kinds


def _kinds_of(config: RunConfig, name: str) -> tuple[Any, ...]:
    annotation = _annotation(config, name)
    return get_args(annotation) or (annotation,)


def _choices(annotation: Any) -> tuple[Any, ...]:
    if annotation is bool:
        return (False, True)
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (typing.Union, types.UnionType):
        literal = [a for a in get_args(annotation) if get_origin(a) is Literal]
        return get_args(literal[0]) if literal else ()
    return ()


def _limits(config: RunConfig, name: str) -> tuple[float, float]:
    """Return between which numbers a field's value lies, as far as it says so."""
    section, _, field = name.partition(".")
    low, high = -math.inf, math.inf
    for about in type(getattr(config, section)).model_fields[field].metadata:
        low = max(low, getattr(about, "ge", low), getattr(about, "gt", low))
        high = min(high, getattr(about, "le", high), getattr(about, "lt", high))
    return low, high
