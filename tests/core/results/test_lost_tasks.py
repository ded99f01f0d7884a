"""One task of 600 that diverged: every figure shown goes on telling something."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from tests.made_stores import add_run, configuration
from workbench.core.results.own_result import own_result
from workbench.core.results.score_text import measured_text, row_text
from workbench.core.results.seeds import over_seeds
from workbench.core.runs.evaluations import KeptEvaluation, write_evaluation
from workbench.core.runs.events import Spread, StepScore
from workbench.core.runs.filter import matching
from workbench.core.runs.index import all_rows
from workbench.core.runs.row import RunRow, read_row
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
        split="test",
        split_hash="",
        tasks=TASKS,
        ways=None,
        shots=10,
        queries=10,
        steps=1,
        transductive=False,
        norm="none",
        seed=0,
        meta_step=5,
        task=config.task.model_dump(mode="json"),
        by_step=(score_of(losses),),
        task_scores=tuple(losses),
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
