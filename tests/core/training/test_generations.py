"""A damaged checkpoint costs some steps; what was lost is never tested."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
from pathlib import Path

import pytest
import torch

from tests.made_runs import finish, made, stop_after, timeless, trained
from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.learning.params import named_leaves
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import list_evaluations, own_test
from workbench.core.runs.events import (
    AlertEvent,
    CheckpointEvent,
    EndEvent,
    EvaluationEvent,
    Event,
    Outcome,
)
from workbench.core.runs.store import RunFolder
from workbench.core.training.record import Record
from workbench.core.training.training import TrainingError, train


def flip(file: Path, bit: int) -> None:
    content = bytearray(file.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)


def damage(folder: RunFolder, *names: str) -> None:
    """Change a bit of the last number of each of these checkpoints."""
    for name in names:
        file = folder.checkpoint(name)
        flip(file, 8 * file.stat().st_size - 2)


def numbers(folder: RunFolder) -> dict[str, torch.Tensor]:
    return dict(named_leaves(load_checkpoint(folder.checkpoint()).meta))


def killed_after(event: Event, runs: Path, **overrides: object) -> RunFolder:
    """A run as the disk has it where the process is gone after an event."""
    folder = made(runs / "alive", **overrides)
    events = train(folder, data=runs)
    assert event in events
    copy = shutil.copytree(folder.path, runs / "killed" / folder.path.name)
    events.close()
    return RunFolder(copy)


def alerts(folder: RunFolder) -> list[str]:
    return [e.message for e in folder.events() if isinstance(e, AlertEvent)]


def test_no_flipped_bit_changes_what_a_checkpoint_says(run, tmp_path):
    whole = run.checkpoint("best")
    expected = load_checkpoint(whole)
    draws = random.Random(0)
    for _ in range(100):
        copy = Path(shutil.copy(whole, tmp_path / "copy.safetensors"))
        flip(copy, draws.randrange(8 * copy.stat().st_size))
        with contextlib.suppress(RunError):
            found = load_checkpoint(copy)
            # The bit is in a part of the header that says nothing of the run.
            assert found.facts == expected.facts
            for (name, leaf), (other, kept) in zip(
                named_leaves(found.meta), named_leaves(expected.meta), strict=True
            ):
                assert name == other
                assert torch.equal(leaf, kept)


@pytest.mark.parametrize(
    "damaged", [["latest"], ["latest", "latest-before"]], ids=["latest", "both"]
)
def test_a_run_goes_on_from_the_newest_whole_checkpoint(tmp_path, damaged):
    whole = trained(tmp_path / "whole")
    broken = made(tmp_path / "broken")
    stop_after(broken, 24)
    damage(broken, *damaged)
    finish(broken)
    said = alerts(broken)
    assert "latest.safetensors" in said[0]
    assert "goes on from meta-step" in said[-1]
    log = (broken.path / "log.txt").read_text(encoding="utf-8")
    assert all(text in log for text in said)
    mine = [e for e in timeless(broken) if not isinstance(e, AlertEvent)]
    assert mine == timeless(whole)
    for name, leaf in numbers(whole).items():
        assert torch.equal(leaf, numbers(broken)[name])


def test_a_run_without_a_whole_checkpoint_says_so_and_is_left_alone(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 24)
    names = [file.stem for file in folder.checkpoints.glob("*.safetensors")]
    damage(folder, *names)
    before = {file: file.read_bytes() for file in folder.checkpoints.iterdir()}
    with pytest.raises(RunError, match="Train its configuration anew"):
        finish(folder)
    assert before == {f: f.read_bytes() for f in folder.checkpoints.iterdir()}


def test_a_best_of_steps_that_were_lost_is_not_tested(tmp_path):
    often = {"training__iterations": 30, "training__checkpoint_every": 8}
    every = {"evaluation__every": 2, **often}
    seen = list(train(made(tmp_path / "whole", **every), data=tmp_path))
    lost = [
        event
        for event in seen
        if isinstance(event, EvaluationEvent) and event.best and event.step % 8
    ]
    assert lost, "the best comes only with checkpoints: nothing is tested here"
    for event in lost:
        folder = killed_after(event, tmp_path / str(event.step), **every)
        latest = load_checkpoint(folder.checkpoint()).facts["step"]
        assert load_checkpoint(folder.checkpoint("best")).facts["step"] == event.step
        fewer = folder.config().replace({"training.iterations": latest + 1})
        folder.replace_config(fewer)
        finish(folder)
        test = own_test(folder.path)
        assert test is not None
        assert test.meta_step <= latest + 1
        best = [e for e in folder.events() if isinstance(e, EvaluationEvent) and e.best]
        assert test.meta_step == best[-1].step


def test_a_run_killed_after_its_test_keeps_one_test(tmp_path):
    seen = list(train(made(tmp_path / "whole"), data=tmp_path))
    test = next(e for e in seen if isinstance(e, EvaluationEvent) and e.split == "test")
    folder = killed_after(test, tmp_path)
    assert len(list_evaluations(folder.path)) == 1
    finish(folder)
    assert len(list_evaluations(folder.path)) == 1
    assert own_test(folder.path) == list_evaluations(folder.path)[0]


def test_every_checkpoint_keeps_the_one_before(tmp_path):
    folder = made(tmp_path)
    events = train(folder, data=tmp_path)
    steps = [event.step for event in events if isinstance(event, CheckpointEvent)]
    before = load_checkpoint(folder.checkpoint("latest-before"))
    assert before.facts["step"] == steps[-2]


@pytest.mark.parametrize("name", ["latest", "latest-before"])
def test_a_folder_in_a_checkpoint_s_place_is_named_and_to_be_moved(tmp_path, name):
    folder = made(tmp_path)
    taken = folder.checkpoints / f"{name}.safetensors"
    taken.mkdir()
    with pytest.raises(TrainingError, match="a folder is in its place") as raised:
        finish(folder)
    assert str(taken) in str(raised.value)
    remedy = Remedy(kind=RemedyKind.MOVE_AWAY, subject=str(taken))
    assert raised.value.remedies == (remedy,)
    assert folder.info().remedies == (remedy,)
    taken.rmdir()
    finish(folder)
    assert folder.info().state == "completed"


def test_a_folder_in_the_place_of_the_checkpoint_to_go_on_from_is_named(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 24)
    taken = folder.checkpoint()
    taken.unlink()
    taken.mkdir()
    with pytest.raises(TrainingError, match="a folder is in its place"):
        finish(folder)


def test_training_on_sweeps_up_what_a_killed_process_left(tmp_path):
    folder = made(tmp_path)
    stop_after(folder, 24)
    for place in (folder.path, folder.checkpoints, folder.path / "evaluations"):
        place.mkdir(exist_ok=True)
        part = place / ".what.77.part"
        part.write_bytes(b"half")
        os.utime(part, (1.7e9, 1.7e9))
    finish(folder)
    assert list(folder.path.rglob(".*.part")) == []


def test_the_end_is_written_before_the_run_is_called_completed(tmp_path, monkeypatch):
    end, last = Record.end, []

    def looking(record, state, step, **facts):
        last.append((state, list(record.folder.events())[-1]))
        end(record, state, step, **facts)

    monkeypatch.setattr(Record, "end", looking)
    finish(made(tmp_path))
    assert last == [("completed", EndEvent(20, Outcome.COMPLETED))]
