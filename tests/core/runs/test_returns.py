"""What is kept of runs that are judged by their return, and how they are found."""

from __future__ import annotations

import contextlib
import csv
import math
import sqlite3
from pathlib import Path

import pytest

from tests.made_returns import (
    BETTER,
    WORSE,
    kept_returns,
    row_of_returns,
    run_of_returns,
    score_of,
    validation,
)
from tests.made_stores import add_run
from workbench.core.base.measure import Measure
from workbench.core.runs.evaluations import list_evaluations, own_score, own_test
from workbench.core.runs.events import StepScore, from_json, to_json
from workbench.core.runs.export import export_csv
from workbench.core.runs.filter import matching
from workbench.core.runs.index import RunIndex, all_rows
from workbench.core.runs.row import RunRow, read_row

pytestmark = pytest.mark.usefixtures("walks")


def test_a_step_is_judged_by_what_it_has() -> None:
    loss = StepScore(1, 0.5, 0.1, None, None, 0.4, 0.1, None, None)
    right = StepScore(1, 0.1, 0.01, 0.98, 0.004, 0.1, 0.01, 1.0, 0.0)
    walked = score_of(1, BETTER)
    assert (loss.measure, loss.score, loss.ci95) == (Measure.LOSS, 0.5, 0.1)
    assert (right.measure, right.score, right.ci95) == (Measure.ACCURACY, 0.98, 0.004)
    assert (walked.measure, walked.score) == (Measure.RETURN, -11.5)
    assert walked.robust == -11.5
    assert walked.ci95 == pytest.approx(1.96 * (3.5 / 3) ** 0.5 / 2)


def test_an_event_comes_back_with_its_returns() -> None:
    event = validation(3, WORSE, best=True)
    assert from_json(to_json(event)) == event
    assert hash(event) == hash(from_json(to_json(event)))


def test_an_event_of_before_has_no_returns() -> None:
    line = to_json(validation(3, WORSE, best=True))
    older = line.replace('"mean_return"', '"x"').replace('"return_ci95"', '"y"')
    read = from_json(older.replace('"figures"', '"z"'))
    assert read.by_step[-1].measure is Measure.LOSS  # type: ignore[union-attr]
    assert read.by_step[-1].figures == {}  # type: ignore[union-attr]


def test_an_evaluation_is_kept_with_its_returns(tmp_path: Path) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    (kept,) = list_evaluations(folder.path)
    assert kept == kept_returns(BETTER) == own_test(folder.path)
    assert (kept.measure, kept.score) == (Measure.RETURN, -11.5)
    assert kept.task_scores == BETTER
    assert kept.final.figures == {"distance": 1.15, "success": 0.25}
    assert own_score(folder.path, folder.info()) == kept.final


def test_the_index_keeps_what_runs_are_judged_by(tmp_path: Path) -> None:
    runs, file = tmp_path / "runs", tmp_path / "index.sqlite3"
    walked = run_of_returns(runs, BETTER)
    add_run(runs)
    before = {row.folder: row for row in all_rows(runs, file)}
    index = RunIndex(runs, file)
    kept = {row.folder: row for row in index.rows()}
    index.close()
    assert kept == before
    row = kept[walked.path.name]
    assert row.measure is Measure.RETURN
    assert {each.measure for each in kept.values()} == {Measure.RETURN, Measure.LOSS}
    assert row == read_row(walked.path)


def test_an_index_from_before_there_were_returns_is_made_anew(tmp_path: Path) -> None:
    runs, file = tmp_path / "runs", tmp_path / "index.sqlite3"
    row = row_of_returns(runs, BETTER)
    older = ["is_loss" if name == "measure" else name for name in RunRow._fields]
    with contextlib.closing(sqlite3.connect(file)) as connection:
        columns = ", ".join(older)
        connection.execute(f"CREATE TABLE runs (seal, stamp TEXT, {columns})")
        values = [
            int(v) if name == "is_loss" else v
            for name, v in zip(older, row._replace(measure=False), strict=True)
        ]
        marks = ", ".join("?" * (len(values) + 2))
        connection.execute(f"INSERT INTO runs VALUES ({marks})", (0, "", *values))
        connection.execute("PRAGMA user_version = 7")
        connection.commit()
    assert all_rows(runs, file) == [row]


def test_a_test_that_diverged_has_no_return(tmp_path: Path) -> None:
    folder = run_of_returns(tmp_path, [*BETTER, math.nan])
    folder.update(best=None)
    assert read_row(folder.path).test == math.inf


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("test>-20", ["better"]),
        ("test<-20", ["worse", "diverged"]),
        ("test>−20", ["better"]),
        ("test=-11.50", ["better"]),
        ("best>=-29.5", ["better", "worse"]),
        ("test>0", []),
        ("-test>-20", ["worse", "diverged", "untested"]),
    ],
)
def test_runs_are_found_by_their_return(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    better, worse = (row_of_returns(tmp_path, each) for each in (BETTER, WORSE))
    rows = [
        better._replace(name="better"),
        worse._replace(name="worse"),
        worse._replace(name="diverged", test=math.inf, best=None),
        RunRow("x", "created", "untested", measure=Measure.RETURN),
    ]
    assert [row.name for row in matching(rows, text)] == found


def test_returns_and_other_figures_are_exported(tmp_path: Path) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    file = export_csv(folder, tmp_path / "run.csv")
    with file.open(newline="") as lines:
        last = list(csv.DictReader(lines))[-1]
    assert float(last["validation_mean_return"]) == -11.5
    assert float(last["test_mean_return"]) == -11.5
    assert float(last["test_distance"]) == 1.15
    assert "validation_accuracy" not in last
