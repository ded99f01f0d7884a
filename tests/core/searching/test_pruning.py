"""Trials that are given up are those that Optuna's median rule gives up."""

from __future__ import annotations

import math

import optuna
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.base.measure import Measure
from workbench.core.searching.pruning import FEWEST, reason_to_prune
from workbench.core.searching.sampling import quiet

CURVES = st.lists(
    st.dictionaries(st.sampled_from([2, 4, 6]), st.floats(0, 9), min_size=1),
    max_size=9,
)
OWN = st.dictionaries(st.sampled_from([2, 4, 6]), st.floats(0, 9), min_size=1)


@given(OWN, CURVES, st.sampled_from(Measure))
def test_it_is_optuna_s_median_rule(
    own: dict[int, float], others: list[dict[int, float]], measure: Measure
) -> None:
    step = max(own)
    there = [other for other in others if step in other]
    with quiet():
        direction = "minimize" if measure.is_less_better else "maximize"
        study = optuna.create_study(direction=direction)
        for curve in there:
            trial = optuna.trial.create_trial(value=1.0, intermediate_values=curve)
            study.add_trial(trial)
        asked = study.ask()
        for at, score in sorted(own.items()):
            asked.report(score, at)
        pruner = optuna.pruners.MedianPruner(n_startup_trials=FEWEST)
        wanted = pruner.prune(study, study.get_trials()[-1])
    reason = reason_to_prune(own, step, others, measure)
    assert bool(reason) == wanted


def test_the_reason_names_both_figures_and_how_many_were_asked() -> None:
    others = [{400: 0.9}] * 3 + [{400: 0.8}] * 3 + [{200: 0.1}]
    assert reason_to_prune({400: 0.5}, 400, others, Measure.ACCURACY) == (
        "50.00 % after 400 meta-steps, worse than 85.00 %, the median of 6 others"
    )
    assert reason_to_prune({400: 0.5}, 400, others, Measure.LOSS) == ""
    assert reason_to_prune({400: 0.5}, 400, others[2:], Measure.ACCURACY) == ""


def test_what_diverges_is_given_up_at_once_and_is_the_worst_of_the_others() -> None:
    assert "diverged" in reason_to_prune({4: math.nan}, 4, [], Measure.LOSS)
    others = [{4: math.nan}] * 3 + [{4: 1.0}] * 3
    assert reason_to_prune({4: 9.0}, 4, others, Measure.LOSS) == ""
    assert reason_to_prune({4: 9.0}, 4, [*others, {4: 1.0}], Measure.LOSS)
