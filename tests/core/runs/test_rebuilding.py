"""A run whose run.json is damaged has it again, as true as the folder can tell."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.made_runs import finish, made, small_config, stop_after
from workbench.core.runs.bundle import bundle
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.index import all_rows
from workbench.core.runs.new_run import new_run
from workbench.core.runs.rebuilding import rebuild, rebuilt_info
from workbench.core.runs.row import read_row
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import TrainingError

TOLD = ("id", "state", "created", "step", "iterations", "best", "test", "device")


def cut_to(length: int) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(file.read_bytes()[:length])


def holed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[60:200] = bytes(140)
    file.write_bytes(content)


def made_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": cut_to(0),
    "cut": cut_to(150),
    "cut near its end": cut_to(-30),
    "no text": lambda file: file.write_bytes(b"\xff\xfe\x00" * 50),
    "deeply nested": lambda file: file.write_text("[" * 200_000),
    "nested in a field": lambda file: file.write_text(' "id": ' + "[" * 200_000),
    "of other kinds": lambda file: file.write_text('{\n "id": 1,\n "step": "x"\n}'),
    "with a hole": holed,
    "a folder": made_a_folder,
}


def told(folder: RunFolder) -> dict[str, object]:
    return folder.info().model_dump(include=set(TOLD))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_anew_from_the_folder(run, damage):
    file, before = run.path / "run.json", told(run)
    seconds = run.info().seconds
    DAMAGES[damage](file)
    with pytest.raises(RunError) as raised:
        run.info()
    assert [each.kind.value for each in raised.value.remedies] == ["repair"]
    assert read_row(run.path).state == "damaged"
    aside = rebuild(run).aside
    assert told(run) == before
    assert run.info().seconds == pytest.approx(seconds, abs=1.0)
    assert read_row(run.path).is_run
    assert own_test(run.path) is not None
    assert (aside is None) == (damage == "missing")
    assert aside is None or aside.name == "run.damaged-1.json"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_stays_in_the_table(run, damage):
    DAMAGES[damage](run.path / "run.json")
    os.utime(run.path, (1.7e9, 1.7e9))  # nobody is making it just now
    (row,) = all_rows(run.path.parent)
    assert (row.folder, row.state) == (run.path.name, "damaged")
    assert "run.json" in row.problem


def test_what_a_person_wrote_is_kept_as_far_as_it_can_be_read(run):
    written = {"name": 'Mine, "again"\n', "notes": "no\ttabs", "tags": ("a", "b")}
    run.update(**written, sweep="s")
    file = run.path / "run.json"
    whole = file.read_bytes()
    rebuilt = 0
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        info = rebuilt_info(run)
        for name, value in written.items():
            if f'"{name}"'.encode() in whole[: max(0, length - 60)]:
                assert getattr(info, name) == value
                rebuilt += 1
    assert rebuilt > 20
    assert info.sweep == "s"


def test_a_cut_number_is_not_taken_for_a_whole_one(run):
    file = run.path / "run.json"
    whole = file.read_bytes()
    at = whole.index(b'"step": 20') + len(b'"step": 2')
    file.write_bytes(whole[:at])
    assert rebuilt_info(run).step == 20


def test_the_name_is_told_by_the_folder_s(tmp_path):
    nameless = new_run(tmp_path, small_config())
    named = new_run(tmp_path, small_config(), name="My own")
    preset = new_run(tmp_path, small_config(), preset="sinusoid-quick")
    for folder, name in (
        (nameless, nameless.info().name),
        (named, "my-own"),
        (preset, preset.info().name),
    ):
        created, preset_name = folder.info().created, folder.info().preset
        (folder.path / "run.json").unlink()
        info = rebuilt_info(folder)
        assert (info.name, info.created, info.preset) == (name, created, preset_name)


def test_flipped_bits_are_not_taken_over_where_the_folder_tells_better(tmp_path):
    folder = new_run(tmp_path, small_config(), preset="sinusoid-quick")
    whole, file = folder.info(), folder.path / "run.json"
    folder.update(notes="mine")
    text = file.read_text().replace(whole.id, f"x{whole.id[1:]}")
    text = text.replace(whole.name, f"{whole.name[:8]}#{whole.name[9:]}")
    text = text.replace(whole.created, f"1{whole.created[1:]}")
    text = text.replace("sinusoid-quick", "sinusoid-qeick")
    file.write_text(text.replace('"state"', "state"))
    assert rebuild(folder).kept == ["notes"]
    info = folder.info()
    assert (info.id, info.name, info.created) == (whole.id, whole.name, whole.created)
    assert (info.preset, info.notes) == (whole.preset, "mine")


def test_a_name_that_a_person_gave_is_kept_and_told_of(tmp_path):
    folder = new_run(tmp_path, small_config(), name="My own")
    for name in ("My own", "my-owl"):  # as it was given at first, or later
        folder.update(name=name)
        file = folder.path / "run.json"
        file.write_text(file.read_text().replace('"state"', "state"))
        assert rebuild(folder).kept == ["name"]
        assert folder.info().name == name


def ended(tmp_path: Path, how: str) -> RunFolder:
    """A run that has come to this state by itself."""
    folder = made(tmp_path)
    if how == "stopped":
        stop_after(folder, 24)
    elif how == "failed":
        wild = {"training__meta_lr": 1e30, "training__optimiser": "sgd"}
        folder = made(tmp_path / "wild", **wild)
        with pytest.raises(TrainingError):
            finish(folder)
    return folder


@pytest.mark.parametrize("how", ["created", "stopped", "failed"])
def test_how_a_run_ended_is_told_by_what_it_left(tmp_path, how):
    folder = ended(tmp_path, how)
    before = folder.info()
    assert before.state == how
    (folder.path / "run.json").write_bytes(b"")
    rebuild(folder)
    after = folder.info()
    assert (after.state, after.message) == (how, before.message)
    assert (after.best, after.test) == (before.best, before.test)
    if how != "failed":  # the step that failed is in the message alone
        assert after.step == before.step


def test_a_run_that_was_left_is_interrupted_and_can_go_on(tmp_path, run):
    log = run.path / "log.txt"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines if "completed" not in line))
    metrics = run.metrics.read_bytes().splitlines(keepends=True)
    run.metrics.write_bytes(b"".join(metrics[:-1]))
    (run.path / "run.json").unlink()
    rebuild(run)
    assert run.info().state == "interrupted"
    finish(run)
    assert run.info().state == "completed"


def test_a_model_that_was_sent_is_a_completed_run_again(run, tmp_path):
    model = RunFolder(bundle(run, tmp_path / "model"))
    before = told(model)
    (model.path / "run.json").write_bytes(b"{")
    rebuild(model)
    after = told(model)
    assert (after["state"], after["best"]) == ("completed", before["best"])
    assert after["test"] == before["test"]


def test_without_a_configuration_as_much_is_told_as_can_be(run):
    (run.path / "config.toml").write_text("task = 5")
    (run.path / "run.json").write_text("")
    rebuild(run)
    assert (run.info().state, run.info().step) == ("completed", 20)


def test_what_could_not_be_written_again_is_not_taken_over(run):
    file = run.path / "run.json"
    deep = '{"a":' * 198 + "1" + "}" * 198
    text = file.read_text().replace('"versions": {', f'"versions": {deep}, "x": {{', 1)
    remedy = f'"remedies": [{{"kind": "set", "changes": {deep}}}]'
    text = text.replace('"remedies": []', remedy).replace('"state"', "state")
    file.write_text(text)
    rebuild(run)
    assert run.info().remedies == ()
    assert read_row(run.path).is_run
