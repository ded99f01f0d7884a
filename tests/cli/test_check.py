"""``check`` names every fault in a line, and repairs what it may."""

from __future__ import annotations

import json
import os
import shutil
import sys

import pytest

from workbench.cli import entry_point
from workbench.core.runs.store import RunFolder

posix_only = pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode")


def checked(run: RunFolder, *words: str) -> int:
    return entry_point(["check", *words, "--runs", str(run.path.parent)])


def test_a_run_that_is_all_well_ends_with_0(run, capsys):
    assert checked(run, run.path.name) == 0
    assert capsys.readouterr().out == "1 run checked: all well\n"
    assert checked(run, "--all", "--data", str(run.path)) == 0
    what = "1 run, the folder of runs, the queue and the index of the runs"
    assert capsys.readouterr().out == f"{what} checked: all well\n"


def test_what_is_wrong_is_a_line_each_and_ends_with_1(run, capsys):
    file = run.path / "run.json"
    file.write_bytes(file.read_bytes()[:99])
    run.metrics.write_bytes(run.metrics.read_bytes()[:-3])
    assert checked(run, run.path.name) == 1
    metrics, info, summary, hint = capsys.readouterr().out.splitlines()
    assert metrics.startswith(f"{run.metrics}: its last line is cut after ")
    assert info.startswith(f"{file}: it is damaged: Invalid JSON: EOF")
    assert info.endswith("; repairing makes it anew from the folder and keeps it aside")
    assert summary == "1 run checked: 1 with something wrong"
    assert hint.endswith(f"main.py check {run.path.name} --repair")


def test_repairing_says_what_was_done_and_ends_with_0(run, capsys):
    (run.path / "run.json").unlink()
    assert checked(run, run.path.name, "--repair") == 0
    done, summary = capsys.readouterr().out.splitlines()
    anew = "run.json is made anew (completed at meta-step 20)"
    assert done == f"{run.path}: repaired: {anew}"
    assert summary == "1 run checked: all well"
    assert run.info().state == "completed"


def test_what_cannot_be_repaired_still_ends_with_1(run, capsys):
    (run.path / "config.toml").write_text("task = [")
    shutil.rmtree(run.checkpoints)
    assert checked(run, "--all", "--repair", "--data", str(run.path)) == 1
    said = capsys.readouterr().out
    assert "bring back a copy" in said
    assert "To repair" not in said


def test_json_has_an_object_for_each_thing(run, capsys):
    (run.path / "run.json").write_bytes(b"")
    assert checked(run, "--all", "--json", "--data", str(run.path)) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["name"] for record in records][1:] == [
        "folder of runs",
        "queue",
        "index of the runs",
    ]
    (wrong,) = records[0]["wrong"]
    assert wrong["file"] == str(run.path / "run.json")
    assert wrong["can_be_repaired"]


@pytest.mark.parametrize("words", [[], ["--all", "this"]])
def test_either_one_run_is_checked_or_all(run, capsys, words):
    assert checked(run, *words) == 2
    assert capsys.readouterr().err == "error: give either a run or --all\n"


def test_a_damaged_run_is_refused_with_the_command_that_repairs_it(run, capsys):
    (run.path / "run.json").write_bytes(b"")
    assert entry_point(["train", "--resume", str(run.path)]) == 1
    assert f"main.py check {run.path} --repair" in capsys.readouterr().err


@posix_only
def test_a_folder_whose_name_is_no_text_is_told_of(run, capsys):
    named = os.fsdecode(os.fsencode(run.path.with_name("bad")) + b"\xffname")
    run.path.rename(named)
    words = ["--all", "--repair", "--data", str(run.path)]
    assert checked(run, *words) == 1
    said, summary = capsys.readouterr().out.splitlines()
    assert said.endswith("bad?name: its name is not UTF-8; rename the folder")
    assert summary.endswith("index of the runs checked: 1 with something wrong")
