"""What the command line says of runs that are judged by their return."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acting_runs import navigation
from tests.made_returns import (
    BETTER,
    GAIN,
    WORSE,
    run_of_returns,
    scores_of,
    validation,
)
from tests.made_runs import finish
from tests.made_stores import EPISODES
from workbench.cli import entry_point
from workbench.cli._display import JsonLines, LiveBar
from workbench.cli.evaluate import printed, recorded
from workbench.core.base.json_text import to_text
from workbench.core.runs.events import StepScore
from workbench.core.runs.store import RunFolder
from workbench.core.training.evaluation import Evaluation
from workbench.notebook.scores import Scores

pytestmark = pytest.mark.usefixtures("walks")


def command(runs: Path, *words: str) -> int:
    return entry_point([*words, "--runs", str(runs)])


def evaluated(by_step: tuple[StepScore, ...], kind: type[Any] = Evaluation) -> Any:
    return kind(
        by_step=by_step,
        tasks=4,
        query_loss=tuple((GAIN - each, -each) for each in BETTER),
        query_accuracy=None,
        **EPISODES,
    )


def test_runs_are_listed_with_their_returns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_of_returns(tmp_path, BETTER)
    assert command(tmp_path, "runs") == 0
    said = capsys.readouterr().out
    assert "−11.50 ± 1.06" in said
    assert "5 trajectories" in said
    assert "%" not in said
    assert command(tmp_path, "runs", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["measure"], record["test"]) == ("return", -11.5)


def test_a_sweep_s_best_value_is_that_with_the_most_return(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_of_returns(tmp_path, BETTER, algorithm__inner_lr=0.01)
    run_of_returns(tmp_path, WORSE, algorithm__inner_lr=0.5)
    assert command(tmp_path, "sweep", "--show", "walks") == 0
    said = capsys.readouterr().out
    assert said.startswith("2 runs by test return\n")
    assert "best: algorithm.inner_lr=0.01 −11.50 over 1 seed\n" in said
    assert command(tmp_path, "sweep", "--show", "walks", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["measure"] for line in lines} == {"return"}
    assert [line["value"] for line in lines if line["is_best"]] == ["0.01"]


def test_an_evaluation_tells_returns_and_other_figures_step_by_step() -> None:
    record = json.loads(to_text(recorded(evaluated(scores_of(BETTER)), "run", 20)))
    assert (record["measure"], record["return"]) == ("return", -11.5)
    assert record["ci95"] == pytest.approx(1.0585, abs=1e-4)
    assert "accuracy" not in record
    assert [score["return"] for score in record["by_step"]] == [-11.5 - GAIN, -11.5]
    for score in record["by_step"]:
        assert score["ci95"] == score["return_ci95"] > 0
        assert set(score["figures"]) == {"distance", "success"}
        assert not [name for name in score if "accuracy" in name]
        assert score["loss"] == -score["return"]


def test_an_evaluation_of_anything_else_has_no_returns() -> None:
    loss = StepScore(0, 0.5, 0.1, None, None, 0.4, 0.1, None, None)
    record = recorded(evaluated((loss,)))
    assert (record["measure"], record["loss"], record["ci95"]) == ("loss", 0.5, 0.1)
    right = StepScore(0, 0.1, 0.01, 0.98, 0.004, 0.1, 0.01, 1.0, 0.0)
    of_classes = recorded(evaluated((right,)))
    assert (of_classes["accuracy"], of_classes["ci95"]) == (0.98, 0.004)
    names = {*record["by_step"][0], *of_classes["by_step"][0]}
    assert not names & {"return", "mean_return", "return_ci95", "figures"}


def test_returns_are_printed_beside_what_else_is_told() -> None:
    title, heads, before, after = printed(
        recorded(evaluated(scores_of(BETTER)))
    ).splitlines()
    assert title == "4 test tasks, 5 trajectories, norm none"
    assert heads.split() == ["step", "return", "distance", "success"]
    assert before.split() == ["0", "−16.50", "±", "1.06", "1.650", "0.2500"]
    assert after.split() == ["1", "−11.50", "±", "1.06", "1.150", "0.2500"]


def test_a_notebook_shows_returns_as_a_table() -> None:
    scores = evaluated(scores_of(BETTER), Scores)
    assert "−11.50 ± 1.06" in repr(scores)
    assert "<th>return</th><th>distance</th>" in scores._repr_html_()


def test_the_bar_and_the_lines_of_training_tell_the_return(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run_of_returns(tmp_path, BETTER)
    event = validation(20, BETTER, best=True)
    with LiveBar(folder) as bar:
        bar.show(event)
        shown = bar._bars.progress.tasks[0].fields["validation"]
    assert shown == "validation return −11.50 ± 1.06"
    capsys.readouterr()
    JsonLines(folder).end()
    test = json.loads(capsys.readouterr().out)["test"]
    assert (test["return"], test["figures"]["success"]) == (-11.5, 0.25)
    assert "accuracy" not in test


def test_one_query_at_a_time_is_refused_where_a_policy_acts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = RunFolder.create(tmp_path, navigation())
    finish(folder)
    assert command(tmp_path, "evaluate", str(folder.path), "--one-at-a-time") == 2
    said = "--one-at-a-time: 2D navigation has no queries; leave it out"
    assert said in capsys.readouterr().err
