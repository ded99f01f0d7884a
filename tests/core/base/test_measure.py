"""What a run is judged by decides how scores are shown, and which is better."""

from __future__ import annotations

import pytest

from workbench.core.base.measure import Measure


@pytest.mark.parametrize(
    ("measure", "better", "worse"),
    [
        (Measure.LOSS, 0.1, 0.2),
        (Measure.ACCURACY, 0.9, 0.8),
        (Measure.RETURN, -10.0, -20.0),
        (Measure.RETURN, 5.0, -5.0),
    ],
)
def test_the_better_score_is_better_and_comes_first(
    measure: Measure, better: float, worse: float
) -> None:
    assert measure.is_better(better, worse)
    assert not measure.is_better(worse, better)
    assert not measure.is_better(better, better)
    assert sorted((worse, better), key=measure.loss_of) == [better, worse]
    assert sorted((measure.worst, worse), key=measure.loss_of) == [worse, measure.worst]


@pytest.mark.parametrize(
    ("problem", "measure"),
    [
        ("classification", Measure.ACCURACY),
        ("regression", Measure.LOSS),
        ("reinforcement", Measure.RETURN),
    ],
)
def test_a_problem_decides_what_is_measured(problem: str, measure: Measure) -> None:
    assert Measure.of_problem(problem) is measure


def test_accuracies_alone_are_in_percent() -> None:
    assert [each.with_unit for each in Measure] == ["loss", "accuracy, %", "return"]
    assert [each.scale for each in Measure] == [1, 100, 1]


def test_a_return_is_of_no_set_of_examples() -> None:
    told = [each.of_queries() for each in Measure]
    assert told == ["query loss", "query accuracy, %", "return"]
    assert Measure.LOSS.of_queries("loss (MSE)") == "query loss (MSE)"
    assert Measure.RETURN.of_queries("return") == "return"
