"""What a sweep found, against numbers worked out by hand."""

from __future__ import annotations

import itertools
import math

import pytest

from workbench.core.base.measure import Measure
from workbench.core.results.sweep_results import (
    Scale,
    SweepResults,
    ValueLine,
    sweep_results,
)
from workbench.core.results.swept_fields import ABSENT, SweptField, swept_fields
from workbench.core.runs.row import RunRow
from workbench.core.runs.sweeps import find_sweeps

T_OF_TWO = 12.7062  # Student's 97.5 % quantile with one degree of freedom
_numbers = itertools.count()

RATE, BATCH = "algorithm.inner_lr", "training.meta_batch"


def row(
    fields: dict[str, object],
    seed: int = 0,
    *,
    state: str = "completed",
    **about: object,
) -> RunRow:
    """Return a row as it is read of a run with these fields."""
    config = {**fields, "training.seed": seed}
    text = "".join(f"{name}={value}\n" for name, value in sorted(config.items()))
    made = RunRow(
        folder=f"run-{next(_numbers):03d}",
        state=state,
        name="run",
        seed=seed,
        measure=Measure.LOSS,
        group_key=repr(sorted(fields.items())),
        fields=f"\n{text}",
    )
    return made._replace(**about)  # type: ignore[arg-type]


LOSSES = {
    (0.01, 2): (0.2, 0.4),
    (0.01, 4): (0.1, 0.3),
    (0.1, 2): (0.5, 0.7),
    (0.1, 4): (0.05, 0.15),
}


def grid() -> list[RunRow]:
    return [
        row({RATE: rate, BATCH: batch}, seed, test=loss, test_ci95=0.001)
        for (rate, batch), losses in LOSSES.items()
        for seed, loss in enumerate(losses)
    ]


def line_of(found: SweepResults, name: str, value: str) -> ValueLine:
    return next(x for x in found.lines if (x.field.name, x.value) == (name, value))


def test_fields_whose_values_differ_are_swept_and_the_seed_is_not():
    rows = [
        row({RATE: rate, "task.shots": 5, "training.engine": engine}, seed)
        for seed, (rate, engine) in enumerate(((0.1, "loop"), (0.02, "vmap")))
    ]
    assert swept_fields(rows) == (SweptField(RATE, ("0.02", "0.1"), (0.02, 0.1)),)


@pytest.mark.parametrize(
    ("values", "is_log"),
    [
        ((0.003, 0.01, 0.03), True),
        ((1, 2, 5, 10), True),
        ((10, 20, 30, 40), False),
        ((0, 1, 10), False),
        ((0.1, 0.4), False),
    ],
)
def test_an_axis_is_logarithmic_where_values_are_spaced_by_factors(
    values: tuple[float, ...], is_log: bool
):
    (field,) = swept_fields([row({RATE: value}) for value in values])
    assert field.is_log is is_log
    assert field.numbers == values
    places = [*field.places().values()]
    assert places[0] == 0
    assert places[-1] == 1
    if values == (1, 2, 5, 10):
        assert places[1] == pytest.approx(math.log10(2))


def test_what_not_every_kind_has_stands_last_and_alone_is_no_swept_field():
    order = "algorithm.order"
    rows = [row({"algorithm.kind": "b", order: word}) for word in ("second", "first")]
    others = [row({"algorithm.kind": "a", "algorithm.outer": 1})]
    kind, orders = swept_fields(rows + others)
    assert (kind.name, kind.values) == ("algorithm.kind", ("a", "b"))
    assert orders.values == ("first", "second", ABSENT)
    assert orders.numbers == ()
    assert [*orders.places().values()] == [0, 0.5, 1]


def test_each_value_has_its_best_and_its_average_with_intervals_over_seeds():
    found = sweep_results(grid())
    assert found.judge == "test"
    assert found.best is not None
    assert found.best.values == ("0.1", "4")
    assert found.best.score == (pytest.approx(0.1), pytest.approx(T_OF_TWO * 0.05), 2)
    low, high = line_of(found, RATE, "0.01"), line_of(found, RATE, "0.1")
    assert low.best is not None
    assert low.best.values == ("0.01", "4")
    assert (low.is_best, high.is_best) == (False, True)
    # Seed 0 has the means 0.15 and 0.275 of its runs, seed 1 has 0.35 and 0.425.
    assert low.average.mean is not None
    assert low.average.mean == (
        pytest.approx(0.25),
        pytest.approx(T_OF_TWO * 0.1, rel=1e-5),
        2,
    )
    assert high.average.mean is not None
    assert high.average.mean.mean == pytest.approx(0.35)
    assert (low.is_best_on_average, high.is_best_on_average) == (True, False)
    assert low.average.words == "4 runs"


def test_a_cell_is_the_mean_over_what_else_differs():
    rows = [
        row({RATE: 0.1, BATCH: batch, "task.shots": shots}, test=loss)
        for batch, shots, loss in ((2, 1, 0.5), (2, 5, 0.3), (4, 1, 0.2), (4, 5, 0.1))
    ]
    found = sweep_results(rows)
    shots, batch = found.fields
    assert (shots.name, batch.name) == ("task.shots", BATCH)
    cell = found.averages(batch)["2",]
    assert cell.mean == (pytest.approx(0.4), None, 1)
    assert {each.folder for each in cell.rows} == {each.folder for each in rows[:2]}
    assert found.averages(batch, shots)["4", "5"].mean == (0.1, None, 1)


def test_of_accuracies_the_higher_is_the_better():
    rows = [
        row({RATE: rate}, measure=Measure.ACCURACY, test=test)
        for rate, test in ((0.1, 0.7), (0.2, 0.9), (0.3, 0.8))
    ]
    found = sweep_results(rows)
    assert found.best is not None
    assert found.best.values == ("0.2",)
    assert found.scale == Scale(0.7, 0.9)
    assert found.scale.share(0.8) == pytest.approx(0.5)
    assert [each.test for each in found.worst_first] == [0.7, 0.8, 0.9]


def test_a_run_that_is_not_done_has_no_score_and_is_named():
    rows = [
        row({RATE: 0.1}, test=0.3, best=0.2),
        row({RATE: 0.2}, test=None, best=0.1),
        row({RATE: 0.2}, 1, state="running", best=0.01),
        row({RATE: 0.3}, state="failed", message="no"),
    ]
    found = sweep_results(rows)
    assert found.what_is_missing == "1 not tested, 1 running, 1 failed"
    assert {each.folder for each in found.unscored} == {r.folder for r in rows[1:]}
    assert line_of(found, RATE, "0.3").best is None
    assert line_of(found, RATE, "0.2").average.words == "0 of 2 runs"
    validated = sweep_results(rows, "validation")
    assert validated.what_is_missing == "1 running, 1 failed"
    assert validated.best is not None
    assert validated.best.values == ("0.2",)


def test_without_a_test_the_validation_is_the_judge():
    found = sweep_results([row({RATE: rate}, best=rate) for rate in (0.1, 0.2)])
    assert found.judge == "validation"
    assert found.best is not None
    assert found.best.score == (0.1, None, 1)


def test_a_value_that_diverges_for_a_seed_is_never_the_best():
    rows = [
        row({RATE: 0.1}, 0, test=0.01),
        row({RATE: 0.1}, 1, test=math.inf),
        row({RATE: 0.2}, 0, test=0.3),
        row({RATE: 0.2}, 1, test=0.5),
    ]
    found = sweep_results(rows)
    assert found.best is not None
    assert found.best.values == ("0.2",)
    lost = line_of(found, RATE, "0.1")
    assert (lost.is_best, lost.is_best_on_average) == (False, False)
    assert lost.average.words == "1 of 2 runs, 1 diverged"
    validated = sweep_results((each._replace(best=None) for each in rows), "validation")
    assert validated.what_is_missing == "3 not validated"
    assert line_of(validated, RATE, "0.1").average.words == "0 of 2 runs, 1 diverged"
    assert [each.test for each in found.worst_first] == [math.inf, 0.5, 0.3, 0.01]


def test_a_loss_of_thousands_does_not_set_the_scale():
    rows = [row({RATE: n}, test=test) for n, test in enumerate((0.1, 0.2, 5000.0))]
    scale = sweep_results(rows).scale
    assert scale == Scale(pytest.approx(0.5), 0.1, is_cut=True)
    assert scale is not None
    assert scale.share(5000.0) == scale.share(math.inf) == 0
    assert sweep_results(rows[:2]).scale == Scale(0.2, 0.1)


def test_losses_and_accuracies_have_no_score_in_common():
    rows = [
        row({RATE: 1}, test=0.1),
        row({RATE: 2}, test=0.1, measure=Measure.ACCURACY),
    ]
    assert sweep_results(rows).measures == [Measure.ACCURACY, Measure.LOSS]
    assert sweep_results(rows[:1]).measures == [Measure.LOSS]


def test_sweeps_are_found_newest_first_by_what_their_runs_say():
    def of(sweep: str, label: str, day: int) -> RunRow:
        made = row({RATE: day}, name=f"{sweep}, {label}", sweep=sweep)
        return made._replace(created=f"2026-01-{day:02d}T00:00:00+00:00")

    rows = [
        of("old, sine", "seed 0", 1),
        row({RATE: 1}),
        of("new", "inner_lr 0.2", 9),
        of("new", "inner_lr 0.1", 8),
        of("old, sine", "seed 1", 2),
        row({RATE: 1}, sweep="new", problem="damaged"),
    ]
    new, old = find_sweeps(rows)
    assert (new.id, new.name, len(new.rows)) == ("new", "new", 2)
    assert (old.name, [each.seed for each in old.rows]) == ("old, sine", [0, 0])
    assert [each.created[:10] for each in new.rows] == ["2026-01-08", "2026-01-09"]
    renamed = old._replace(rows=(old.rows[0], old.rows[1]._replace(name="mine")))
    assert renamed.name == "sweep"
