"""One task of 600 that diverged: every figure shown goes on telling something."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import torch

from tests.made_stores import EPISODES, add_run, configuration
from workbench.core.results.comparison import contenders, verdicts
from workbench.core.results.own_result import own_result
from workbench.core.results.report import report
from workbench.core.results.score_text import measured_text, row_text
from workbench.core.results.seeds import contender_text, over_seeds
from workbench.core.results.statistics import (
    paired_t_test,
    paired_trimmed_test,
    t_quantile,
)
from workbench.core.results.sweep_results import sweep_results
from workbench.core.runs.evaluations import KeptEvaluation, write_evaluation
from workbench.core.runs.events import Spread, StepScore
from workbench.core.runs.filter import matching
from workbench.core.runs.index import all_rows
from workbench.core.runs.row import RunRow, read_row
from workbench.core.runs.store import RunFolder
from workbench.core.training.spread import spreads

TASKS = 600
LOST = 1e73


def score_of(losses: list[float]) -> StepScore:
    """The score after one inner step, before which each task's loss was 1."""
    values = torch.tensor([[1.0, loss] for loss in losses], dtype=torch.float64)
    mean = float(values[:, 1].mean())
    spread = spreads(values)[1]
    return StepScore(1, mean, 0.01, None, None, mean, 0.01, None, None, spread, spread)


def add_tested(
    runs: Path, losses: list[float], seed: int = 0, rate: float = 0.01
) -> RunRow:
    """A run whose own test came to these losses, task by task."""
    config = configuration(
        training__seed=seed, algorithm__inner_lr=rate, evaluation__steps=1
    )
    folder = add_run(runs, config, name=f"rate {rate}", state="completed")
    kept = KeptEvaluation(
        id="test",
        made="2026-01-01T00:00:00",
        tasks=TASKS,
        meta_step=5,
        task=config.task.model_dump(mode="json"),
        by_step=(score_of(losses),),
        task_scores=tuple(losses),
        **EPISODES,
    )
    write_evaluation(folder.path, kept)
    folder.update(test="test")
    return read_row(folder.path)


def losses(first: float = 0.0, lost: int = 0) -> list[float]:
    """From ``first`` to 0.599 above it, with those that diverged in the place of some.

    The highest go, so that those in the middle stay.
    """
    sound = [first + task / 1000 for task in range(TASKS - lost)]
    return sound + [LOST] * lost


def test_the_words_are_the_papers_where_no_task_diverged():
    assert measured_text(score_of(losses()), TASKS) == "0.2995 ± 0.0100"


def test_the_words_are_the_median_and_how_many_where_some_diverged():
    found = measured_text(score_of(losses(lost=3)), TASKS)
    assert found == "median 0.2995, 3 of 600 diverged"
    every = score_of([math.inf] * TASKS)
    assert measured_text(every, TASKS) == "600 of 600 diverged"


def test_what_was_kept_without_how_losses_lie_is_worded_as_before():
    before = StepScore(1, 0.5, 0.1, None, None, 0.5, 0.1, None, None)
    assert measured_text(before, TASKS) == "0.5000 ± 0.1000"


def test_an_accuracy_is_worded_as_before():
    score = StepScore(1, 0.1, 0.01, 0.98, 0.004, 0.1, 0.01, 1.0, 0.0)
    assert measured_text(score, TASKS) == "98.00 ± 0.40 %"


def test_a_row_has_the_figures_that_no_task_decides(tmp_path: Path):
    row = add_tested(tmp_path, losses(lost=1))
    assert row.test == pytest.approx(LOST / TASKS)
    assert row.test_median == pytest.approx(0.2995)
    assert row.test_trimmed == pytest.approx(0.2995)
    assert row.test_diverged == 1
    assert row.shown_test == row.test_median
    assert row_text(row) == "median 0.2995, 1 of 600 diverged"
    said = own_result(tmp_path / row.folder)
    assert said == "test loss median 0.2995, 1 of 600 diverged"
    assert all_rows(tmp_path, tmp_path / "index.sqlite3") == [row]


def test_a_row_of_before_has_none_of_them(tmp_path: Path):
    test = {"loss": 0.4, "loss_ci95": 0.02, "accuracy": None}
    row = read_row(add_run(tmp_path, test=test).path)
    assert (row.test_median, row.test_trimmed, row.test_diverged) == (None,) * 3
    assert row.shown_test == row.robust_test == row.test == 0.4
    assert row_text(row) == "0.4000 ± 0.0200"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("diverged>0", ["rate 0.01"]),
        ("diverged=0", ["rate 0.02"]),
        ("median<0.3", ["rate 0.01"]),
        ("trimmed>=0.3", ["rate 0.02"]),
        ("test<0.3", ["rate 0.01"]),
    ],
)
def test_the_figures_are_filtered_by(text: str, names: list[str], tmp_path: Path):
    rows = [
        add_tested(tmp_path, losses(lost=1)),
        add_tested(tmp_path, losses(first=0.1), rate=0.02),
    ]
    assert [row.name for row in matching(rows, text)] == names


def test_seeds_are_put_together_by_the_middle_98_percent_where_a_task_diverged(
    tmp_path: Path,
):
    rows = [add_tested(tmp_path, losses(lost=lost), lost) for lost in (0, 1)]
    found = over_seeds(rows)
    assert found.is_trimmed
    assert found.test is not None
    assert found.test.mean == pytest.approx(0.2995)
    assert found.test.values == 2


def test_one_run_without_the_figure_leaves_seeds_to_their_means(tmp_path: Path):
    rows = [add_tested(tmp_path, losses(lost=lost), lost) for lost in (0, 1)]
    before = rows[0]._replace(test_median=None, test_trimmed=None, test_diverged=None)
    assert not over_seeds([before, rows[1]]).is_trimmed
    assert not over_seeds([rows[0]]).is_trimmed


def test_the_spread_of_a_kept_evaluation_is_read_again(tmp_path: Path):
    row = add_tested(tmp_path, [math.inf] * TASKS)
    assert row.test == row.test_median == math.inf
    assert isinstance(score_of([1.0] * TASKS).spread, Spread)
    assert row_text(row) == "600 of 600 diverged"


def side_by_side(runs: Path, *sides: list[float]) -> list[RunRow]:
    """Runs of different rates, tested to these losses."""
    return [add_tested(runs, each, rate=0.01 * (1 + n)) for n, each in enumerate(sides)]


def wobbling(first: float, lost: int = 0) -> list[float]:
    """Losses whose difference from those without a shift is not the same each task."""
    return [each + 0.001 * (task % 3) for task, each in enumerate(losses(first, lost))]


def test_one_lost_task_leaves_two_runs_to_be_compared(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(lost=1), wobbling(0.01))
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is not None
    assert verdict.test.test == "paired t test of the middle 98 %"
    assert verdict.test.difference == pytest.approx(-0.011, abs=1e-4)
    assert verdict.test.is_significant
    assert "over 600 tasks" in verdict.test.sentence()


def test_runs_that_lost_no_task_are_compared_by_all_of_their_tasks(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(), wobbling(0.01), losses(lost=1))
    verdict, _ = verdicts(contenders(tmp_path, rows))
    assert verdict.test == paired_t_test(losses(), wobbling(0.01))


def test_what_loses_more_than_the_middle_is_without_is_not_compared(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(lost=7), losses(0.1))
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is None
    assert "diverges on more than 1 % of the test tasks of rate 0.01" in verdict.problem


def test_seeds_with_a_lost_task_are_compared_by_the_middle(tmp_path: Path):
    rows = [
        add_tested(tmp_path, losses(first + seed / 1000, lost), seed, rate)
        for first, rate, lost in ((0.0, 0.01, 1), (0.1, 0.02, 0))
        for seed in range(2)
    ]
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is not None
    assert verdict.test.difference == pytest.approx(-0.1)
    said = contender_text(verdict.first.together)
    assert said == "0.3000 ± 0.0064 (of the middle 98 %)"


def test_a_single_run_is_told_with_median_and_middle(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(), losses(lost=1))
    sound, hit = (contender_text(over_seeds([row])) for row in rows)
    assert sound == "0.2995 ± 0.0100\nmedian 0.2995\nmiddle 98 % 0.2995"
    assert hit == "median 0.2995, 1 of 600 diverged\nmiddle 98 % 0.2995"


def test_a_trimmed_test_that_leaves_none_out_is_the_paired_test():
    first, second = losses(), wobbling(0.01)
    plain, trimmed = (
        paired_t_test(first, second),
        paired_trimmed_test(first, second, 0),
    )
    assert trimmed[1:] == pytest.approx(plain[1:])


def test_the_trimmed_test_is_yuen_s_by_hand():
    first, second = [0.0, 1.0, 2.0, 4.0, LOST], [0.0, 2.0, 2.0, 3.0, 9.0]
    found = paired_trimmed_test(first, second, 1)
    # Drawn in: 1 1 2 4 4 and 2 2 2 3 3; the squares of their differences sum to 4.
    assert found.difference == pytest.approx(0.0)
    assert found.freedom == 2
    assert found.ci95 == pytest.approx(t_quantile(0.975, 2) * math.sqrt(4 / 6))


def test_a_sweep_is_ranked_by_the_middle_98_percent(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(lost=1), losses(0.1))
    found = sweep_results(rows)
    assert found.is_trimmed
    assert found.best is not None
    assert found.best.together.rows[0].name == "rate 0.01"
    assert found.best.score is not None
    assert found.best.score.mean == pytest.approx(0.2995)


def test_a_sweep_compares_all_by_one_figure_where_a_run_has_no_other(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(lost=1), losses(0.1))
    before = rows[1]._replace(test_median=None, test_trimmed=None, test_diverged=None)
    found = sweep_results([rows[0], before])
    assert not found.is_trimmed
    assert [found.score_of(row) for row in found.rows] == [rows[0].test, before.test]
    assert found.best is not None
    assert found.best.together.rows[0].name == before.name


def test_a_report_has_the_figures_and_draws_the_median(tmp_path: Path):
    rows = side_by_side(tmp_path, losses(lost=1), losses(0.1))
    text = report([RunFolder(tmp_path / row.folder) for row in rows])
    plain = text.replace(" class=whole", "")
    assert "<th>Median</th><th>Middle 98 %</th><th>Diverged</th>" in plain
    assert "<td>0.2995</td><td>0.2995</td><td>1</td>" in plain
    assert "<td>0.3995</td><td>0.3995</td><td>0</td>" in plain
    assert "median 0.2995, 1 of 600 diverged" in plain
    curve = text[text.index('aria-label="Adaptation curve"') :]
    assert not re.search(r">\d+e\+?\d\d<", curve)
