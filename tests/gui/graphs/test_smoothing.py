"""Smoothing, against its definition written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.graphs.smoothing import Smoother


def by_definition(values: list[float], weight: float) -> list[float]:
    total = norm = 0.0
    smoothed = []
    for value in values:
        total, norm = weight * total + value, weight * norm + 1
        smoothed.append(total / norm)
    return smoothed


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300),
    st.sampled_from([0.0, 0.3, 0.9, 0.999]),
    st.integers(1, 90),
)
def test_smoothing_in_portions_is_what_its_definition_says(
    values: list[float], weight: float, portion: int
) -> None:
    smoother = Smoother(weight)
    raw = np.array(values)
    for end in range(portion, len(raw) + portion, portion):
        smoothed = smoother.follow(raw[:end])
    expected = by_definition(values, weight)
    assert smoothed.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_constant_stays_what_it_is_from_the_start() -> None:
    smoothed = Smoother(0.99).follow(np.full(500, 3.0))
    assert smoothed.tolist() == pytest.approx([3.0] * 500)


def test_a_value_that_is_not_finite_counts_as_the_one_before_it() -> None:
    raw = np.array([1.0, np.nan, np.inf, 2.0])
    expected = by_definition([1.0, 1.0, 1.0, 2.0], 0.5)
    assert Smoother(0.5).follow(raw).tolist() == pytest.approx(expected)


def test_a_long_series_at_once_is_smoothed_as_its_definition_says() -> None:
    raw = np.random.default_rng(0).normal(size=70_001)
    for weight in (0.9, 0.999):
        expected = by_definition(raw.tolist(), weight)
        np.testing.assert_allclose(Smoother(weight).follow(raw), expected, atol=1e-9)
