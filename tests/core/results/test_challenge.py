"""Omniglot's one-shot challenge: what is said of a run's errors."""

from __future__ import annotations

import pytest

from workbench.core.results.challenge_figures import (
    PUBLISHED,
    error_text,
    errors,
    interval_text,
    no_different,
    ranked,
)
from workbench.core.results.proportion import Proportion


def test_errors_are_told_with_wilsons_interval() -> None:
    found = errors([1, 4] * 5 + [0] * 10)
    assert found == Proportion(25, 400)
    told = f"{error_text(found)}, {interval_text(found.interval)}"
    assert told == "6.3 % error, 25 of 400, 4.3 to 9.1 %"


@pytest.mark.parametrize(("hits", "text"), [(0, "0.0"), (3, "0.8"), (400, "100.0")])
def test_halves_of_a_tenth_are_rounded_up(hits: int, text: str) -> None:
    assert error_text(Proportion(hits, 400)) == f"{text} % error, {hits} of 400"


def test_a_run_stands_in_its_place_among_the_published_errors() -> None:
    rows = ranked({"alone": Proportion(25, 400), "together": Proportion(17, 400)})
    assert [row.error for row in rows] == sorted(row.error for row in rows)
    assert [row.name for row in rows[:5]] == [
        "Bayesian program learning",
        "together",
        "people",
        "alone",
        "recursive cortical network",
    ]
    assert {row.name: row.error for row in rows if not row.is_run} == PUBLISHED
    assert rows[-1].name == "chance"


def test_published_errors_within_the_interval_are_no_different() -> None:
    assert no_different(Proportion(25, 400)) == [
        "people",
        "recursive cortical network",
        "deep Siamese network",
    ]
    assert no_different(Proportion(240, 400)) == []
    # It takes at most nine errors to show less than people's.
    assert "people" not in no_different(Proportion(9, 400))
    assert "people" in no_different(Proportion(10, 400))
