"""``reproduce``: the list, a small experiment from nothing, and what stops it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.experiments.written import SMALL, written
from tests.made_runs import stop_after
from workbench.cli import entry_point
from workbench.core.base.folders import user_folder
from workbench.core.experiments.reading import find_experiment, list_experiments
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder

Reproduce = Callable[..., int]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def reproduce(tmp_path: Path, runs: Path) -> Reproduce:
    """The command with folders of this test's own."""

    def call(*words: str) -> int:
        return entry_point(
            ["reproduce", *words, "--runs", str(runs), "--data", str(tmp_path / "data")]
        )

    return call


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_experiment_is_listed_with_what_is_there(
    reproduce: Reproduce, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reproduce() == 0
    text = capsys.readouterr().out
    for experiment in list_experiments():
        assert f"\n{experiment.name} " in text
    assert "Omniglot (not here)" in text
    assert reproduce("--json") == 0
    records = {record["name"]: record for record in lines_of(capsys)}
    assert set(records) == {experiment.name for experiment in list_experiments()}
    assert records["sinusoid-maml"]["there"] == 0
    assert records["sinusoid-maml"]["has_data"]
    assert not records["omniglot-maml"]["has_data"]


def test_from_nothing_to_a_page(
    reproduce: Reproduce,
    tmp_path: Path,
    runs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, page = str(written(tmp_path)), tmp_path / "made" / "page.html"
    assert reproduce(path, "--out", str(page)) == 0
    said = capsys.readouterr().out
    assert "2 runs to train" in said
    assert "0.67 / " in said
    assert str(page) in said
    text = page.read_text("utf-8")
    for shown in ("Small sinusoids", "It is very small.", "2 seeds", "<svg", "0.67"):
        assert shown in text
    assert "Meta-steps" in text
    assert "Iterations: 6" not in text  # what the experiment sets is no difference
    # Each seed has its own test, and the evaluation with ten points.
    kept = [len(list_evaluations(run)) for run in runs.glob("small-*")]
    assert kept == [2, 2]
    assert reproduce(path, "--json") == 0
    *cells, last = lines_of(capsys)
    assert [cell["published"] for cell in cells] == ["0.67", ""]
    assert all("±" in cell["measured"] for cell in cells)
    assert Path(last["page"]) == user_folder() / "reproduced" / "small.html"
    assert [len(list_evaluations(run)) for run in runs.glob("small-*")] == kept


def test_a_first_version_says_so(
    reproduce: Reproduce, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    words = (str(written(tmp_path)), "--quick", "--out", str(page))
    assert reproduce(*words) == 0
    assert "1 run to train" in capsys.readouterr().out
    text = page.read_text("utf-8")
    assert "A first version" in text
    assert "Iterations: 4, not 6" in text
    assert "8 tasks" in text


def test_a_run_that_was_stopped_goes_on(
    reproduce: Reproduce, tmp_path: Path, runs: Path
) -> None:
    path = written(tmp_path)
    config = find_experiment(str(path)).runs[0].configs(quick=True)[0]
    begun = new_run(runs, config, name="mine")
    stop_after(begun, 3)
    assert reproduce(str(path), "--quick", "--out", str(tmp_path / "page.html")) == 0
    (run,) = [each for each in runs.iterdir() if (each / "run.json").exists()]
    assert run == begun.path
    assert RunFolder(run).info().state == "completed"
    assert [item.state for item in RunQueue(runs).read().items] == ["done"]


def test_others_in_the_queue_wait_on(
    reproduce: Reproduce, tmp_path: Path, runs: Path
) -> None:
    path = written(tmp_path)
    config = find_experiment(str(path)).runs[0].configs(quick=False)[1]
    RunQueue(runs).add([("another's", config.replace({"training.seed": 9}))])
    assert reproduce(str(path), "--quick", "--out", str(tmp_path / "page.html")) == 0
    states = {item.name: item.state for item in RunQueue(runs).read().items}
    assert states.pop("another's") == "waiting"
    assert [*states.values()] == ["done"]


def test_the_page_alone_shows_what_is_there(
    reproduce: Reproduce,
    tmp_path: Path,
    runs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = tmp_path / "page.html"
    words = (str(written(tmp_path)), "--page-only", "--out", str(page))
    assert reproduce(*words) == 0
    assert "not there: MAML, seed 0: not trained" in capsys.readouterr().out
    assert "nothing was measured" in page.read_text("utf-8")
    assert not list(runs.glob("*/run.json"))


def test_a_paused_queue_stays_paused(
    reproduce: Reproduce,
    tmp_path: Path,
    runs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    RunQueue(runs).pause(True)
    page = str(tmp_path / "page.html")
    assert reproduce(str(written(tmp_path)), "--quick", "--out", page) == 1
    assert "sweep --resume" in capsys.readouterr().err
    assert len(RunQueue(runs).read().waiting) == 1


MEASURED = """\
title = "Cost"
paper = "Nobody 2026"
shows = "how long a meta-step takes"

[[part]]
kind = "measured"
title = "Time"
measure = "time of a meta-step"
vary = "algorithm.inner_steps"
values = [1, 2]
quick_values = [1]
curves = [{ title = "MAML", preset = "sinusoid-maml", set = { "model.hidden" = [4] } }]
"""


def test_what_needs_no_run_is_measured_once(
    reproduce: Reproduce, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    words = (str(written(tmp_path, MEASURED)), "--quick", "--out", str(page))
    assert reproduce(*words) == 0
    assert "1 of 1 runs and measurements there" in page.read_text("utf-8")
    (kept,) = (user_folder() / "measured").glob("*.json")
    before = kept.read_bytes()
    assert json.loads(before)["value"] > 0
    assert reproduce(*words) == 0
    assert kept.read_bytes() == before


VARIED = """\
title = "By step"
paper = "Nobody 2026"
shows = "what more inner steps bring"

[common]
preset = "sinusoid-maml"

[common.set]
"model.hidden" = [4]
"training.meta_batch" = 2
"training.iterations" = 2
"evaluation.tasks" = 4
"evaluation.steps" = 2
"evaluation.validation_tasks" = 2

[[run]]
name = "{} steps"
vary = "algorithm.inner_steps"
values = [1, 2]

[[part]]
kind = "final"
title = "By inner steps"
vary = "algorithm.inner_steps"
values = [1, 2]
curves = [{ title = "MAML", run = "{} steps" }]
"""


def test_what_runs_reach_is_drawn_by_the_field_that_varies(
    reproduce: Reproduce, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert reproduce(str(written(tmp_path, VARIED)), "--out", str(page)) == 0
    text = page.read_text("utf-8")
    assert "<th>Inner steps</th><th>1</th><th>2</th>" in text
    assert text.count("±") == 3
    assert "the 95 % CI over 4 tasks" in text
    assert text.count("<circle") == 2


def test_without_its_data_nothing_is_queued(
    reproduce: Reproduce, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reproduce("omniglot-maml", "--quick") == 1
    error = capsys.readouterr().err
    assert "Omniglot is not here" in error
    assert "data fetch omniglot" in error
    assert not RunQueue(runs).read().items


def test_a_mistake_in_a_file_is_told_in_a_line(
    reproduce: Reproduce, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SMALL.replace('"evaluation.shots"', '"evaluation.shot"')
    assert reproduce(str(written(tmp_path, text))) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "did you mean evaluation.shots" in line
