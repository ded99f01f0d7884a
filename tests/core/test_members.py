"""Every registered member goes through the whole life of a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.made_members import every_member, has_inner_loop, made_data
from workbench.core.config.holdings import data_mistakes, missing_data
from workbench.core.config.run_config import RunConfig, kinds
from workbench.core.planning.footprint import footprint
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.events import EvaluationEvent, StepEvent
from workbench.core.runs.export import export_csv, export_weights
from workbench.core.runs.export_code import without_code
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.answers import Answerer, Question, RunChoice
from workbench.core.training.judging import evaluate
from workbench.core.training.trained import Trained
from workbench.core.training.training import train
from workbench.tasks.sketch_examples import first_sketch

CONFIGS = every_member()
CPU = torch.device("cpu")
EVALUATE = """
import sys
from workbench.cli import entry_point
for run in sys.argv[2:]:
    entry_point(["evaluate", run, "--data", sys.argv[1], "--json"])
"""

Life = Callable[[str], RunFolder]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Life:
    """Trains a run in two goes when it is first asked for."""
    runs, lived = tmp_path_factory.mktemp("runs"), dict[str, RunFolder]()

    def lived_by(name: str) -> RunFolder:
        if name not in lived:
            folder = RunFolder.create(runs, CONFIGS[name])
            begun = train(folder, data=data, device="cpu")
            next(event for event in begun if isinstance(event, StepEvent))
            begun.close()
            assert folder.info().state == "stopped"
            list(train(folder, data=data, device="cpu"))
            lived[name] = folder
        return lived[name]

    return lived_by


def test_no_member_is_left_out() -> None:
    for section in ("task", "model", "algorithm"):
        lived = {getattr(config, section).kind for config in CONFIGS.values()}
        assert lived == kinds(section).keys()


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_it_is_known_what_a_run_needs_before_it_begins(
    data: Path, config: RunConfig
) -> None:
    assert footprint(config).parameters > 0
    assert footprint(config).peak_bytes > 0
    assert data_mistakes(config, data) == ()
    assert missing_data(config, data) is None
    assert RunConfig.from_toml(config.to_toml()) == config


@pytest.mark.parametrize("name", CONFIGS)
def test_a_run_is_trained_stopped_and_trained_on(life: Life, name: str) -> None:
    folder = life(name)
    events = list(folder.events())
    assert folder.info().state == "completed"
    steps = [event.step for event in events if isinstance(event, StepEvent)]
    assert steps == [1, 2, 3, 4]
    curves = [event for event in events if isinstance(event, EvaluationEvent)]
    (test,) = list_evaluations(folder.path)
    assert {event.split for event in curves} == {"validation"}
    for curve in (*curves, test):
        assert [score.step for score in curve.by_step] == [0, 1, 2]
        assert torch.tensor([score.loss for score in curve.by_step]).isfinite().all()


def test_a_fresh_process_evaluates_every_run_as_this_one_does(
    life: Life, data: Path
) -> None:
    folders = {name: life(name) for name in CONFIGS}
    paths = [str(folder.path) for folder in folders.values()]
    command = [sys.executable, "-c", EVALUATE, str(data), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = [json.loads(line)["loss"] for line in done.stdout.splitlines()]
    here = [
        evaluate(Trained.load(folder), data=data, device=CPU).final.loss
        for folder in folders.values()
    ]
    assert said == pytest.approx(here, rel=1e-4)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_run_is_exported_with_lines_that_use_it(
    life: Life, tmp_path: Path, name: str
) -> None:
    folder = life(name)
    assert without_code(folder.config()) == ""
    assert export_csv(folder, tmp_path / "metrics.csv").stat().st_size > 0
    code = export_weights(folder, tmp_path / "weights").with_suffix(".py")
    compile(code.read_text("utf-8"), str(code), "exec")


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, config in CONFIGS.items()
        if config.task.problem == "classification"
        and config.task.input_shape == (1, 28, 28)
    ],
)
@pytest.mark.parametrize("rate", [1.0, 2.0])
def test_a_run_answers_sketches(life: Life, name: str, rate: float) -> None:
    drawn = first_sketch()
    two = drawn.changed(classes=drawn.classes[:2])
    choice = RunChoice(life(name).path, name)
    (said,) = Answerer().answer(Question(two, (choice,), steps=2, rate=rate))
    if rate != 1.0 and not has_inner_loop(CONFIGS[name].algorithm.kind):
        assert "has no inner learning rate" in said.problem
        return
    assert said.problem == ""
    assert torch.tensor(said.support_loss).isfinite().all()
    assert len(said.probabilities) == 3
