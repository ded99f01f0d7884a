"""Which runs serve an experiment, what of it is queued, and what is evaluated once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.experiments.written import small
from tests.made_stores import add_run
from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.queueing import queue_missing
from workbench.core.experiments.standing import Planned, standing
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.index import all_rows
from workbench.core.runs.store import RunFolder


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return small(tmp_path)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def planned(
    experiment: Experiment, runs: Path, *, quick: bool = False
) -> list[Planned]:
    return standing(experiment, all_rows(runs), quick=quick)


def add(
    runs: Path, experiment: Experiment, state: str, **overrides: object
) -> RunFolder:
    """Add a run with the configuration of the first one, as it stands."""
    config = experiment.runs[0].configs(quick=False)[0]
    config = config.replace({k.replace("__", "."): v for k, v in overrides.items()})
    return add_run(runs, config, name="mine", state=state, step=3)


def test_any_run_of_the_same_configuration_serves(
    experiment: Experiment, runs: Path
) -> None:
    mine = add(runs, experiment, "completed")
    first, second = planned(experiment, runs)
    assert first.is_there
    assert first.row is not None
    assert first.row.folder == mine.path.name
    assert not second.is_there
    assert second.is_to_train


@pytest.mark.parametrize(
    "overrides",
    [
        {"training__checkpoint_every": 1},
        {"training__engine": "loop"},
        {"evaluation__every": 2},
        {"evaluation__tasks": 9},
    ],
)
def test_how_often_is_kept_and_looked_does_not_matter(
    experiment: Experiment, runs: Path, overrides: dict[str, object]
) -> None:
    add(runs, experiment, "completed", **overrides)
    assert planned(experiment, runs)[0].is_there


@pytest.mark.parametrize(
    "overrides",
    [
        {"training__iterations": 7},
        {"algorithm__inner_lr": 0.02},
        {"training__seed": 5},
        {"task__queries": 3},
        {"model__hidden": [5]},
    ],
)
def test_a_run_of_other_settings_does_not_serve(
    experiment: Experiment, runs: Path, overrides: dict[str, object]
) -> None:
    add(runs, experiment, "completed", **overrides)
    assert not any(each.is_there for each in planned(experiment, runs))


def test_a_run_older_than_a_setting_serves_if_that_has_its_default(
    experiment: Experiment, runs: Path
) -> None:
    file = add(runs, experiment, "completed").path / "config.toml"
    text = file.read_text("utf-8")
    assert 'frequency = "fixed"\n' in text
    file.write_text(text.replace('frequency = "fixed"\n', ""), "utf-8")
    assert planned(experiment, runs)[0].is_there


def test_the_run_that_was_completed_comes_before_one_that_was_not(
    experiment: Experiment, runs: Path
) -> None:
    add(runs, experiment, "completed")
    add(runs, experiment, "stopped")
    assert planned(experiment, runs)[0].is_there


def test_what_is_missing_is_queued_once(experiment: Experiment, runs: Path) -> None:
    queue = RunQueue(runs)
    for _ in range(2):
        waiting = queue_missing(queue, experiment, planned(experiment, runs))
        assert len(waiting) == len(queue.read().items) == 2
    assert len({item.sweep for item in waiting}) == 1
    quick = queue_missing(queue, experiment, planned(experiment, runs, quick=True))
    assert len(quick) == 1
    assert len(queue.read().items) == 3


def test_a_run_that_was_begun_is_queued_to_go_on(
    experiment: Experiment, runs: Path
) -> None:
    begun = add(runs, experiment, "stopped")
    queue = RunQueue(runs)
    waiting = queue_missing(queue, experiment, planned(experiment, runs))
    assert [item.run for item in waiting] == [begun.path.name, ""]
    assert begun.info().name == waiting[0].name


def test_a_run_that_failed_is_left_to_the_person(
    experiment: Experiment, runs: Path
) -> None:
    add(runs, experiment, "failed")
    first, second = planned(experiment, runs)
    assert (first.is_there, first.is_to_train, second.is_to_train) == (0, 0, 1)
    queue = RunQueue(runs)
    assert len(queue_missing(queue, experiment, planned(experiment, runs))) == 1
