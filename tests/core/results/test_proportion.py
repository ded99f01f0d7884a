"""Wilson's interval against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from workbench.core.results.proportion import Proportion


@given(st.integers(1, 300), st.data())
def test_the_interval_is_wilsons(trials: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    expected = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    found = Proportion(hits, trials).interval
    assert found == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_it_is_told_in_words() -> None:
    assert str(Proportion(12, 14)) == "12 of 14 right, 86 % (60 to 96 %)"
    assert str(Proportion(0, 0)) == "nothing judged yet"
