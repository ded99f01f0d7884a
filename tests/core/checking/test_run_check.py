"""Everything that can be wrong with a run's folder is found, named and repaired."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.core.training.test_generations import damage
from tests.made_runs import finish, made, stop_after, timeless
from workbench.core.base.file_lock import file_lock
from workbench.core.checking.finding import (
    Checked,
    Finding,
    Subject,
    check,
    what_they_are,
)
from workbench.core.checking.run_check import find_folder, run_subject
from workbench.core.runs.bundle import bundle
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.search import NoSuchRun
from workbench.core.runs.store import RunFolder


def looked(folder: RunFolder) -> Checked:
    return check(run_subject(folder))


def repaired(folder: RunFolder) -> Checked:
    return check(run_subject(folder), repair=True)


def contents(folder: RunFolder) -> dict[str, bytes]:
    files = (path for path in folder.path.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}


@pytest.fixture
def stopped(tmp_path: Path) -> RunFolder:
    folder = made(tmp_path / "runs")
    stop_after(folder, 24)
    return folder


def test_what_was_checked_is_named_and_counted_where_there_are_many(tmp_path):
    runs, sets = (
        [Subject(str(n), tmp_path, lambda _cancel: [], sort=sort) for n in range(count)]
        for sort, count in (("run", 2), ("data set", 1))
    )
    queue = Subject("queue", tmp_path, lambda _cancel: [])
    assert what_they_are([*runs, queue, *sets]) == "2 runs, the queue and 1 data set"
    assert what_they_are([queue]) == "The queue"
    assert what_they_are(runs) == "2 runs"


def test_a_whole_run_is_all_well_and_left_as_it_is(run, stopped, tmp_path):
    killed = RunFolder(shutil.copytree(run.path, tmp_path / "killed"))
    killed.update(state="running", pid=2**22 + 1, host="here")
    for folder in (run, stopped, killed, made(tmp_path)):
        before = contents(folder)
        assert looked(folder).findings == ()
        assert contents(folder) == before
    assert looked(RunFolder(bundle(run, tmp_path / "model"))).findings == ()


def test_checking_changes_nothing_where_much_is_wrong(stopped):
    damage(stopped, "latest", "best")
    (stopped.path / "run.json").write_bytes(b"{")
    before = contents(stopped)
    assert len(looked(stopped).findings) == 3
    assert contents(stopped) == before


def test_a_damaged_latest_checkpoint_falls_back_to_the_one_before(stopped):
    before = load_checkpoint(stopped.checkpoint("latest-before")).facts
    damage(stopped, "latest")
    (finding,) = looked(stopped).findings
    assert finding.file == stopped.checkpoint()
    assert "its digest differs" in finding.wrong
    assert "latest-before.safetensors (meta-step" in finding.remedy
    done = repaired(stopped)
    assert (done.findings, len(done.done)) == ((), 2)
    assert load_checkpoint(stopped.checkpoint()).facts == before
    info = stopped.info()
    assert (info.state, info.step) == ("interrupted", before["step"])
    assert (stopped.checkpoints / "latest.damaged-1.safetensors").is_file()
    finish(stopped)
    assert stopped.info().state == "completed"


def test_a_folder_in_a_checkpoint_s_place_is_put_aside(stopped):
    taken = stopped.checkpoint()
    taken.unlink()
    taken.mkdir()
    (finding,) = looked(stopped).findings
    assert (finding.file, finding.wrong) == (taken, "it is a folder")
    assert repaired(stopped).findings == ()
    assert taken.is_file()
    assert (stopped.checkpoints / "latest.damaged-1.safetensors").is_dir()


def test_where_no_checkpoint_is_whole_nothing_is_touched(stopped):
    names = [file.stem for file in stopped.checkpoints.glob("*.safetensors")]
    damage(stopped, *names)
    before = contents(stopped)
    done = repaired(stopped)
    assert any("train its configuration anew" in each.remedy for each in done.findings)
    assert contents(stopped)["latest.safetensors"] == before["latest.safetensors"]


@pytest.fixture
def fallen_back(tmp_path: Path) -> RunFolder:
    """A completed run whose latest is damaged: its best is of later than the other."""
    often = {"evaluation__every": 2, "training__checkpoint_every": 8}
    folder = made(tmp_path / "completed", **often)
    finish(folder)
    damage(folder, "latest")
    best, before = (
        load_checkpoint(folder.checkpoint(which)).facts["step"]
        for which in ("best", "latest-before")
    )
    assert best > before
    return folder


def test_a_whole_best_of_later_than_the_latest_is_left_alone(fallen_back):
    best = fallen_back.checkpoint("best").read_bytes()
    named = {each.file for each in looked(fallen_back).findings}
    assert named == {fallen_back.checkpoint()}
    assert repaired(fallen_back).findings == looked(fallen_back).findings == ()
    assert fallen_back.checkpoint("best").read_bytes() == best
    assert not list(fallen_back.checkpoints.glob("best.damaged*"))


@pytest.mark.parametrize("is_read", [True, False], ids=["whole", "damaged"])
def test_a_completed_run_that_fell_back_can_go_on_to_its_end(fallen_back, is_read):
    whole, events = fallen_back.info(), timeless(fallen_back)
    if not is_read:
        file = fallen_back.path / "run.json"
        file.write_bytes(file.read_bytes().replace(b",", b"<", 1))
    latest = load_checkpoint(fallen_back.checkpoint("latest-before")).facts
    done = repaired(fallen_back)
    assert done.findings == ()
    step = latest["step"]
    now = " now" if is_read else ""
    again = f": resuming makes {step + 1} to 20 again"
    assert f"interrupted at meta-step {step}{now}{again}" in done.done[-1]
    info = fallen_back.info()
    assert (info.state, info.step, info.test) == ("interrupted", step, None)
    assert (info.best, info.seconds) == (latest["best"], latest["seconds"])
    finish(fallen_back)
    assert timeless(fallen_back) == events
    after = fallen_back.info()
    assert (after.state, after.step, after.best) == ("completed", 20, whole.best)
    assert after.test is not None
    assert looked(fallen_back).findings == ()


def test_a_completed_run_without_a_checkpoint_is_told_of(run):
    shutil.rmtree(run.checkpoints)
    (finding,) = looked(run).findings
    assert "completed, and there is no checkpoint" in finding.wrong
    assert finding.mend is None


def test_bad_lines_are_blanked_and_kept_aside(stopped):
    events, whole = timeless(stopped), stopped.metrics.read_bytes()
    lines = whole.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if b'"step", "step": 3' in line)
    lines[at] = b"x" * (len(lines[at]) - 1) + b"\n"
    stopped.metrics.write_bytes(b"".join(lines))
    (finding,) = looked(stopped).findings
    assert finding.file == stopped.metrics
    assert f"line {at + 1} is no event ('xxxx" in finding.wrong
    assert repaired(stopped).findings == ()
    assert stopped.metrics.stat().st_size == len(whole)
    assert "meta-step 3 is missing in it" in (stopped.path / "log.txt").read_text()
    assert len(timeless(stopped)) == len(events) - 1
    aside = stopped.path / "metrics.damaged-1.jsonl"
    assert aside.read_bytes() == b"".join(lines)
    finish(stopped)
    assert stopped.info().state == "completed"


def test_a_cut_last_line_is_taken_off(run):
    whole = run.metrics.read_bytes()
    run.metrics.write_bytes(whole + b'{"event": "st')
    (finding,) = looked(run).findings
    assert "cut after 13 bytes" in finding.wrong
    assert repaired(run).findings == ()
    assert run.metrics.read_bytes() == whole


@pytest.mark.parametrize("share", [0, 0.5])
def test_events_lost_before_the_checkpoint_hinder_training_no_more(stopped, share):
    whole = stopped.metrics.read_bytes()
    if share:
        stopped.metrics.write_bytes(whole[: int(share * len(whole))])
    else:
        stopped.metrics.unlink()
    found = looked(stopped).findings
    assert any("its end was lost" in each.wrong for each in found)
    assert repaired(stopped).findings == ()
    finish(stopped)
    assert stopped.info().state == "completed"
    assert looked(stopped).findings == ()


def test_steps_that_are_missing_are_told_of_and_left_as_they_are(run):
    lines = run.metrics.read_bytes().splitlines(keepends=True)
    taken = [line for line in lines if b'"step", "step": 7,' in line]
    run.metrics.write_bytes(b"".join(x for x in lines if x not in taken) + b" " * 0)
    length = len(b"".join(lines))
    text = run.metrics.read_bytes()
    run.metrics.write_bytes(text + b" " * (length - len(text) - 1) + b"\n")
    (finding,) = looked(run).findings
    assert finding.wrong.startswith("before line ")
    assert finding.wrong.endswith(" meta-step 7 is missing")
    assert repaired(run).findings == (finding,)


def test_a_damaged_run_json_is_made_anew_after_all_else(stopped):
    damage(stopped, "latest")
    (stopped.path / "run.json").write_bytes(b"")
    found = looked(stopped).findings
    assert [each.file.name for each in found] == ["latest.safetensors", "run.json"]
    done = repaired(stopped)
    assert (done.findings, len(done.done)) == ((), 2)
    info, latest = stopped.info(), load_checkpoint(stopped.checkpoint()).facts
    assert (info.state, info.step) == ("interrupted", latest["step"])


def test_run_json_contradicting_its_folder_is_put_right(run):
    test, whole = run.info().test, run.info()
    run.update(iterations=7, test="gone")
    assert [each.wrong for each in looked(run).findings] == [
        "iterations is 7, and 20 in config.toml",
        "test is gone, which is not there",
    ]
    assert repaired(run).findings == ()
    assert run.info() == whole
    assert run.info().test == test


def test_an_id_is_that_of_the_folder_unless_a_person_renamed_it(run, tmp_path):
    own = run.info().id
    for other in (f"{own[:-6]}0a1b2c", f"{own[:4]}x{own[5:]}"):
        run.update(id=other)
        (finding,) = looked(run).findings
        assert finding.wrong == f"id is {other}, and {own} in the folder's name"
        assert repaired(run).findings == ()
        assert run.info().id == own
    for name in ("mine", f"mine-{own}"):
        renamed = RunFolder(shutil.copytree(run.path, tmp_path / name))
        assert looked(renamed).findings == ()
    run.update(id="mine", notes="of mine")
    assert looked(run).findings == ()
    file = run.path / "run.json"
    file.write_text(file.read_text().replace('"state"', "state"))
    _, _, taken = repaired(run).done[-1].partition("taken over from it unverified: ")
    assert "name, notes" in taken


def test_figures_are_those_of_the_weights_that_are_there(run):
    whole = run.info()
    (file,) = (run.path / "evaluations").glob("*.json")
    other = json.loads(file.read_text()) | {"meta_step": 3}
    file.with_name("other.json").write_text(json.dumps(other))
    run.update(best=0.125, test="other")
    assert [each.wrong for each in looked(run).findings] == [
        f"best is 0.125, and {whole.best} in the best checkpoint",
        "test is other, which is no test of the best checkpoint",
    ]
    assert repaired(run).findings == ()
    assert run.info() == whole


def test_a_value_that_cannot_be_shown_is_replaced(run):
    record = json.loads((run.path / "run.json").read_text())
    text = json.dumps({**record, "step": 10**30}, indent=1)
    (run.path / "run.json").write_text(text)
    assert [each.file.name for each in looked(run).findings] == ["run.json"]
    assert repaired(run).findings == ()
    assert run.info().step == 20


def test_a_damaged_evaluation_is_put_aside(run):
    (file,) = (run.path / "evaluations").iterdir()
    file.write_text("{")
    assert next(each.file for each in looked(run).findings) == file
    assert repaired(run).findings == ()
    assert run.info().test is None or run.info().test == file.stem


def test_leftovers_of_killed_processes_are_removed(run):
    part = run.checkpoints / ".latest.safetensors.77.part"
    part.write_bytes(b"half")
    os.utime(part, (1.7e9, 1.7e9))
    (finding,) = looked(run).findings
    assert finding.file == part
    assert repaired(run).done == (f"{part.name} is removed",)
    assert not part.exists()


def test_a_run_that_is_trained_is_left_alone(stopped):
    damage(stopped, "latest")
    with file_lock(stopped.path / "lock"):
        found = repaired(stopped)
    assert found.findings == found.done == ()
    assert "it is being trained, and left alone" in found.note
    stopped.update(state="running", pid=os.getpid(), host=os.uname().nodename)
    assert f"by process {os.getpid()}" in looked(stopped).note


def test_what_cannot_be_repaired_says_why(run):
    (run.path / "run.json").write_bytes(b"")
    (run.path / ".run.json.lock").unlink(missing_ok=True)
    (run.path / ".run.json.lock").mkdir()
    (finding,) = repaired(run).findings
    assert finding.file == run.path / "run.json"
    assert "could not be repaired: cannot lock" in finding.remedy


def test_a_run_that_cannot_be_locked_is_told_of_and_left_as_it_is(stopped):
    damage(stopped, "latest")
    (stopped.path / "lock").unlink(missing_ok=True)
    (stopped.path / "lock").mkdir()
    (finding,) = repaired(stopped).findings
    assert finding.file == stopped.path
    assert "cannot lock" in finding.wrong


def test_what_repairing_does_not_help_is_not_repaired_again(tmp_path):
    file, tries = tmp_path / "file", []
    wrong = Finding(file, "it is wrong", "try it", lambda: f"try {tries.append(1)}")
    found = check(Subject("it", tmp_path, lambda _cancel: [wrong]), repair=True)
    assert tries == [1]
    assert [each.text for each in found.findings] == [
        "it is wrong; repairing it did not help"
    ]


def test_a_run_that_cannot_be_read_is_found_by_its_folder(run):
    runs = run.path.parent
    (run.path / "run.json").unlink()
    assert find_folder(run.path.name, runs).path == run.path
    assert find_folder(str(run.path), Path("gone")).path == run.path
    with pytest.raises(NoSuchRun):
        find_folder("another", runs)
