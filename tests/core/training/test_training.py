"""Training: its events, its record, and that nothing is lost by interrupting it."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys

import pytest
import torch

from tests.made_members import learners
from tests.made_runs import finish, made, small_config, stop_after, timeless, trained
from workbench.core.base.errors import MAKE_ROOM, OTHER_RUNS, RemedyKind
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.params import leaves
from workbench.core.runs.bundle import bundle
from workbench.core.runs.checkpoint import load_checkpoint, save_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.events import (
    AlertEvent,
    CheckpointEvent,
    EndEvent,
    EvaluationEvent,
    HistogramEvent,
    Outcome,
    StepEvent,
)
from workbench.core.runs.store import RunFolder
from workbench.core.training.outer_loop import OuterLoop
from workbench.core.training.smaller import smaller_evaluation
from workbench.core.training.training import OutOfMemory, TrainingError, train

ALGORITHMS = learners("regression")


def weights(folder: RunFolder) -> list[torch.Tensor]:
    checkpoint = load_checkpoint(folder.checkpoint("latest"))
    return leaves(checkpoint.meta) + leaves(checkpoint.state)


def assert_same_run(one: RunFolder, other: RunFolder) -> None:
    assert timeless(one) == timeless(other)
    assert all(map(torch.equal, weights(one), weights(other)))
    assert figures(one) == figures(other)


def figures(folder: RunFolder) -> object:
    test = own_test(folder.path)
    return None if test is None else (test.by_step, test.task_scores, test.meta_step)


def test_a_run_yields_what_it_writes_and_its_test_is_a_file_of_its_own(tmp_path):
    folder = made(tmp_path)
    events = finish(folder)
    (test,) = (e for e in events if getattr(e, "split", "") == "test")
    assert [e for e in events if e is not test] == list(folder.events())
    kept = own_test(folder.path)
    assert (kept.by_step, kept.meta_step) == (test.by_step, test.step)


def test_a_run_reports_every_step_once_and_ends_completed(tmp_path):
    events = list(trained(tmp_path).events())
    steps = [event.step for event in events if isinstance(event, StepEvent)]
    assert steps == list(range(1, 21))
    assert events[-1] == EndEvent(20, Outcome.COMPLETED)


def test_validations_and_checkpoints_come_when_they_are_due(tmp_path):
    folder = trained(tmp_path)
    validations = [
        event.step
        for event in folder.events()
        if isinstance(event, EvaluationEvent) and event.split == "validation"
    ]
    saved = [e.step for e in folder.events() if isinstance(e, CheckpointEvent)]
    assert validations == [0, 4, 8, 12, 16, 20]
    assert 5 in saved
    assert saved[-1] == 20


def test_the_test_figure_is_of_the_best_checkpoint_and_is_noted(tmp_path):
    folder = trained(tmp_path)
    test = own_test(folder.path)
    best = [e for e in folder.events() if isinstance(e, EvaluationEvent) and e.best][-1]
    info = folder.info()
    assert (test.split, test.meta_step) == ("test", best.step)
    assert info.test == test.id
    assert info.best == best.by_step[-1].robust
    assert info.state == "completed"


def test_the_adaptation_curve_goes_beyond_trainings_steps(tmp_path):
    folder = trained(tmp_path, evaluation__steps=7)
    event = next(e for e in folder.events() if isinstance(e, EvaluationEvent))
    assert [score.step for score in event.by_step] == list(range(8))
    assert event.trained_steps == 1


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_stopped_and_resumed_run_is_the_run_never_stopped(tmp_path, algorithm):
    kind = {"algorithm__kind": algorithm, "training__schedule": "linear"}
    whole = trained(tmp_path / "whole", **kind)
    broken = made(tmp_path / "broken", **kind)
    stop_after(broken, 3)
    assert broken.info().state == "stopped"
    stop_after(broken, 6)
    finish(broken)
    assert_same_run(whole, broken)


@pytest.mark.parametrize("count", range(1, 14))
def test_stopping_at_any_event_loses_nothing(tmp_path, count):
    small = {"training__iterations": 8, "training__checkpoint_every": 3}
    whole = trained(tmp_path / "whole", **small)
    broken = made(tmp_path / "broken", **small)
    stop_after(broken, count)
    finish(broken)
    assert_same_run(whole, broken)


def test_a_test_that_does_not_fit_into_memory_says_what_to_do(tmp_path, monkeypatch):
    folder = made(tmp_path)
    evaluate = OuterLoop.evaluate

    def planted(loop, split, *arguments, **options):
        if split == "test":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return evaluate(loop, split, *arguments, **options)

    monkeypatch.setattr(OuterLoop, "evaluate", planted)
    with pytest.raises(OutOfMemory, match="the test: out of memory on CPU"):
        finish(folder)
    assert folder.info().remedies == smaller_evaluation(folder.config())


def test_a_run_stopped_while_its_data_are_made_can_be_resumed(tmp_path):
    folder = RunFolder.create(tmp_path, glyph_config())
    asked = iter([False, False])
    events = list(train(folder, data=tmp_path, is_stopping=lambda: next(asked, True)))
    assert events == [EndEvent(0, Outcome.STOPPED)]
    assert folder.info().state == "stopped"
    assert not list(folder.checkpoints.glob("*"))
    assert list(train(folder, data=tmp_path))[-1] == EndEvent(1, Outcome.COMPLETED)


def test_a_run_left_by_an_error_of_its_reader_is_stopped_at_exit(tmp_path):
    folder = made(tmp_path, training__iterations=100_000)
    script = (
        "import sys, pathlib\n"
        "from workbench.core.runs.store import RunFolder\n"
        "from workbench.core.training.training import train\n"
        "run = RunFolder(pathlib.Path(sys.argv[1]))\n"
        "for number, event in enumerate(train(run, data=run.path)):\n"
        "    if number == 9: raise ValueError('of the reader')\n"
    )
    left = subprocess.run(
        [sys.executable, "-c", script, str(folder.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert left.stderr.strip().endswith("ValueError: of the reader")
    assert folder.info().state == "stopped"
    assert load_checkpoint(folder.checkpoint()).facts["step"] == folder.info().step > 0


def test_a_run_stopped_before_its_first_step_keeps_a_checkpoint(tmp_path):
    folder = made(tmp_path)
    events = list(train(folder, data=tmp_path, is_stopping=lambda: True))
    assert events == [EndEvent(0, Outcome.STOPPED)]
    assert folder.checkpoint("latest").is_file()
    finish(folder)
    assert_same_run(trained(tmp_path / "whole"), folder)


def glyph_config() -> RunConfig:
    return RunConfig.from_dict(
        {
            "task": {
                "kind": "glyphs",
                "alphabets": 3,
                "characters": 3,
                "drawers": 3,
                "ways": 2,
                "queries": 1,
            },
            "model": {"kind": "conv4", "filters": 2},
            "algorithm": {"kind": "fomaml"},
            "training": {"iterations": 1, "meta_batch": 2, "engine": "loop"},
            "evaluation": {"validation_tasks": 2, "tasks": 2, "steps": 1},
        }
    )


def test_a_killed_run_resumes_bit_identical(tmp_path):
    whole = trained(tmp_path / "whole", training__iterations=100)
    broken = made(tmp_path / "broken", training__iterations=100)
    command = [sys.executable, "main.py", "train", "--resume", str(broken.path)]
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            record = json.loads(line)
            if record["event"] == "step" and record["step"] >= 37:
                os.kill(process.pid, signal.SIGKILL)
                break
    assert broken.info().state == "interrupted"
    with broken.metrics.open("ab") as file:
        file.write(b'{"event": "step", "st')
    finish(broken)
    assert_same_run(whole, broken)


def test_a_run_can_be_trained_further(tmp_path):
    folder = trained(tmp_path)
    folder.replace_config(small_config(training__iterations=30))
    finish(folder)
    steps = [e.step for e in folder.events() if isinstance(e, StepEvent)]
    assert steps == list(range(1, 31))
    assert folder.info().iterations == 30


def test_a_run_trained_further_has_no_test_figure_until_it_is_tested_again(tmp_path):
    folder = trained(tmp_path)
    assert folder.info().test is not None
    folder.replace_config(small_config(training__iterations=30))
    events = iter(train(folder, data=tmp_path))
    next(events)
    assert folder.info().test is None
    list(events)
    assert folder.info().test is not None


def test_a_completed_run_says_how_to_train_it_further(tmp_path):
    folder = trained(tmp_path)
    with pytest.raises(RunError, match=r"raise training.iterations"):
        finish(folder)
    assert folder.info().state == "completed"


def test_a_run_is_not_trained_twice_at_once(tmp_path):
    folder = made(tmp_path)
    first = train(folder, data=tmp_path, device="cpu")
    next(first)
    with pytest.raises(RunError, match=r"is being trained already"):
        next(train(folder, data=tmp_path, device="cpu"))
    first.close()


def test_a_model_without_its_checkpoint_is_not_trained_over(tmp_path):
    model = RunFolder(bundle(trained(tmp_path), tmp_path / "model"))
    before = model.checkpoint("best").read_bytes()
    more = model.config().replace({"training.iterations": 100})
    with pytest.raises(RunError, match=r"no checkpoint to go on from"):
        model.replace_config(more)
    assert model.config() != more
    (model.path / "config.toml").write_text(more.to_toml())
    with pytest.raises(RunError, match=r"no checkpoint to go on from"):
        finish(model)
    assert model.checkpoint("best").read_bytes() == before
    assert own_test(model.path) is not None


def test_a_run_that_diverges_names_the_step_and_keeps_the_episodes(tmp_path):
    folder = made(tmp_path, training__optimiser="sgd", training__meta_lr=1e30)
    with pytest.raises(TrainingError, match=r"meta-step 2: .*not finite"):
        finish(folder)
    info = folder.info()
    assert info.state == "failed"
    assert "meta-step 2" in info.message
    assert (folder.path / "offending-episodes-step-2.safetensors").is_file()
    assert [e.step for e in folder.events() if isinstance(e, StepEvent)] == [1]


def test_what_gets_no_gradient_is_reported_once_by_name_and_left_alone(
    tmp_path, monkeypatch
):
    from workbench.models.mlp import Mlp

    start = Mlp.start

    def with_spare(self, input_shape, outputs, generator):
        return start(self, input_shape, outputs, generator) | {"spare": torch.ones(3)}

    monkeypatch.setattr(Mlp, "start", with_spare)
    folder = made(tmp_path)
    stop_after(folder, 1)
    finish(folder)
    alerts = [e.message for e in folder.events() if isinstance(e, AlertEvent)]
    assert alerts == ["spare gets no inner gradient and is left alone"]
    meta = load_checkpoint(folder.checkpoint("latest")).meta
    assert torch.equal(meta["spare"], torch.ones(3))


def test_meta_sgd_reports_the_distribution_of_its_rates(tmp_path):
    folder = trained(tmp_path, algorithm__kind="meta-sgd")
    last = [e for e in folder.events() if isinstance(e, HistogramEvent)][-1]
    assert last.title == "Learned rates"
    assert sum(last.counts["hidden1.weight"]) == 8


def test_imaml_reports_its_residual_and_reptile_its_distance(tmp_path):
    for kind, figure in (("imaml", "cg_residual"), ("reptile", "distance")):
        folder = trained(tmp_path / kind, algorithm__kind=kind)
        event = next(e for e in folder.events() if isinstance(e, StepEvent))
        assert event.extras[figure] > 0


def test_a_file_in_the_place_of_the_folder_gets_a_clear_message(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(RunError, match=r"cannot write .*Not a directory") as raised:
        made(blocked / "runs")
    move_away, elsewhere = raised.value.remedies
    assert (move_away.kind, move_away.subject) == (RemedyKind.MOVE_AWAY, str(blocked))
    assert elsewhere == OTHER_RUNS


@pytest.fixture
def room_for():
    """Let files grow to so many bytes and no further, as a full disk does."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_stops_the_run_and_leaves_the_checkpoint_whole(tmp_path, room_for):
    many = {"training__iterations": 60, "training__checkpoint_every": 100}
    folder = made(tmp_path, **many)
    stop_after(folder, 12)
    before = weights(folder)
    room_for(folder.metrics.stat().st_size + 2000)
    with pytest.raises(TrainingError, match=r"cannot write .*is whole") as raised:
        finish(folder)
    room_for(2**30)
    assert raised.value.remedies == (MAKE_ROOM,)
    assert all(map(torch.equal, before, weights(folder)))
    assert folder.info().state == "failed"
    whole = trained(tmp_path / "whole", **many)
    finish(folder)
    assert_same_run(whole, folder)


def test_a_power_cut_that_lost_metrics_is_noticed(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 12)
    folder.metrics.write_bytes(folder.metrics.read_bytes()[:300])
    with pytest.raises(RunError, match=r"has 300 bytes.*a part was lost"):
        finish(folder)
    assert folder.metrics.stat().st_size == 300


def test_a_stop_is_honoured_during_an_evaluation(tmp_path):
    folder = made(tmp_path, evaluation__validation_tasks=10_000)
    asked = []

    def is_stopping() -> bool:
        asked.append(True)
        return len(asked) > 3

    events = list(train(folder, data=tmp_path, device="cpu", is_stopping=is_stopping))
    assert events[-1] == EndEvent(0, Outcome.STOPPED)
    assert folder.info().state == "stopped"
    assert len(asked) == 4


def test_stopping_in_an_evaluation_loses_nothing(tmp_path):
    whole = trained(tmp_path / "whole")
    broken = made(tmp_path / "broken")
    for patience in (1, 4, 5, 7, 9, 10, 11):
        asked = iter(range(patience))
        list(
            train(
                broken,
                data=tmp_path,
                device="cpu",
                is_stopping=lambda asked=asked: next(asked, None) is None,
            )
        )
    finish(broken)
    assert_same_run(whole, broken)


def test_a_validation_that_is_not_finite_is_never_the_best_for_long(tmp_path):
    folder = made(
        tmp_path,
        algorithm__inner_lr=0.3,
        evaluation__steps=200,
        training__iterations=4,
        training__meta_lr=1e-9,
    )
    finish(folder)
    events = list(folder.events())
    alerts = [e.message for e in events if isinstance(e, AlertEvent)]
    assert "the inner loop diverges" in alerts[0]
    assert folder.info().best is None
    first = next(e for e in events if isinstance(e, EvaluationEvent))
    assert not math.isfinite(first.by_step[-1].loss)
    for line in folder.metrics.read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)


def test_a_run_is_not_resumed_on_other_classes(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 12)
    path = folder.checkpoint("latest")
    checkpoint = load_checkpoint(path)
    save_checkpoint(
        path, checkpoint._replace(facts=checkpoint.facts | {"split_hash": "other"})
    )
    with pytest.raises(RunError, match=r"trained on other classes"):
        finish(folder)


def test_a_checkpoint_with_numbers_of_some_leaves_alone_is_refused(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 12)
    path = folder.checkpoint("latest")
    checkpoint = load_checkpoint(path)
    first = {"0": checkpoint.optimiser["0"]}
    save_checkpoint(path, checkpoint._replace(optimiser=first))
    with pytest.raises(RunError, match=r"of another model or learner"):
        finish(folder)


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 12)
    folder.replace_config(small_config(model__hidden=[9]))
    with pytest.raises(RunError, match=r"of another model or learner"):
        finish(folder)
