"""Runs judged by their return: shown without a unit, and more of it is better."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.made_returns import (
    BETTER,
    GAIN,
    WORSE,
    kept_returns,
    row_of_returns,
    run_of_returns,
    score_of,
)
from tests.made_stores import add_run, configuration
from workbench.core.base.measure import Measure
from workbench.core.results import results_table
from workbench.core.results.comparison import contenders, verdicts
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.results.evidence import Evidence
from workbench.core.results.own_result import own_result
from workbench.core.results.published import PublishedFigure
from workbench.core.results.report import report, verdict_text
from workbench.core.results.results_table import TableCell
from workbench.core.results.run_curves import RunCurves
from workbench.core.results.score_text import (
    difference_text,
    measured_text,
    row_text,
    score_text,
)
from workbench.core.results.seeds import contender_text, over_seeds
from workbench.core.results.statistics import Mean, paired_t_test
from workbench.core.results.sweep_results import Judge, Scale, sweep_results
from workbench.core.runs.events import Spread
from workbench.core.runs.row import RunRow, read_row

pytestmark = pytest.mark.usefixtures("walks")


def test_a_return_has_two_digits_a_sign_and_no_unit() -> None:
    assert score_text(-23.456, 1.2, Measure.RETURN) == "−23.46 ± 1.20"
    assert score_text(7.0, None, Measure.RETURN) == "7.00"
    assert score_text(0.5, 0.1, Measure.RETURN) == "0.50 ± 0.10"
    assert score_text(-math.inf, None, Measure.RETURN) == "diverged"


def test_a_difference_of_returns_is_in_no_points() -> None:
    test = paired_t_test([1.0, 2.0, 4.0], [3.0, 5.0, 6.0])
    assert re.fullmatch(r"−2\.33 ± \d\.\d\d", difference_text(test, Measure.RETURN))


def test_how_losses_lie_says_nothing_of_a_return() -> None:
    """Returns that only fell look, as losses, as if some tasks had diverged."""
    spread = Spread(1.0, 2.0, 0.5, 3.0, diverged=3)
    score = replace(score_of(1, BETTER), spread=spread)
    assert score.diverged == 0
    assert score.robust == score.score == -11.5
    assert measured_text(score, 4) == "−11.50 ± 1.06"


def test_a_row_is_of_the_return(tmp_path: Path) -> None:
    row = row_of_returns(tmp_path, BETTER)
    assert (row.measure, row.test, row.best) == (Measure.RETURN, -11.5, -11.5)
    assert row_text(row) == "−11.50 ± 1.06"
    assert own_result(tmp_path / row.folder) == "test return −11.50 ± 1.06"


def test_a_run_without_a_test_is_judged_as_its_tasks_are(tmp_path: Path) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    folder.update(test=None)
    assert read_row(folder.path).measure is Measure.RETURN
    of_sinusoids = add_run(tmp_path, configuration())
    assert read_row(of_sinusoids.path).measure is Measure.LOSS


def test_the_run_with_more_return_is_the_better_one(tmp_path: Path) -> None:
    rows = [
        row_of_returns(tmp_path, BETTER),
        row_of_returns(tmp_path, WORSE, algorithm__inner_lr=0.5),
    ]
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test == paired_t_test(BETTER, WORSE)
    text = verdict_text(verdict)
    assert "return +18.00 ± " in text
    assert "(better: a higher return)" in text
    assert "points" not in text
    (turned,) = verdicts(contenders(tmp_path, rows[::-1]))
    assert "return −18.00 ± " in verdict_text(turned)
    assert "(worse: a lower return)" in verdict_text(turned)


def test_a_return_is_not_compared_with_a_loss(tmp_path: Path) -> None:
    one = row_of_returns(tmp_path, BETTER)
    other = one._replace(folder="x", group_key="x", measure=Measure.LOSS)
    (verdict,) = verdicts(contenders(tmp_path, [one, other]))
    assert "one is measured by its loss, the other by its return" in verdict.problem


def test_seeds_have_the_mean_of_their_returns(tmp_path: Path) -> None:
    rows = [
        row_of_returns(tmp_path, [each + seed for each in BETTER], training__seed=seed)
        for seed in range(3)
    ]
    together = over_seeds(rows)
    assert not together.is_trimmed
    assert together.test is not None
    assert together.test.mean == pytest.approx(-10.5)
    assert contender_text(together) == "−10.50 ± 2.48"


def _swept(tmp_path: Path) -> list[RunRow]:
    returns = {0.01: WORSE, 0.1: BETTER, 1.0: tuple(each * 40 for each in WORSE)}
    return [
        row_of_returns(tmp_path, found, algorithm__inner_lr=rate)
        for rate, found in returns.items()
    ]


@pytest.mark.parametrize("judge", ["test", "validation"])
def test_the_best_of_a_sweep_has_the_highest_return(
    tmp_path: Path, judge: Judge
) -> None:
    results = sweep_results(_swept(tmp_path), judge)
    assert results.measures == [Measure.RETURN]
    assert results.best is not None
    assert results.best.values == ("0.1",)
    assert results.best.score == Mean(-11.5, None, 1)
    ordered = [row.test for row in results.worst_first]
    assert ordered == [-1180.0, -29.5, -11.5]
    best = [(line.value, line.is_best_on_average) for line in results.lines]
    assert best == [("0.01", False), ("0.1", True), ("1.0", False)]


def test_a_return_of_minus_thousands_does_not_set_the_scale(tmp_path: Path) -> None:
    scale = sweep_results(_swept(tmp_path)).scale
    assert scale == Scale(-11.5 - 4 * 18.0, -11.5, is_cut=True)
    assert scale is not None
    assert scale.share(-11.5) == 1
    assert scale.share(-1180.0) == 0


def test_a_sweep_that_diverged_has_its_other_runs_as_the_best(tmp_path: Path) -> None:
    rows = _swept(tmp_path)
    rows[1] = rows[1]._replace(test=math.inf)
    results = sweep_results(rows)
    assert results.best is not None
    assert results.best.values == ("0.01",)
    assert results.worst_first[0] == rows[1]


def test_a_return_is_drawn_with_its_interval() -> None:
    score = score_of(1, BETTER)
    drawn = DrawnScore.of(score, Measure.RETURN)
    assert (drawn.middle, drawn.is_median) == (-11.5, False)
    assert drawn.low < -11.5 < drawn.high
    assert drawn.high - drawn.middle == pytest.approx(score.ci95)
    assert DrawnScore.of(score, Measure.RETURN, support=True).middle == -11.5


def test_the_curves_of_a_report_are_of_returns(tmp_path: Path) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    curves = RunCurves.of(folder.events())
    assert curves.validated.tolist() == [[0.0, -18.5], [20.0, -11.5]]
    assert (curves.band[:, 0] < curves.validated[:, 1]).all()


def test_a_report_says_return_and_no_percent(tmp_path: Path) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    text = report([folder]).replace(" class=whole", "")
    assert "<td>−11.50 ± 1.06</td>" in text
    assert "return (validation: dots)" in text
    assert ">return</text>" in text
    assert "query return" not in text
    assert "meta-loss" not in text
    assert "Meta-loss" not in text
    assert "accuracy, %" not in text
    assert "together" not in text
    assert "Middle 98 %" not in text
    assert not re.search(r"11\.50[^<]*%", text)


def test_what_training_came_to_is_drawn_as_returns(tmp_path: Path) -> None:
    text = report([run_of_returns(tmp_path, BETTER)])
    (plot,) = re.findall(r"<svg[^>]*aria-label=.Return.*?</svg>", text, re.DOTALL)
    ticks = re.findall(r">([-−]?[0-9.]+)<", plot)
    assert any(tick[0] in "-−" for tick in ticks)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_report_of_a_run_without_events_says_that_no_return_was_measured(
    tmp_path: Path, is_there: bool
) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    metrics = folder.path / "metrics.jsonl"
    metrics.write_text("") if is_there else metrics.unlink()
    text = report([folder])
    assert "<p>Return: nothing was measured.</p>" in text
    assert "Meta-loss" not in text
    assert "Accuracy" not in text


def test_beside_a_regression_each_is_drawn_as_what_it_is(tmp_path: Path) -> None:
    runs = [
        run_of_returns(tmp_path, BETTER),
        add_run(tmp_path, configuration()),
    ]
    text = report(runs)
    assert "Meta-loss: nothing was measured" in text
    assert 'aria-label="Return"' in text
    assert ">query loss or return</text>" in text


def test_a_report_of_two_runs_says_which_is_better(tmp_path: Path) -> None:
    folders = [
        run_of_returns(tmp_path, BETTER),
        run_of_returns(tmp_path, WORSE, algorithm__inner_lr=0.5),
    ]
    assert "return +18.00 ± " in report(folders)
    assert "(better: a higher return)" in report(folders)


def _figure(**about: object) -> PublishedFigure:
    said = {
        **{"table": "t", "learner": "MAML", "setting": "walks", "text": "−40.0"},
        **{"paper": "p", "preset": "", "algorithm": "maml", "task": "walks"},
        **{"shots": 5, "inner_steps": 1, **about},
    }
    return PublishedFigure(**said)  # type: ignore[arg-type]


def test_a_published_return_is_measured_without_a_unit(tmp_path: Path) -> None:
    figure, row = _figure(), row_of_returns(tmp_path, BETTER)
    assert figure.measure is Measure.RETURN
    one = Evidence.at(row, kept_returns(BETTER), figure.inner_steps, figure.measure)
    assert one is not None
    assert one.score == -11.5
    assert one.counted.test_diverged in (0, None)
    measured = Mean(one.score, one.ci95, 1)
    cell = TableCell(figure, None, measured, (one,))
    assert cell.measured_text() == "−11.50 ± 1.06"
    before = Evidence.at(row, kept_returns(BETTER), 0, figure.measure)
    assert before is not None
    assert before.score == -11.5 - GAIN
    assert Evidence.at(row, kept_returns(BETTER), 1, Measure.ACCURACY) is None


def test_the_published_table_has_what_runs_measured_of_a_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = (_figure(), _figure(learner="FOMAML", inner_steps=0))
    monkeypatch.setattr(results_table, "figures", lambda: figures)
    rows = [
        row_of_returns(tmp_path, [each + seed for each in BETTER], training__seed=seed)
        for seed in range(3)
    ]
    after, before = results_table.results_table(tmp_path, rows)
    assert after.measured_text() == "−10.50 ± 2.48"
    assert before.measured_text() == "−15.50 ± 2.48"
    assert not [each for each in after.differences if "diverged" in each]
    assert not [each for each in after.differences if "transductive" in each]


def test_a_figure_without_an_interval_is_evidence_all_the_same(tmp_path: Path) -> None:
    """Version 0.1.0 noted no interval that was not finite."""
    row, kept = row_of_returns(tmp_path, BETTER), kept_returns(BETTER)
    final = replace(kept.final, loss_ci95=None, return_ci95=None)
    older = kept.model_copy(update={"by_step": (final,)})
    for measure, score in ((Measure.LOSS, 11.5), (Measure.RETURN, -11.5)):
        one = Evidence.at(row, older, 1, measure)
        assert one is not None
        assert (one.score, one.ci95) == (score, None)
