"""The fields in which the runs of a sweep differ, with their values in order."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import fmean, pstdev
from typing import NamedTuple

from workbench.core.config.sections import SECTIONS
from workbench.core.runs.row import NOT_THE_RESULT, RunRow

ABSENT = "–"
"""The value of a field that another kind of its section does not have."""

_FEWEST_SPACED = 3


class SweptField(NamedTuple):
    """A field with its values in order; ``numbers`` if all of them are numbers.

    ``is_log`` says that the numbers are spaced by factors rather than by steps.
    """

    name: str
    values: tuple[str, ...]
    numbers: tuple[float, ...] = ()
    is_log: bool = False

    def value_of(self, row: RunRow) -> str:
        """Return the value that a run has."""
        value = row.field(self.name)
        return ABSENT if value is None else value

    def places(self) -> dict[str, float]:
        """Return where each value stands on an axis from 0 to 1."""
        numbers = self.numbers or tuple(range(len(self.values)))
        at = [math.log(number) if self.is_log else number for number in numbers]
        span = at[-1] - at[0]
        shares = ((each - at[0]) / span if span else 0.5 for each in at)
        return dict(zip(self.values, shares, strict=True))


def swept_fields(rows: Sequence[RunRow]) -> tuple[SweptField, ...]:
    """Return the fields whose values differ between runs that have them."""
    lines = [{*row.fields.split("\n")} for row in rows]
    alike = set[str]().union(*lines[:1]).intersection(*lines)
    configs = [dict(_parts(each - alike)) for each in lines]
    found: dict[str, set[str]] = defaultdict(set)
    for config in configs:
        for name, value in config.items():
            found[name].add(value)
    swept = (
        name
        for name, values in found.items()
        if len(values) > 1 and name not in NOT_THE_RESULT
    )
    return tuple(
        _field(name, {config.get(name, ABSENT) for config in configs})
        for name in sorted(swept, key=_place)
    )


def _parts(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in filter(None, lines):
        name, _, value = line.partition("=")
        yield name, value


def _field(name: str, values: Iterable[str]) -> SweptField:
    ordered = tuple(sorted(values, key=_in_order))
    numbers = tuple(n for value in ordered if (n := _number(value)) is not None)
    if len(numbers) < len(ordered):
        return SweptField(name, ordered)
    return SweptField(name, ordered, numbers, _is_spaced_by_factors(numbers))


def _is_spaced_by_factors(numbers: Sequence[float]) -> bool:
    """Return whether the ratios of neighbours are more alike than the differences."""
    if len(numbers) < _FEWEST_SPACED or numbers[0] <= 0:
        return False
    steps = [after - before for before, after in pairwise(numbers)]
    factors = [math.log(after / before) for before, after in pairwise(numbers)]
    return _unevenness(factors) < _unevenness(steps)


def _unevenness(gaps: Sequence[float]) -> float:
    mean = fmean(gaps)
    return pstdev(gaps) / mean if mean else 0.0


def _place(name: str) -> tuple[int, bool, str]:
    section, _, field = name.partition(".")
    known = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
    return known, field != "kind", field


def _in_order(value: str) -> tuple[int, float, str]:
    number = _number(value)
    if number is not None:
        return 0, number, value
    return (2 if value == ABSENT else 1), 0.0, value


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
