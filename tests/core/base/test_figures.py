"""Numbers, times and memory are written in the same words everywhere."""

from __future__ import annotations

import math

import pytest

from workbench.core.base import figures


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (187, "3 min 07 s"),
        (3_900, "1 h 05 min"),
        (93_600, "1 d 2 h"),
        (math.inf, "–"),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert figures.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0013, "1.3 ms"), (0.25, "0.25 s"), (9.4, "9.4 s"), (130, "2 min 10 s")],
)
def test_a_short_time_has_two_digits(seconds: float, said: str) -> None:
    assert figures.short_time(seconds) == said


@pytest.mark.parametrize(
    ("megabytes", "said"),
    [(1.66, "1.7 MB"), (541, "541 MB"), (1023, "1023 MB"), (1536, "1.5 GB")],
)
def test_a_gigabyte_is_1024_megabytes(megabytes: float, said: str) -> None:
    assert figures.memory(megabytes) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0.000"),
        (0.5, "0.5000"),
        (12_345, "12,345"),
        (1e6, "1.00e+06"),
        (math.nan, "nan"),
    ],
)
def test_a_number_has_four_significant_digits(value: float, said: str) -> None:
    assert figures.number(value) == said


@pytest.mark.parametrize(
    ("count", "said"), [(999, "999"), (1761, "1.8k"), (112_005, "112k"), (2e6, "2.0M")]
)
def test_a_large_number_is_rounded(count: int, said: str) -> None:
    assert figures.rounded(count) == said


@pytest.mark.parametrize(
    ("value", "ci95", "said"),
    [
        (-12.345, None, "\N{MINUS SIGN}12.3"),
        (0.625, None, "0.6"),
        (-0.01, None, "0.0"),
        (-1234.5, 2.0, "\N{MINUS SIGN}1234.5 ± 2.0"),
    ],
)
def test_the_return_on_a_task_has_one_decimal(
    value: float, ci95: float | None, said: str
) -> None:
    assert figures.told_return(value, ci95) == said
