"""The commands about runs: list, export, report, table, sweep."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.made_runs import small_config
from tests.made_stores import add_damaged, add_many, add_run, configuration
from workbench.cli import entry_point
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import work_off
from workbench.core.runs.events import StepEvent
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def run(run: RunFolder) -> RunFolder:
    run.update(name="mine")
    return run


def command(runs: Path, *words: object) -> int:
    return entry_point([*map(str, words), "--runs", str(runs)])


def test_runs_are_listed(
    runs: Path, run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    add_damaged(runs, 3)
    assert command(runs, "runs") == 0
    said = capsys.readouterr().out
    assert "mine" in said
    assert said.count("damaged") >= 3
    assert said.endswith("main.py check --all --repair\n")


def test_a_folder_whose_name_is_no_text_is_listed_as_damaged(
    runs: Path, run: RunFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    os.mkdir(os.fsencode(runs) + b"/bad\xffname")
    os.utime(os.fsencode(runs) + b"/bad\xffname", (1e9, 1e9))
    assert command(runs, "runs") == 0
    assert command(runs, "runs", "--json") == 0
    said = capfd.readouterr().out
    assert "damaged  bad\ufffdname: its name is not UTF-8" in said
    assert "mine" in said


def test_columns_are_aligned_in_any_script(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("漢字", "a longer name"):
        add_run(runs, name=name)
    assert command(runs, "runs") == 0
    title, *lines = capsys.readouterr().out.splitlines()
    at = title.index("learner")
    assert {line.index("maml") + line.count("漢字") * 2 for line in lines} == {at}


def test_a_name_is_one_line_whatever_is_in_it(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("n" * 5000, "first\nsecond", "\x1b[31mred"):
        add_run(runs, name="plain").update(name=name)
    assert command(runs, "runs") == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "first…" in "".join(lines)
    assert "\x1b" not in "".join(lines)
    assert max(map(len, (title, *lines))) < 200


def test_many_runs_are_listed_without_being_read_again(
    runs: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_many(runs, 500)
    assert command(runs, "runs", "state=running") == 0
    monkeypatch.delattr("workbench.core.runs.index.read_row")
    assert command(runs, "runs") == 0
    assert capsys.readouterr().out.count("sweep") == 500


def test_a_test_that_diverged_is_told(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_run(runs, name="lost", test={"loss": None, "accuracy": None})
    assert command(runs, "runs", "lost") == 0
    assert "diverged  10-shot, 10 steps" in capsys.readouterr().out
    assert command(runs, "runs", "lost", "--json") == 0
    record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert record["test"] == "Infinity"


def test_runs_are_listed_as_json_and_filtered(
    runs: Path, run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    add_run(runs, configuration(algorithm__inner_lr=0.5), name="other", tags=("a", "b"))
    assert command(runs, "runs", "inner_lr>0.1", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    record = json.loads(line)
    assert (record["name"], record["tags"]) == ("other", ["a", "b"])
    assert record["config"]["algorithm.inner_lr"] == "0.5"
    assert Path(record["folder"]).is_dir()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["one sinusoid"], ["the one", "one more"]),
        (["one", "sinusoid"], ["the one", "one more"]),
        (["more one state=created"], ["one more"]),
        (['"the one"'], ["the one"]),
        (["one -more"], ["the one"]),
    ],
)
def test_a_filter_is_read_as_in_the_window(
    runs: Path, capsys: pytest.CaptureFixture[str], words: list[str], found: list[str]
) -> None:
    for name in ("one more", "the one", "other"):
        add_run(runs, name=name, state="created")
    assert command(runs, "runs", "--json", *words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(json.loads(line)["name"] for line in lines) == sorted(found)


def test_a_filter_that_is_not_understood_is_a_mistake(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(runs, "runs", "iner_lr>1") == 2
    assert "did you mean inner_lr" in capsys.readouterr().err


def test_no_runs_says_how_to_make_one(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(runs, "runs") == 0
    assert "python main.py train" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "name"), [("csv", "metrics.csv"), ("weights", "weights.safetensors")]
)
def test_a_run_is_exported(
    runs: Path, run: RunFolder, tmp_path: Path, kind: str, name: str
) -> None:
    path = tmp_path / name
    assert command(runs, "export", "mine", "--to", kind, path) == 0
    assert path.stat().st_size > 0


def test_exporting_what_is_not_there_says_so(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(runs, "export", "nothing", "--to", "csv", tmp_path / "a.csv") == 2
    assert "no run 'nothing'" in capsys.readouterr().err


def test_damaged_folders_are_in_nobody_s_way(
    runs: Path, run: RunFolder, tmp_path: Path
) -> None:
    add_damaged(runs, 100)
    for words in (
        ("runs",),
        ("table",),
        ("report", "mine", "--out", tmp_path / "report.html"),
        ("export", "mine", "--to", "csv", tmp_path / "metrics.csv"),
        ("evaluate", "mine", "--tasks", 2),
        ("train", "--resume", "mine", "--set", "training.iterations=22"),
    ):
        assert command(runs, *words) == 0, words


def test_a_damaged_run_is_refused_by_its_name(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_damaged(runs, 10)
    for folder in runs.iterdir():
        for words in (
            ("report", folder, "--out", tmp_path / "report.html"),
            ("evaluate", folder),
            ("export", folder, "--to", "csv", tmp_path / "metrics.csv"),
            ("export", folder, "--to", "weights", tmp_path / "weights"),
            ("train", "--resume", folder),
        ):
            code = command(runs, *words)
            complaint = capsys.readouterr().err
            assert code in (1, 2), (words, complaint)
            assert complaint.startswith("error: ")
            assert folder.name in complaint


@pytest.mark.parametrize(
    "words",
    [
        ("report", "twice", "--out", "report.html"),
        ("evaluate", "twice"),
        ("export", "twice", "--to", "csv", "metrics.csv"),
        ("challenge", "twice"),
        ("train", "--resume", "twice"),
    ],
)
def test_a_name_that_two_runs_have_is_asked_about(
    runs: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [add_run(runs, name="twice") for _ in range(2)]
    assert command(runs, *words) == 2
    said = capsys.readouterr().err
    assert "2 runs are called 'twice': say which by its folder" in said
    assert all(folder.path.name in said for folder in folders)


def test_a_report_is_written(runs: Path, run: RunFolder, tmp_path: Path) -> None:
    assert command(runs, "report", "mine", "--out", tmp_path / "report.html") == 0
    assert "<svg" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_table_is_printed(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(runs, "table") == 0
    assert "nothing measured" in capsys.readouterr().out
    assert command(runs, "table", "--markdown") == 0
    assert "| MAML | 98.7 ± 0.4 / –" in capsys.readouterr().out


def test_a_sweep_trains_every_combination(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.toml"
    file.write_text(small_config().to_toml(), encoding="utf-8")
    grid = ("--seeds", "0,1", "--grid", "algorithm.inner_lr=0.01,0.02")
    assert command(runs, "sweep", file, *grid, "--data", tmp_path) == 0
    made = list_runs(runs)
    assert {run.info().state for run in made} == {"completed"}
    assert sorted(run.info().name for run in made) == [
        f"small, inner_lr {rate}, seed {seed}"
        for rate in (0.01, 0.02)
        for seed in (0, 1)
    ]
    assert [item.state for item in RunQueue(runs).read().items] == ["done"] * 4

    capsys.readouterr()
    assert command(runs, "sweep", "--show") == 0
    said = capsys.readouterr().out
    judged = "4 runs by test loss"
    assert said.startswith(f"{judged}\nbest: algorithm.inner_lr=0.0")
    assert said.count("2 runs") == 2
    assert said.count(" *  ") == 2
    sweep = RunQueue(runs).read().items[0].sweep
    assert command(runs, "sweep", "--show", sweep, "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["value"] for line in lines] == ["0.01", "0.02"]
    assert lines[0]["best"]["seeds"] == 2
    assert command(runs, "sweep", "--show", "inner_lr=0.01") == 0
    judged = judged.replace("4 runs", "2 runs")
    assert f"{judged}\nbest: 4." in capsys.readouterr().out
    assert command(runs, "sweep", "--show", "nothing-like-it") != 0
    assert "no run that matches" in capsys.readouterr().err


def test_a_sweep_over_values_alone_takes_the_configuration_s_seed(runs: Path) -> None:
    words = ("sweep", "sinusoid-quick", "--grid", "algorithm.inner_lr=0.01,0.02")
    assert command(runs, *words, "--queue-only") == 0
    names = [item.name for item in RunQueue(runs).read().items]
    assert names == ["sinusoid-quick, inner_lr 0.01", "sinusoid-quick, inner_lr 0.02"]


def test_a_sweep_can_be_left_for_later(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(runs, "sweep") == 0
    assert "Nothing is queued. To queue and train:" in capsys.readouterr().out
    words = ("sweep", "sinusoid-quick", "--seeds", "0-2", "--queue-only")
    assert command(runs, *words) == 0
    assert "3 added, 3 in the queue" in capsys.readouterr().out
    assert len(RunQueue(runs).read().waiting) == 3
    assert list_runs(runs) == []


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(small_config().to_toml(), encoding="utf-8")
    return file


def test_a_queue_that_was_paused_goes_on_only_when_that_is_asked_for(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = RunQueue(runs)
    queue.pause(True)
    assert command(runs, "sweep", small_file, "--data", runs) == 0
    said = capsys.readouterr()
    assert "1 added, 1 in the queue" in said.out
    assert "the queue is paused; to go on: " in said.err
    assert said.err.endswith("sweep --resume\n")
    assert list_runs(runs) == []
    assert queue.read().paused
    assert command(runs, "sweep", "--resume", "--data", runs) == 0
    assert [item.state for item in queue.read().items] == ["done"]
    assert not queue.read().paused


def test_a_failure_is_told_by_the_sweep_that_met_it_alone(
    runs: Path, small_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = small_config(algorithm__inner_lr=1e30, algorithm__inner_steps=5)
    (tmp_path / "bad.toml").write_text(bad.to_toml(), encoding="utf-8")
    assert command(runs, "sweep", tmp_path / "bad.toml", "--data", runs) == 1
    assert "failed: bad: " in capsys.readouterr().err
    assert command(runs, "sweep", small_file, "--data", runs) == 0
    assert "failed" not in capsys.readouterr().err
    assert [item.state for item in RunQueue(runs).read().items] == ["failed", "done"]


def test_why_a_sweep_trains_nothing_is_never_among_its_json(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = RunQueue(runs)
    queue.pause(True)
    assert command(runs, "sweep", small_file, "--json", "--data", runs) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "the queue is paused" in said.err


def test_a_second_sweep_trains_beside_the_first(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = RunQueue(runs)
    queue.add([("begun", small_config())])
    work = work_off(queue, runs)
    next(work)
    assert command(runs, "sweep", small_file, "--data", runs) == 0
    assert "1 still trained by other workers\n" in capsys.readouterr().out
    work.close()
    assert command(runs, "work", "--json", "--data", runs) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["event"] for line in lines].count("end") == 1
    assert [item.state for item in queue.read().items] == ["done", "done"]


def test_runs_side_by_side_say_whose_their_lines_are(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    longer = ("--set", "training.iterations=200")
    words = ("sweep", small_file, "--seeds", "0-3", *longer, "--data", runs)
    assert command(runs, *words) == 0
    said = " ".join(capsys.readouterr().out.split())
    for seed in range(4):
        assert f"seed {seed}: Test, " in said
        assert f"seed {seed}: completed after" in said


def test_runs_side_by_side_that_were_stopped_go_on_together(
    runs: Path, small_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    longer = ("--set", "training.iterations=200")
    words = ("sweep", small_file, "--seeds", "0-3", *longer, "--queue-only")
    assert command(runs, *words) == 0
    work = work_off(RunQueue(runs), runs)
    for progress in work:
        if isinstance(progress.event, StepEvent) and progress.event.step == 5:
            break
    work.close()
    queue = RunQueue(runs)
    queue.pause_runs([queue.read().items[0].id], True)
    assert command(runs, "sweep", "--resume", "--data", runs) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("completed after 200 of 200") == 4
    assert said.count("Goes on from meta-step") == 4
    assert "stopped after" not in said
