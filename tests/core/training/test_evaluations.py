"""Evaluations kept in a run's folder."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from tests.made_stores import add_run
from workbench.core.runs.events import StepScore
from workbench.core.runs.store import RunFolder
from workbench.core.training.evaluation import Evaluation
from workbench.core.training.evaluations import (
    keep_evaluation,
    list_evaluations,
    same_episodes,
)

SCORE = StepScore(1, 0.5, 0.1, None, None, 0.4, 0.1, None, None)


def result(*losses: float) -> Evaluation:
    return Evaluation(
        by_step=(SCORE,),
        tasks=len(losses),
        split="test",
        split_hash="",
        ways=None,
        shots=5,
        queries=10,
        steps=1,
        transductive=True,
        norm="none",
        seed=0,
        query_loss=tuple((1.0, loss) for loss in losses),
        query_accuracy=None,
    )


def keep(folder: RunFolder, kept: Evaluation) -> None:
    keep_evaluation(folder, folder.config(), kept, meta_step=7, device="CPU, 1 thread")


def test_a_result_is_kept_with_all_it_depends_on(tmp_path: Path) -> None:
    folder = add_run(tmp_path)
    keep(folder, result(0.1, 0.2))
    (kept,) = list_evaluations(folder.path)
    assert (kept.score, kept.ci95, kept.is_loss) == (0.5, 0.1, True)
    assert kept.task_scores == (0.1, 0.2)
    assert (kept.seed, kept.norm, kept.meta_step) == (0, "none", 7)
    assert kept.task["kind"] == "sinusoid"
    assert "torch" in kept.versions


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
    test = run.info().test
    assert test is not None
    assert (kept.score, kept.ci95) == (test["loss"], test["loss_ci95"])
    assert len(kept.task_scores) == test["tasks"]
    assert fmean(kept.task_scores) == pytest.approx(kept.score, abs=1e-5)
