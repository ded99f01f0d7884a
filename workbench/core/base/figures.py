"""Numbers, times and amounts of memory in words, the same wherever they are shown."""

from __future__ import annotations

import math
from typing import NamedTuple

MINUS = "\N{MINUS SIGN}"

_OF_RETURNS = 1
"""How many decimals there are of a single task's returns, which scatter by more."""


class _Unit(NamedTuple):
    size: float
    most: float


_UNITS = {
    "s": _Unit(1, 90),
    "min": _Unit(60, 90 * 60),
    "h": _Unit(3600, 48 * 3600),
    "d": _Unit(86400, math.inf),
}
"""Units of time, in seconds, and from where on it is told in the next."""


def number(value: float) -> str:
    """Return a number with four significant digits."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = 3 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:,.{min(digits, 5)}f}"
    return f"{value:.2e}"


def signed(value: float, digits: int) -> str:
    """Return a number with so many decimals, and a minus sign where it needs one."""
    return f"{value:z.{digits}f}".replace("-", MINUS)


def told_return(value: float, ci95: float | None = None) -> str:
    """Return the return on one task, with its interval if any."""
    told = signed(value, _OF_RETURNS)
    return told if ci95 is None else f"{told} ± {signed(ci95, _OF_RETURNS)}"


def exact(value: float) -> str:
    """Return a number as a person would write it, with all that is known of it."""
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,.10g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def step(value: float) -> str:
    """Return a step with its thousands set apart."""
    return f"{value:,.0f}"


def percent_done(made: int, of: int) -> int:
    """Return how much is done, in whole percent: a hundred only when all is."""
    return 100 * made // max(1, of)


def duration(seconds: float) -> str:
    """Return a time as a person says it: the two largest units."""
    if not math.isfinite(seconds):
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def about(seconds: float) -> str:
    """Return a time that is not known to the second, with two digits at most."""
    unit = _unit_of(seconds)
    return f"{_amount(seconds, unit)} {unit}"


def span(least: float, most: float) -> str:
    """Return from when to when, with the unit once where it is the same."""
    unit = other = _unit_of(most)
    if least < _UNITS[unit].size:
        other = _unit_of(least)
    low, high = _amount(least, other), _amount(most, unit)
    if other != unit:
        return f"{low} {other} to {high} {unit}"
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def _unit_of(seconds: float) -> str:
    return next(name for name, unit in _UNITS.items() if seconds < unit.most)


def _amount(seconds: float, unit: str) -> str:
    amount = seconds / _UNITS[unit].size
    digits = 1 if amount < 9.95 and unit != "s" else 0
    return f"{amount:,.{digits}f}".removesuffix(".0")


def short_time(seconds: float) -> str:
    """Return a time that may be less than a second, with two digits."""
    if seconds < 0.1:
        return f"{seconds * 1000:.2g} ms"
    return f"{seconds:.2g} s" if seconds < 10 else duration(seconds)


def memory(megabytes: float) -> str:
    """Return an amount of memory in MB or GB, of 1024 MB."""
    if megabytes >= 1024:
        return f"{megabytes / 1024:.1f} GB"
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"


def rounded(count: int) -> str:
    """Return a large number in thousands or millions, like 1.8k."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if count >= 10 * size:
            return f"{count / size:.0f}{letter}"
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)
