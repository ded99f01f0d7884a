"""Training and evaluating from a notebook."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Literal

import pytest

import workbench
from tests.made_runs import small_config, timeless, trained
from tests.test_architecture import modules_after
from workbench.algorithms.fomaml import FirstOrderMaml
from workbench.algorithms.maml import Maml
from workbench.cli import entry_point
from workbench.core.base.errors import WorkbenchError
from workbench.core.config.run_config import ConfigError
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import TrainingError
from workbench.tasks.sinusoid import Sinusoid

QUICK = {
    "training.iterations": 4,
    "training.meta_batch": 2,
    "evaluation.validation_tasks": 2,
    "evaluation.tasks": 4,
}


def test_importing_and_listing_load_neither_torch_nor_qt() -> None:
    loaded = modules_after("import workbench\nassert 'train' in dir(workbench)")
    assert not {name for name in loaded if name.split(".")[0] in ("torch", "PySide6")}


def test_listing_presets_and_runs_does_not_load_torch() -> None:
    loaded = modules_after(
        "import workbench\nrepr(workbench.presets())\nrepr(workbench.runs())\nprint()"
    )
    assert "workbench.notebook.finding" in loaded
    assert not {name for name in loaded if name.split(".")[0] in ("torch", "PySide6")}


def test_everything_that_is_listed_is_there() -> None:
    assert {"train", "evaluate", "load", "presets", "runs"} <= {*dir(workbench)}
    assert all(getattr(workbench, name).__doc__ for name in workbench._FACE)
    with pytest.raises(AttributeError, match="'workbench' has no attribute 'trian'"):
        _ = workbench.trian


def test_a_preset_is_trained_with_changes_into_the_folder_of_runs(capsys) -> None:
    run = workbench.train("sinusoid-quick", QUICK, name="first")
    assert run.info.state == "completed"
    assert run.info.preset == "sinusoid-quick"
    assert run.config.training.iterations == 4
    assert run.test is not None
    assert [each.info.name for each in workbench.runs()] == ["first"]
    shown = capsys.readouterr().out
    assert f"Run folder: {run.folder.path}" in shown
    assert "Test, 4 tasks" in shown


def test_without_progress_nothing_is_printed(tmp_path: Path, capsys) -> None:
    config = small_config(training__iterations=2)
    run = workbench.train(config, runs=tmp_path, progress=False)
    assert run.folder.path.parent == tmp_path
    assert capsys.readouterr() == ("", "")


def test_a_configuration_trains_to_what_it_does_elsewhere(tmp_path: Path) -> None:
    ours = workbench.train(small_config(), runs=str(tmp_path / "a"), progress=False)
    theirs = trained(tmp_path / "b")
    assert timeless(ours.folder) == timeless(theirs)


def test_a_file_is_trained(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(small_config(training__iterations=2).to_toml())
    run = workbench.train(file, {"training.meta_batch": 1}, progress=False)
    assert run.config == small_config(training__iterations=2, training__meta_batch=1)


def test_a_run_goes_on(run: RunFolder, capsys) -> None:
    further = workbench.train(workbench.load(run.path), {"training.iterations": 22})
    assert further.folder.path == run.path
    assert further.info.state == "completed"
    assert further.info.step == 22
    assert "Goes on from meta-step 20 of 22" in capsys.readouterr().out


def test_a_run_that_is_done_says_how_it_would_go_on(run: RunFolder) -> None:
    with pytest.raises(WorkbenchError, match=r"raise training\.iterations"):
        workbench.train(workbench.load(run.path))


@pytest.mark.parametrize(
    ("changes", "given", "message"),
    [
        ({"task.shots": 3}, {}, "task.shots: cannot be changed in a run begun"),
        ({}, {"learner": Maml()}, "a run goes on with its own task, model and learner"),
    ],
)
def test_a_run_keeps_what_it_was_begun_with(run, changes, given, message) -> None:
    before = (run.path / "config.toml").read_bytes()
    with pytest.raises(ConfigError, match=message):
        workbench.train(workbench.load(run.path), changes, **given)
    assert (run.path / "config.toml").read_bytes() == before


def test_a_task_alone_is_trained_with_what_is_known_to_work(tmp_path: Path) -> None:
    short = QUICK | {"training.iterations": 1}
    run = workbench.train(task=Sinusoid(), set=short, progress=False)
    assert run.config.algorithm.kind == "maml"
    assert run.config.model.kind == "mlp"
    learner = FirstOrderMaml(inner_lr=0.02)
    run = workbench.train(task=Sinusoid(), learner=learner, set=short, progress=False)
    assert run.config.algorithm == learner


def test_parts_given_take_the_place_of_a_preset_s() -> None:
    learner = Maml(inner_lr=0.03)
    run = workbench.train("sinusoid-quick", QUICK, learner=learner, progress=False)
    assert run.config.algorithm == learner
    assert run.config.task == workbench.load(run.info.id).config.task


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "task: give a preset, a file or a task to train on"),
        ({"what": "sinusoid-quik"}, "did you mean sinusoid-quick"),
        ({"what": "sinusoid-quick", "set": {"x": 1}}, "there is no such field"),
        (
            {"what": "sinusoid-quick", "set": {"training.iterations": 0}},
            "training.iterations: must be at least 1",
        ),
    ],
)
def test_what_cannot_be_trained_is_told_and_leaves_no_run(given, message) -> None:
    with pytest.raises(ConfigError, match=message):
        workbench.train(**given)
    assert len(workbench.runs()) == 0


def test_a_class_that_nobody_was_told_of_is_named_with_what_to_do() -> None:
    with pytest.raises(
        ConfigError, match=r"'failing' .* @workbench\.register above Failing"
    ):
        workbench.train("sinusoid-quick", learner=Failing())


def test_an_error_is_followed_by_what_helps_in_a_notebook() -> None:
    with pytest.raises(ConfigError) as told:
        workbench.train("sinusoid-quik")
    assert told.value.__notes__ == ["Choose one of workbench.presets()."]


def test_an_evaluation_is_kept_and_is_what_the_command_line_prints(
    run: RunFolder, capsys
) -> None:
    scores = workbench.evaluate(workbench.load(run.path), tasks=5, seed=3)
    assert capsys.readouterr() == ("", "")
    kept = next(one for one in list_evaluations(run.path) if one.seed == 3)
    assert (kept.tasks, kept.by_step) == (5, scores.by_step)
    words = ["evaluate", str(run.path), "--tasks", "5", "--seed", "3"]
    assert entry_point(words) == 0
    assert capsys.readouterr().out == f"{run.path}\n{scores!r}\n"
    entry_point([*words, "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert [step["loss"] for step in printed["by_step"]] == [
        step.loss for step in scores.by_step
    ]


def test_an_evaluation_shows_itself_as_a_table(run: RunFolder) -> None:
    scores = workbench.evaluate(run.path, {"evaluation.steps": 1}, tasks=5)
    shown = scores._repr_html_()
    assert "<caption>5 test tasks, 5-shot, norm none</caption>" in shown
    assert shown.count("<tr>") == 3
    assert "<th>middle 98 %</th>" in shown


def test_a_run_is_evaluated_by_its_name_in_another_folder(run: RunFolder) -> None:
    name = run.info().name
    scores = workbench.evaluate(name, tasks=2, split="train", runs=run.path.parent)
    assert scores.split == "train"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"split": "tset"}, "split: 'tset' is not one of .*; did you mean test?"),
        ({"tasks": 0}, "evaluation.tasks: must be at least 2, not 0"),
        ({"set": {"training.seed": 1}}, "only task and evaluation can"),
        ({"device": "tpu"}, "not one of auto, cpu, cuda"),
    ],
)
def test_what_cannot_be_evaluated_is_told(run: RunFolder, given, message) -> None:
    with pytest.raises(WorkbenchError, match=message):
        workbench.evaluate(run.path, **given)


INTERRUPTED_IN = 3
"""The meta-step in which the person interrupts the cell."""


class Interrupted(Maml):
    """Interrupts the cell in the middle of a meta-step, once."""

    kind: Literal["interrupted"] = "interrupted"  # type: ignore[assignment]

    def meta_gradient(self, task, meta, episode, state):
        """Interrupt as the kernel does, by a signal."""
        calls.append(self)
        if len(calls) == 2 * INTERRUPTED_IN:
            signal.raise_signal(signal.SIGINT)
        return super().meta_gradient(task, meta, episode, state)


calls: list[Maml] = []


def test_a_cell_interrupted_within_a_meta_step_loses_none_and_goes_on() -> None:
    calls.clear()
    workbench.register(Interrupted)
    before = signal.getsignal(signal.SIGINT)
    setting = QUICK | {"training.engine": "loop", "training.iterations": 6}
    with pytest.raises(KeyboardInterrupt) as told:
        workbench.train("sinusoid-quick", setting, learner=Interrupted())
    assert signal.getsignal(signal.SIGINT) is before
    (run,) = workbench.runs()
    assert run.info.state == "stopped"
    assert run.info.pid is None
    assert run.info.step == run.trained("latest").step == INTERRUPTED_IN
    further = f"stopped after 3 of 6 meta-steps: go on with train(load({run.info.id!r}"
    assert further in str(told.value)
    assert workbench.train(run).info.state == "completed"
    steps = [e.step for e in run.folder.events() if type(e).__name__ == "StepEvent"]
    assert steps == [1, 2, 3, 4, 5, 6]


def test_an_interrupt_between_two_events_stops_with_a_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from workbench.notebook import training

    class Impatient(training._NoBar):
        """Raises as a kernel does that runs cells in another thread."""

        def show(self, event: object) -> None:
            if getattr(event, "step", 0) == 2:
                raise KeyboardInterrupt

    monkeypatch.setattr(training, "_NoBar", Impatient)
    with pytest.raises(KeyboardInterrupt):
        workbench.train("sinusoid-quick", QUICK, progress=False)
    (run,) = workbench.runs()
    assert (run.info.state, run.info.step) == ("stopped", 2)
    monkeypatch.undo()
    assert workbench.train(run, progress=False).info.step == 4


def test_a_cell_may_run_in_another_thread() -> None:
    done = []
    thread = threading.Thread(
        target=lambda: done.append(
            workbench.train("sinusoid-quick", QUICK, progress=False)
        )
    )
    thread.start()
    thread.join()
    assert done[0].info.state == "completed"


class Failing(Maml):
    """Fails in its second task."""

    kind: Literal["failing"] = "failing"  # type: ignore[assignment]

    def meta_gradient(self, task, meta, episode, state):
        """Fail."""
        raise ValueError("my own mistake")


def test_a_learner_that_fails_leaves_a_run_that_says_so() -> None:
    workbench.register(Failing)
    with pytest.raises((ValueError, TrainingError), match="my own mistake"):
        workbench.train("sinusoid-quick", QUICK, learner=Failing(), progress=False)
    (run,) = workbench.runs()
    assert run.info.state == "failed"
    assert "my own mistake" in run.info.message
