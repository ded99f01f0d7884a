"""Folders that version 0.1.0 wrote stay readable, with all that was measured."""

from __future__ import annotations

import csv
import io
import json
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from workbench.cli._display import JsonLines
from workbench.core.base.measure import Measure
from workbench.core.results.report import report
from workbench.core.runs.evaluations import list_evaluations, own_test
from workbench.core.runs.events import EvaluationEvent
from workbench.core.runs.export import export_csv
from workbench.core.runs.row import read_row
from workbench.core.runs.store import RunFolder

_LOSS, _CI95 = 4.3774919509887695, 1.1759251462250593


@pytest.fixture
def old(tmp_path: Path) -> RunFolder:
    """A run that 0.1.0 trained: its test is in three places."""
    there = Path(__file__).parents[2] / "made_by_0_1_0"
    return RunFolder(shutil.copytree(there, tmp_path / "runs" / "old"))


@pytest.fixture
def bare(old: RunFolder) -> RunFolder:
    """A bundle as 0.1.0 made it: what run.json says is all there is of its test."""
    shutil.rmtree(old.path / "evaluations")
    old.metrics.unlink()
    return old


def test_an_old_run_is_in_the_table_with_its_test(old: RunFolder) -> None:
    row = read_row(old.path)
    assert (row.problem, row.state) == ("", "completed")
    assert (row.test, row.test_ci95, row.measure) == (_LOSS, _CI95, Measure.LOSS)


def test_an_old_runs_own_test_is_the_file_of_it(old: RunFolder) -> None:
    (kept,) = list_evaluations(old.path)
    assert own_test(old.path) == kept
    assert (kept.score, kept.ci95, len(kept.task_scores)) == (_LOSS, _CI95, 3)
    assert [score.step for score in kept.by_step] == [0, 1]


def test_an_old_runs_test_stays_in_reports_exports_and_json(
    old: RunFolder, tmp_path: Path
) -> None:
    assert report([old]).count("4.3775 ± 1.1759") == 2
    with export_csv(old, tmp_path / "old.csv").open(encoding="utf-8") as file:
        assert [line["test_loss"] for line in csv.DictReader(file)] == [
            "",
            "",
            str(_LOSS),
        ]
    with redirect_stdout(io.StringIO()) as said:
        JsonLines(old).end()
    test = json.loads(said.getvalue())["test"]
    kept = json.loads((old.path / "run.json").read_text())["test"]
    assert test == kept | {"views": 1}


def test_an_old_runs_events_are_all_there(old: RunFolder) -> None:
    judged = [e for e in old.events() if isinstance(e, EvaluationEvent)]
    assert [event.split for event in judged] == ["validation", "validation", "test"]


def test_an_old_bundles_test_is_what_run_json_notes(bare: RunFolder) -> None:
    (noted,) = list_evaluations(bare.path)
    assert own_test(bare.path) == noted
    assert (noted.score, noted.ci95, noted.tasks) == (_LOSS, _CI95, 3)
    assert read_row(bare.path).test == _LOSS


def test_an_old_test_that_diverged_is_still_said_to_have(old: RunFolder) -> None:
    info = old.info()
    assert isinstance(info.test, dict)
    old.update(test={**info.test, "loss": None, "loss_ci95": None})
    (file,) = (old.path / "evaluations").iterdir()
    file.write_text(file.read_text().replace(str(_LOSS), '"NaN"'))
    assert read_row(old.path).test == float("inf")
    (kept,), own = list_evaluations(old.path), own_test(old.path)
    assert own is not None
    assert own.id == kept.id
