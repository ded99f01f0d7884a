"""The statistics against closed forms, and against scipy."""

from __future__ import annotations

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.results.statistics import (
    mean_over_seeds,
    paired_t_test,
    t_quantile,
    t_two_sided,
    welch_t_test,
)

values = st.lists(st.floats(-1, 1).map(lambda v: round(v, 3)), min_size=2, max_size=40)


@pytest.mark.parametrize("statistic", [0.0, 1e-6, 0.3, 1.0, 2.5, 12.0, 300.0])
def test_student_with_one_and_two_degrees_of_freedom_is_its_closed_form(
    statistic: float,
) -> None:
    one = 1 - 2 / math.pi * math.atan(statistic)
    two = 1 - statistic / math.sqrt(2 + statistic**2)
    assert t_two_sided(statistic, 1) == pytest.approx(one, rel=1e-9, abs=1e-12)
    assert t_two_sided(statistic, 2) == pytest.approx(two, rel=1e-9, abs=1e-12)


@given(st.floats(0, 40), st.floats(1, 100_000))
def test_student_agrees_with_scipy(statistic: float, freedom: float) -> None:
    expected = 2 * scipy.stats.t.sf(statistic, freedom)
    assert t_two_sided(statistic, freedom) == pytest.approx(
        expected, rel=1e-7, abs=1e-14
    )


@pytest.mark.parametrize("freedom", [1, 2, 4, 9, 599, 1e6])
def test_quantiles_agree_with_scipy(freedom: float) -> None:
    expected = scipy.stats.t.ppf(0.975, freedom)
    assert t_quantile(0.975, freedom) == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=60))
def test_the_paired_test_agrees_with_scipy(pairs: list[tuple[float, float]]) -> None:
    first, second = (
        [round(v, 4) for v in column] for column in zip(*pairs, strict=True)
    )
    differences = {round(a - b, 9) for a, b in zip(first, second, strict=True)}
    if len(differences) < 2:
        return
    ours, theirs = paired_t_test(first, second), scipy.stats.ttest_rel(first, second)
    interval = theirs.confidence_interval(0.95)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-9)
    assert 2 * ours.ci95 == pytest.approx(interval.high - interval.low, rel=1e-6)


@given(values, values)
def test_welchs_test_agrees_with_scipy(first: list[float], second: list[float]) -> None:
    if len(set(first)) < 2 or len(set(second)) < 2:
        return
    theirs = scipy.stats.ttest_ind(first, second, equal_var=False)
    ours = welch_t_test(first, second)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)


def test_two_seeds_have_a_wide_interval_and_one_has_none() -> None:
    two = mean_over_seeds([1.0, 3.0])
    assert two.mean == 2
    assert two.ci95 == pytest.approx(12.7062047, rel=1e-6)
    assert mean_over_seeds([0.5]).ci95 is None


def test_equal_results_do_not_differ_and_constant_gains_do() -> None:
    same = paired_t_test([0.5, 0.6, 0.7], [0.5, 0.6, 0.7])
    assert (same.p_value, same.is_significant) == (1.0, False)
    gain = paired_t_test([1.5, 2.5], [1.0, 2.0])
    assert (gain.p_value, gain.difference) == (0.0, 0.5)


def test_a_test_says_its_name_and_its_p_value() -> None:
    sentence = paired_t_test([1, 2, 3.0], [1.1, 1.9, 3.0]).sentence()
    assert "not significant" in sentence
    assert sentence.endswith("p = 1.0000 (paired t test over 3 tasks)")


def test_values_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="3 values cannot be paired with 2"):
        paired_t_test([1, 2, 3], [1, 2])
