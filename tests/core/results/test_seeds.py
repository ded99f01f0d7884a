"""Runs that differ in the seed alone, and the one figure that they have together."""

from __future__ import annotations

import math
import re
import shutil
from pathlib import Path

import pytest

from tests.made_stores import EPISODES, add_run, configuration
from workbench.core.base.measure import Measure
from workbench.core.drawing.svg_plot import Line, svg_plot
from workbench.core.results.comparison import contenders, verdicts
from workbench.core.results.report import report
from workbench.core.results.score_text import bearing_text, difference_text, score_text
from workbench.core.results.seeds import over_seeds
from workbench.core.results.statistics import mean_over_seeds, welch_t_test
from workbench.core.runs.evaluations import KeptEvaluation, write_evaluation
from workbench.core.runs.events import StepScore
from workbench.core.runs.row import RunRow, read_row
from workbench.core.runs.store import RunFolder


def add_tested(
    runs: Path, seed: int, loss: float | None, name: str = "sine", rate: float = 0.01
) -> RunRow:
    config = configuration(training__seed=seed, algorithm__inner_lr=rate)
    test = {"loss": loss, "loss_ci95": 0.01, "accuracy": None}
    return read_row(add_run(runs, config, name=name, test=test).path)


def test_a_repeated_seed_is_no_further_evidence(tmp_path: Path) -> None:
    rows = [add_tested(tmp_path, seed, loss) for seed, loss in ((0, 0.2), (1, 0.4))]
    copy = shutil.copytree(tmp_path / rows[0].folder, tmp_path / "copied")
    again = add_tested(tmp_path, 1, 0.5)._replace(created="2999-01-01T00:00:00+00:00")
    untested = rows[0]._replace(
        folder="later", test=None, created="2999-01-01T00:00:00+00:00"
    )
    found = over_seeds([*rows, read_row(copy), again, untested])
    assert [row.seed for row in found.rows] == [0, 1]
    assert found.test == mean_over_seeds([0.2, 0.5])
    assert found.words == "2 seeds, 3 repeats left out"


def test_a_contender_names_each_seed_once_and_says_what_was_left_out(
    tmp_path: Path,
) -> None:
    rows = [add_tested(tmp_path, seed, 0.2 + seed) for seed in (0, 1, 0)]
    (found,) = contenders(tmp_path, rows)
    assert found.seeds == "0, 1; 1 repeat left out"
    assert found.test is not None
    assert found.test.values == 2


def test_a_single_seed_has_the_interval_over_its_tasks(tmp_path: Path) -> None:
    found = over_seeds([add_tested(tmp_path, 0, 0.2)])
    assert found.test == (pytest.approx(0.2), 0.01, 1)
    assert found.words == "1 seed"


def test_of_several_seeds_the_only_one_tested_has_its_interval_over_tasks(
    tmp_path: Path,
) -> None:
    rows = [add_tested(tmp_path, 0, 0.2)]
    rows += [rows[0]._replace(seed=seed, test=None) for seed in (1, 2)]
    assert over_seeds(rows).test == (pytest.approx(0.2), 0.01, 1)


def test_how_many_were_not_tested_does_not_look_like_a_seed(tmp_path: Path) -> None:
    row = add_tested(tmp_path, 0, 0.2)
    rows = [row, *(row._replace(seed=seed, test=None) for seed in (1, 2))]
    (found,) = contenders(tmp_path, rows)
    assert found.seeds == "0, 1, 2; 2 of 3 not tested"
    (found,) = contenders(tmp_path, [each._replace(test=None) for each in rows])
    assert found.seeds == "0, 1, 2; 3 of 3 not tested"


def test_what_was_not_tested_is_counted(tmp_path: Path) -> None:
    rows = [add_tested(tmp_path, seed, 0.2) for seed in (0, 1)]
    found = over_seeds([*rows, rows[0]._replace(seed=2, test=None)])
    assert found.words == "2 of 3 seeds, 1 not tested"


def test_a_seed_that_diverged_is_told_and_not_averaged(tmp_path: Path) -> None:
    rows = [add_tested(tmp_path, seed, loss) for seed, loss in enumerate((1.0, None))]
    found = over_seeds([*rows, add_tested(tmp_path, 2, 3.0)])
    assert score_text(rows[1].test, rows[1].test_ci95, Measure.LOSS) == "diverged"
    assert found.test == mean_over_seeds([1.0, 3.0])
    assert (found.share, found.words) == ("2 of 3", "2 of 3 seeds, 1 diverged")
    alone = over_seeds([rows[1]]).test
    assert alone is not None
    assert score_text(alone.mean, alone.ci95, Measure.LOSS) == "diverged"
    both = over_seeds([rows[1], rows[1]._replace(seed=5)]).test
    assert both is not None
    assert score_text(both.mean, both.ci95, Measure.LOSS) == "diverged"


def test_what_diverged_is_not_compared_and_the_reason_is_given(tmp_path: Path) -> None:
    rows = [
        add_tested(tmp_path, seed, loss, rate=rate)
        for rate, losses in ((0.01, (1.0, 1.1, None)), (0.02, (2.0, 2.1, 2.2)))
        for seed, loss in enumerate(losses)
    ]
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is None
    assert verdict.problem.startswith("not compared: 1 of 3 tests of sine")
    alone = verdicts(contenders(tmp_path, rows[2:4]))
    assert alone[0].problem.startswith("not compared: the test of sine")
    assert alone[0].problem.endswith(" diverged")
    assert "nan" not in report([RunFolder(tmp_path / row.folder) for row in rows])


def test_huge_figures_keep_their_size() -> None:
    assert score_text(190184974387.3, 2.5e10, Measure.LOSS) == "1.90e+11 ± 2.50e+10"
    assert score_text(0.33612, 0.01, Measure.LOSS) == "0.3361 ± 0.0100"
    assert score_text(0.98, None, Measure.ACCURACY) == "98.00 %"
    assert score_text(None, None, Measure.ACCURACY) == ""
    test = welch_t_test([1e12, 2e12], [1.0, 2.0])
    assert "e+12 ± " in difference_text(test, Measure.LOSS)


@pytest.mark.parametrize(
    ("difference", "measure", "said"),
    [
        (0.1, Measure.LOSS, "worse: a higher loss"),
        (-0.1, Measure.LOSS, "better: a lower loss"),
        (0.1, Measure.ACCURACY, "better: a higher accuracy"),
        (-0.1, Measure.ACCURACY, "worse: a lower accuracy"),
        (0.1, Measure.RETURN, "better: a higher return"),
        (-0.1, Measure.RETURN, "worse: a lower return"),
        (0.0, Measure.RETURN, "equal"),
    ],
)
def test_a_difference_says_whether_it_is_better(
    difference: float, measure: Measure, said: str
) -> None:
    assert bearing_text(difference, measure) == said


def test_a_run_tells_what_it_was_tested_with(tmp_path: Path) -> None:
    row = add_tested(tmp_path, 0, 0.2)
    steps = row.field("evaluation.steps")
    assert row.tested_with == f"{row.shots}-shot, {steps} steps"
    config = configuration(evaluation__shots=3, evaluation__steps=1)
    test = {"loss": 0.1, "accuracy": None}
    other = read_row(add_run(tmp_path, config, test=test).path)
    assert other.tested_with == "3-shot, 1 step"
    assert read_row(add_run(tmp_path, config).path).tested_with == ""


def test_a_report_has_the_mean_of_each_group_that_it_compares(tmp_path: Path) -> None:
    rows = [
        add_tested(tmp_path, seed, loss, rate=rate)
        for rate, losses in ((0.01, (1.0, 1.2, 1.4)), (0.02, (2.0,)))
        for seed, loss in enumerate(losses)
    ]
    text = report([RunFolder(tmp_path / row.folder) for row in rows])
    plain = text.replace(" class=whole", "")
    mean = mean_over_seeds([1.0, 1.2, 1.4])
    assert f"<td>0, 1, 2</td><td>{mean.mean:.4f} ± {mean.ci95:.4f}</td>" in plain
    assert text.count("Mean test over seeds") == 1


def test_a_report_calls_a_diverged_test_so_wherever_it_is(tmp_path: Path) -> None:
    row = add_tested(tmp_path, 0, 1.0)
    folder = RunFolder(tmp_path / row.folder)
    lost = StepScore(1, math.nan, math.nan, None, None, 0.1, 0.1, None, None)
    kept = KeptEvaluation(
        id="lost", made="", tasks=5, meta_step=7, by_step=(lost,), **EPISODES
    )
    write_evaluation(folder.path, kept)
    folder.update(test={"loss": None, "accuracy": None})
    text = report([folder])
    assert text.count("diverged</td>") == 2
    assert "nan" not in text


def test_large_numbers_beside_an_axis_leave_its_title_free() -> None:
    steep = Line("a", [(0.0, -1.2e14), (1.0, 2.3e14)])
    svg = svg_plot("t", [steep], "x", "y")
    marks = re.findall(r'<text x="(\d+)" y="[^"]*" class="y">([^<]*)</text>', svg)
    title = re.search(r"translate\((\d+) \d+\) rotate", svg)
    assert title is not None
    widest_digit = 7
    for right, mark in marks:
        assert int(right) - widest_digit * len(mark) > int(title[1])
