"""Evaluations kept in a run's folder."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from tests.made_runs import finish, made, trained
from tests.made_stores import EPISODES, add_run
from workbench.core.base.measure import Measure
from workbench.core.runs.evaluations import (
    KeptEvaluation,
    list_evaluations,
    own_test,
    same_episodes,
)
from workbench.core.runs.events import StepScore
from workbench.core.runs.row import read_row
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.core.training.evaluation import Evaluation
from workbench.core.training.keeping import keep_evaluation

SCORE = StepScore(1, 0.5, 0.1, None, None, 0.4, 0.1, None, None)


def result(*losses: float) -> Evaluation:
    return Evaluation(
        by_step=(SCORE,),
        tasks=len(losses),
        query_loss=tuple((1.0, loss) for loss in losses),
        query_accuracy=None,
        **EPISODES,
    )


def keep(folder: RunFolder, kept: Evaluation) -> None:
    keep_evaluation(folder, folder.config(), kept, meta_step=7, device="CPU, 1 thread")


def test_a_result_is_kept_with_all_it_depends_on(tmp_path: Path) -> None:
    folder = add_run(tmp_path)
    keep(folder, result(0.1, 0.2))
    (kept,) = list_evaluations(folder.path)
    assert (kept.score, kept.ci95, kept.measure) == (0.5, 0.1, Measure.LOSS)
    assert kept.task_scores == (0.1, 0.2)
    assert (kept.seed, kept.norm, kept.meta_step) == (0, "none", 7)
    assert kept.task["kind"] == "sinusoid"
    assert "torch" in kept.versions


def test_views_are_kept_and_an_older_file_has_one(tmp_path: Path) -> None:
    folder = add_run(tmp_path)
    right = replace(SCORE, accuracy=0.9, accuracy_ci95=0.1)
    keep(folder, replace(result(0.1, 0.2), views=9, by_step=(right,)))
    (kept,) = list_evaluations(folder.path)
    assert (kept.views, kept.manner) == (9, "together, 9 views")
    (file,) = (folder.path / "evaluations").iterdir()
    file.write_text(kept.model_dump_json(exclude={"views"}), encoding="utf-8")
    (older,) = list_evaluations(folder.path)
    assert (older.views, older.manner) == (1, "together")


def test_of_what_has_no_classes_no_manner_is_told(tmp_path: Path) -> None:
    folder = add_run(tmp_path)
    keep(folder, result(0.1, 0.2))
    (kept,) = list_evaluations(folder.path)
    assert kept.manner == "–"


def test_a_result_that_diverged_is_kept_too_and_compared_with_nothing(
    tmp_path: Path,
) -> None:
    run = add_run(tmp_path)
    nan = math.nan
    lost = StepScore(2, nan, nan, None, None, nan, nan, None, None)
    keep(run, replace(result(0.1, nan), by_step=(SCORE, lost)))
    (kept,) = list_evaluations(run.path)
    assert kept.by_step[0] == SCORE
    assert math.isnan(kept.score)
    assert math.isnan(kept.task_scores[1])
    assert same_episodes([kept], [kept]) is None


def test_runs_are_compared_on_the_same_episodes_only(tmp_path: Path) -> None:
    one, two = add_run(tmp_path), add_run(tmp_path)
    keep(one, result(0.1, 0.2, 0.3))
    keep(two, replace(result(0.3, 0.3, 0.3), seed=1))
    assert same_episodes(*map(list_evaluations, (one.path, two.path))) is None
    keep(two, result(0.2, 0.4, 0.6, 0.9))
    pair = same_episodes(*map(list_evaluations, (one.path, two.path)))
    assert pair is not None
    assert [len(kept.task_scores) for kept in pair] == [3, 4]


def test_the_loss_reduction_does_not_change_the_episodes(tmp_path: Path) -> None:
    folder = add_run(tmp_path)
    keep(folder, result(0.1, 0.2))
    (kept,) = list_evaluations(folder.path)
    other = kept.model_copy(update={"task": {**kept.task, "reduction": "mean"}})
    assert kept.episodes == other.episodes
    varied = kept.model_copy(update={"task": {**kept.task, "frequency": "varied"}})
    assert kept.episodes != varied.episodes


def test_a_setting_tells_all_that_makes_the_episodes_other_ones(
    tmp_path: Path,
) -> None:
    folder = add_run(tmp_path)
    keep(folder, result(0.1, 0.2))
    (kept,) = list_evaluations(folder.path)
    assert kept.setting == "sinusoid 5-shot"
    task = {"kind": "omniglot", "ways": 5, "reduction": "sum over ways"}
    usual = kept.model_copy(update={"ways": 5, "shots": 1, "task": task})
    assert usual.setting == "omniglot 5-way 1-shot"
    inked = {"within_alphabet": True, "distortion": 0.5, "ink": "black on white"}
    harder = usual.model_copy(update={"task": task | inked})
    assert harder.setting == (
        "omniglot 5-way 1-shot, within one alphabet, distortion 0.5, ink black on white"
    )
    gone = usual.model_copy(update={"task": {"kind": "gone", "size": 3}})
    assert gone.setting == "gone 5-way 1-shot"


def test_a_damaged_file_is_left_out(tmp_path: Path) -> None:
    folder = add_run(tmp_path)
    keep(folder, result(0.1, 0.2))
    (folder.path / "evaluations" / "half.json").write_text('{"made": "20')
    (folder.path / "evaluations" / "empty.json").write_text(
        '{"made": "", "by_step": []}'
    )
    assert len(list_evaluations(folder.path)) == 1


def test_training_keeps_its_test(run: RunFolder) -> None:
    (kept,) = list_evaluations(run.path)
    assert own_test(run.path) == kept
    assert len(kept.task_scores) == kept.tasks == run.config().evaluation.tasks
    assert fmean(kept.task_scores) == pytest.approx(kept.score, abs=1e-5)


def test_a_test_is_written_in_one_place_to_which_the_run_refers(run: RunFolder) -> None:
    (kept,) = list_evaluations(run.path)
    assert run.info().test == kept.id
    assert b'"test"' not in run.metrics.read_bytes()
    (run.path / "evaluations" / f"{kept.id}.json").unlink()
    assert own_test(run.path) is None
    row = read_row(run.path)
    assert (row.test, row.test_ci95, row.problem) == (None, None, "")


@pytest.mark.parametrize("last", ["the file", "the reference"])
def test_a_run_killed_around_its_test_has_the_same_one_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    whole = own_test(trained(tmp_path / "whole").path)
    killed = made(tmp_path / "killed")
    update = RunFolder.update

    def die(folder: RunFolder, **changes: Any) -> RunInfo:
        if changes.get("test") is None:
            return update(folder, **changes)
        if last == "the reference":
            update(folder, **changes)
        raise KeyboardInterrupt

    monkeypatch.setattr(RunFolder, "update", die)
    with pytest.raises(KeyboardInterrupt):
        finish(killed)
    monkeypatch.undo()
    told = own_test(killed.path)
    assert figures(told) == (None if last == "the file" else figures(whole))
    finish(killed)
    assert figures(own_test(killed.path)) == figures(whole)
    assert {figures(kept) for kept in list_evaluations(killed.path)} == {figures(whole)}


def figures(kept: KeptEvaluation | None) -> object:
    return None if kept is None else (kept.by_step, kept.task_scores, kept.meta_step)


def test_the_own_test_is_not_another_evaluation_of_the_run(run: RunFolder) -> None:
    own = own_test(run.path)
    keep(run, result(0.1, 0.2))
    assert len(list_evaluations(run.path)) == 2
    assert own_test(run.path) == own


def test_a_row_reads_one_file_more_where_a_run_was_tested(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        keep(run, result(0.1, 0.2, 0.3 + number))
    test, fresh = run.info().test, add_run(tmp_path)
    opened: list[str] = []
    there = os.open

    def hear(path: str, *how: int) -> int:
        opened.append(Path(path).name)
        return there(path, *how)

    monkeypatch.setattr(os, "open", hear)
    read_row(run.path)
    assert opened == ["run.json", "config.toml", f"{test}.json"]
    opened.clear()
    read_row(fresh.path)
    assert opened == ["run.json", "config.toml"]
