"""The command line, used as a person or a script would."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import workbench
from tests.made_data import made_omniglot
from tests.made_runs import SMALL, small_config, trained
from tests.sketch_runs import made_run
from workbench.cli import entry_point
from workbench.cli.train import interrupts
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.evaluations import list_evaluations
from workbench.core.runs.search import find_run
from workbench.core.runs.store import RunFolder
from workbench.core.training.outer_loop import OuterLoop

ROOT = Path(workbench.__file__).parents[1]


@pytest.fixture
def small_toml(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(small_config().to_toml())
    return path


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_training_prints_json_lines_and_ends_with_the_run(tmp_path, small_toml, capsys):
    runs = str(tmp_path / "runs")
    code = entry_point(["train", str(small_toml), "--runs", runs, "--json"])
    *_, end = events = lines(capsys)
    assert code == 0
    assert end["event"] == "end"
    assert end["state"] == "completed"
    assert RunFolder(Path(end["run"])).info().state == "completed"
    assert [e["step"] for e in events if e["event"] == "step"] == list(range(1, 21))


def test_training_shows_a_bar_and_the_test_figure(tmp_path, small_toml, capsys):
    code = entry_point(["train", str(small_toml), "--runs", str(tmp_path / "runs")])
    shown = capsys.readouterr().out
    assert code == 0
    assert "Test, 6 tasks, 2 inner steps: loss" in shown
    assert "completed after 20 of 20 meta-steps" in shown


@pytest.mark.parametrize("name", ["[/] and [red", "[bold]loud[/bold] :smile:"])
def test_a_name_is_shown_as_it_is(tmp_path, small_toml, capsys, name):
    deep = tmp_path / ("long name " * 12) / "runs"
    words = ["train", str(small_toml), "--runs", str(deep), "--name", name]
    assert entry_point([*words, "--set", "training.iterations=2"]) == 0
    shown = capsys.readouterr().out
    assert name in shown
    assert str(find_run(name, deep).path) in shown


def test_overrides_and_names_are_taken(tmp_path, small_toml, capsys):
    command = ["train", str(small_toml), "--runs", str(tmp_path), "--json"]
    entry_point([*command, "--set", "training.iterations=3", "--name", "My run"])
    end = lines(capsys)[-1]
    run = find_run("My run", tmp_path)
    assert run.path == Path(end["run"])
    assert run.config().training.iterations == 3


def test_overrides_are_taken_without_the_option(tmp_path, small_toml, capsys):
    command = ["train", "training.iterations=3", str(small_toml), "--json"]
    more = ["--name", "training.iterations=9", "algorithm.inner_lr=0.5"]
    entry_point([*command, *more, "--runs", str(tmp_path)])
    config = find_run("training.iterations=9", tmp_path).config()
    assert config.training.iterations == 3
    assert config.algorithm.inner_lr == 0.5


def test_a_wrong_override_without_the_option_is_named(tmp_path, small_toml, capsys):
    assert entry_point(["train", str(small_toml), "training.iteration=3"]) == 2
    said = capsys.readouterr().err
    assert "training.iteration: there is no such field; did you mean" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train"], "give a TOML file or a preset"),
        (["train", "sinusoid-quik"], "did you mean sinusoid-quick"),
        (["train", "sinusoid-quick", "--set", "x=1"], "there is no such field"),
        (["train", "sinusoid-quick", "--device", "tpu"], "not one of auto, cpu, cuda"),
        (["train", "--resume", "nothing"], "no run 'nothing'"),
        (["evaluate", "nothing"], "no run 'nothing'"),
        (["presets", "show"], "show which one?"),
        (
            ["data", "fetch", "omniglott"],
            "error: there is no data set 'omniglott'; did",
        ),
        (["presets", "show", "nothing"], "no preset 'nothing'"),
        (["presets", "nothing"], "no preset 'nothing'. Choose one that python main.py"),
        (["presets", "show", "a", "b"], "show which one?"),
        (["train", "."], ". is a folder: give a TOML file or a preset"),
        (
            ["evaluate", "bundled", "--set", "tasks.ways=5"],
            "no such field; did you mean task.ways?",
        ),
        (
            ["data", "import", "images", "."],
            "no data set 'images' to import (NAME is one of pictures (Own",
        ),
        (
            ["data", "import", "pictures", ".", "--set", "siz=84"],
            "--set siz: there is no such field; did you mean size? (there are: ",
        ),
        (["sweep", "--seeds", "0,1"], "give the TOML file or preset that the seeds"),
        (["trian"], "did you mean train"),
        (
            ["bench", "--workload", "sinusoid-1", "--algorithm", "protonet"],
            "algorithm.kind: Sinusoid has no classes",
        ),
        (["evaluate", "~no-such-one/run"], "no run '~no-such-one/run'"),
        (["train", "~no-such-one"], "no preset '~no-such-one'"),
        (["~no-such-one/run"], "no command, run folder or file '~no-such-one/run'"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(words, message, capsys):
    assert entry_point(words) == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["episode", "x", "--seed", "abc"], "--seed: 'abc' is not a whole number"),
        (["evaluate", "x", "--tasks", "-1"], "--tasks: '-1' is not a whole number"),
        (["evaluate", "x", "--split", "tset"], "validation, test; did you mean test?"),
        (["bench", "--seconds", "long"], "'long' is not a number of seconds"),
        (["data", "lst"], "ACTION: 'lst' is not one of list, fetch, import; did you"),
        (["report", "x"], "required: --out (python main.py report --help)"),
        (["train", "--rums", "x"], "unrecognized arguments: --rums"),
    ],
)
def test_an_argument_that_is_wrong_gets_one_line(words, message, capsys):
    with pytest.raises(SystemExit) as left:
        entry_point(words)
    assert left.value.code == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["report", "bundled", "--out"], "report.html"),
        (["export", "bundled", "--to", "weights"], "net.safetensors"),
        (["episode", "sinusoid-quick", "--out"], "episode.png"),
    ],
)
def test_a_file_in_no_folder_is_named_as_it_was_given(tmp_path, capsys, words, name):
    path = tmp_path / "gone" / name
    assert entry_point([*words, str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.endswith(f"{path}: there is no folder {path.parent}\n")


def test_a_report_is_no_folder(tmp_path, capsys):
    assert entry_point(["report", "bundled", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path}: Is a directory\n"
    assert list(tmp_path.parent.glob("*.html")) == []


def test_a_preset_is_shown_by_its_name_alone(capsys):
    assert entry_point(["presets", "sinusoid-quick"]) == 0
    assert RunConfig.from_toml(capsys.readouterr().out).task.kind == "sinusoid"


def test_a_damaged_run_is_a_failure_with_exit_code_1(tmp_path, capsys):
    run = trained(tmp_path)
    for file in (run.path / "checkpoints").iterdir():
        file.unlink()
    assert entry_point(["evaluate", str(run.path)]) == 1
    assert "has no latest checkpoint yet" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["--runs {}", "--runs={}"])
def test_folders_may_come_before_the_command(tmp_path, small_toml, capsys, form):
    before = form.format(tmp_path / "here").split()
    words = ["train", str(small_toml), "--set", "training.iterations=2", "--json"]
    assert entry_point([*before, *words]) == 0
    assert Path(lines(capsys)[-1]["run"]).parent == tmp_path / "here"
    after = ["--runs", str(tmp_path / "there")]
    assert entry_point([*before, *words, *after]) == 0
    assert Path(lines(capsys)[-1]["run"]).parent == tmp_path / "there"


@pytest.mark.parametrize("name", ["main.py", "fewshot-workbench"])
def test_help_shows_how_the_application_was_called(name, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [f"/some/where/{name}"])
    with pytest.raises(SystemExit):
        entry_point(["data", "fetch", "--help"])
    assert capsys.readouterr().out.startswith(f"usage: {name} data fetch [-h]")


def test_a_run_that_fails_says_so_with_exit_code_1(tmp_path, small_toml, capsys):
    bad = ["--set", "training.meta_lr=1e30", "--set", "training.optimiser=sgd"]
    command = ["train", str(small_toml), "--runs", str(tmp_path / "runs"), "--json"]
    assert entry_point([*command, *bad]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out.splitlines()[-1])["state"] == "failed"
    assert "error: meta-step 2" in shown.err


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_a_checkpoint_and_resume_goes_on(tmp_path, capsys, number):
    path = tmp_path / "long.toml"
    path.write_text(small_config(training__iterations=100_000).to_toml())
    command = [sys.executable, "main.py", "train", str(path), "--json"]
    with subprocess.Popen(
        [*command, "--runs", str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                os.kill(process.pid, number)
                break
        rest = [json.loads(line) for line in process.stdout]
    assert process.returncode == 0
    assert rest[-1]["state"] == "stopped"
    step = rest[-1]["step"]
    resume = ["train", "--resume", rest[-1]["id"], "--runs", str(tmp_path), "--json"]
    assert entry_point([*resume, "--set", f"training.iterations={step + 5}"]) == 0
    first, *_, last = lines(capsys)
    assert (first["event"], first["step"]) == ("resume", step)
    assert first["iterations"] == last["step"] == step + 5


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_being_told_to_end_again_is_being_told_once_but_a_second_ctrl_c_is_not():
    with interrupts() as interrupted:
        for _ in range(3):
            signal.raise_signal(signal.SIGTERM)
        assert interrupted
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_resuming_says_from_which_step_it_goes_on(tmp_path, capsys):
    run = trained(tmp_path)
    made = run.info().step
    words = ["train", "--resume", str(run.path), "--set"]
    assert entry_point([*words, f"training.iterations={made + 2}"]) == 0
    said = capsys.readouterr().out
    assert f"Goes on from meta-step {made} of {made + 2}\n" in said


def test_evaluating_gives_a_score_at_every_step(tmp_path, capsys):
    run = trained(tmp_path)
    options = ["--tasks", "7", "--steps", "4", "--shots", "3", "--seed", "5", "--json"]
    assert entry_point(["evaluate", str(run.path), *options]) == 0
    (result,) = lines(capsys)
    assert [score["step"] for score in result["by_step"]] == [0, 1, 2, 3, 4]
    assert result["tasks"] == 7
    assert result["shots"] == 3
    assert result["accuracy"] is None
    assert result["loss"] == result["by_step"][-1]["loss"]


def test_an_evaluation_that_diverges_is_told(tmp_path, capsys):
    run = trained(tmp_path, training__iterations=4)
    config = run.config().replace({"algorithm.inner_lr": 1e6})
    (run.path / "config.toml").write_text(config.to_toml())
    words = ["evaluate", str(run.path), "--tasks", "3", "--steps", "9"]
    assert entry_point(words) == 0
    shown = capsys.readouterr()
    assert "nan" not in shown.out
    *_, last = shown.out.splitlines()
    assert last.split() == ["9", "diverged", "diverged", "diverged", "3"]
    assert "the inner loop diverges: from inner step" in shown.err
    assert "Ask for fewer --steps" in shown.err
    assert entry_point([*words, "--json"]) == 0
    record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert record["by_step"][-1]["loss"] in ("NaN", "Infinity")


@pytest.mark.parametrize("override", ["model.hidden=[30]", "training.seed=4"])
def test_resuming_changes_nothing_that_was_trained(tmp_path, capsys, override):
    run = trained(tmp_path)
    before = run.config()
    words = ["train", "--resume", str(run.path), "--set", override]
    assert entry_point(words) == 2
    assert "cannot be changed in a run begun" in capsys.readouterr().err
    assert run.config() == before


def test_what_was_trained_cannot_be_changed_after(tmp_path, capsys):
    run = trained(tmp_path)
    words = ["evaluate", str(run.path), "--set", "algorithm.inner_lr=1"]
    assert entry_point(words) == 2
    assert "cannot be changed after training" in capsys.readouterr().err


def test_presets_are_listed_and_shown(capsys):
    assert entry_point(["presets"]) == 0
    assert "omniglot-maml-5way-1shot" in capsys.readouterr().out
    assert entry_point(["presets", "show", "sinusoid-quick"]) == 0
    shown = RunConfig.from_toml(capsys.readouterr().out)
    assert shown.task.kind == "sinusoid"
    assert entry_point(["presets", "--json"]) == 0
    assert {"name", "title", "published", "config"} <= set(lines(capsys)[0][0])


@pytest.mark.parametrize("word", ["--help", "--version", "--info"])
def test_help_version_and_info_need_no_display(word):
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    environment.pop("DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "main.py", word],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.stdout
    assert not done.stderr


def characters_model(runs: Path, **changes: str) -> RunFolder:
    """A run of untrained weights with a shared head, for 28x28 pictures."""
    from workbench.core.runs.checkpoint import save_checkpoint

    config = RunConfig.from_dict(
        SMALL
        | {
            "task": {"kind": "omniglot"},
            "model": {
                "kind": "conv4",
                "filters": 8,
                "features": "flatten",
                "head": "shared",
            },
        }
    ).replace({"algorithm.inner_lr": 0.4, "evaluation.steps": 5})
    config = config.replace({k.replace("__", "."): v for k, v in changes.items()})
    folder = RunFolder.create(runs, config)

    class NoFamily:
        split_hash = data_hash = ""

    import torch

    loop = OuterLoop(config, NoFamily(), torch.device("cpu"))
    save_checkpoint(folder.checkpoints / "latest.safetensors", loop.checkpoint())
    return folder


def made_challenge(path: Path, runs: int = 20) -> Path:
    """An archive in the published form whose items are their classes' pictures."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for run in range(1, runs + 1):
            pictures = rng.random((20, 7, 7)) < 0.3
            order = rng.permutation(20)
            pairs = []
            for label in range(20):
                name = f"run{run:02}/training/class{label + 1:02}.png"
                archive.writestr(name, png(pictures[label]))
            for item, label in enumerate(order):
                name = f"run{run:02}/test/item{item + 1:02}.png"
                archive.writestr(name, png(pictures[label]))
                pairs.append(f"{name} run{run:02}/training/class{label + 1:02}.png\n")
            archive.writestr(f"run{run:02}/class_labels.txt", "".join(pairs))
    return path


def png(ink: np.ndarray) -> bytes:
    buffer = BytesIO()
    grey = np.where(ink.repeat(15, 0).repeat(15, 1), 0, 255).astype(np.uint8)
    Image.fromarray(grey).convert("1").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_challenge_is_answered_run_by_run(tmp_path, capsys):
    run = characters_model(tmp_path / "runs")
    archive = made_challenge(tmp_path / "all_runs.zip")
    data = made_omniglot(tmp_path / "data")
    words = ["challenge", str(run.path), "--archive", str(archive), "--json"]
    words += [
        "--data",
        str(data),
        "--steps",
        "2",
        "--checkpoint",
        "latest",
        "--device",
        "cpu",
    ]
    assert entry_point(words) == 0
    (result,) = lines(capsys)
    assert len(result["per_run"]) == 20
    assert result["error"] == pytest.approx(np.mean(result["per_run"]))
    assert result["error_transductive"] < 0.5  # the items are the classes' pictures
    assert result["trials"] == 400
    assert result["errors"] == round(400 * result["error"])
    low, high = result["interval"]
    assert low < result["error"] < high
    ranking = {rank["name"]: rank["error"] for rank in result["ranking"]}
    assert ranking["this run, one query at a time"] == result["error"]
    assert list(ranking.values()) == sorted(ranking.values())
    assert len(ranking) == 12
    assert result["by_alphabet"] is None
    assert "run20 are of no evaluation alphabet" in result["by_alphabet_left_out"]
    assert result["trained_on_background"] is True
    assert result["archive_is_published"] is False
    assert result["steps"] == 2


def test_more_runs_of_the_challenge_s_form_are_drawn(tmp_path, capsys):
    run = characters_model(tmp_path / "runs")
    data = str(made_omniglot(tmp_path / "data"))
    words = ["challenge", str(run.path), "--data", data, "--steps", "1", "--json"]
    assert entry_point([*words, "--episodes", "25", "--views", "3"]) == 0
    (result,) = lines(capsys)
    assert (result["drawn"], result["split"], result["views"]) == (25, "test", 3)
    assert result["trials"] == 25 * 20
    assert len(result["per_run"]) == 25
    assert sum(each["trials"] for each in result["by_alphabet"].values()) == 500
    assert entry_point([*words[:-1], "--episodes", "2", "--split", "validation"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("error by alphabet")
    assert "by these 40 trials" in shown


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--split", "validation"], "say how many with --episodes"),
        (["--episodes", "2", "--archive", "a.zip"], "give either --archive"),
        (["--episodes", "2", "--views", "99"], "views"),
    ],
)
def test_words_about_the_challenge_that_do_not_fit_are_refused(
    more, complaint, tmp_path, capsys
):
    run = characters_model(tmp_path / "runs")
    assert entry_point(["challenge", str(run.path), *more]) == 2
    assert complaint in capsys.readouterr().err


def test_a_model_of_larger_pictures_is_asked_with_larger_pictures(tmp_path, capsys):
    run = characters_model(tmp_path / "runs", task__side=40)
    archive = made_challenge(tmp_path / "all_runs.zip")
    data = str(made_omniglot(tmp_path / "data"))
    words = ["challenge", str(run.path), "--data", data, "--steps", "1"]
    assert entry_point([*words, "--archive", str(archive), "--json"]) == 0
    assert lines(capsys)[0]["error"] < 0.5
    assert entry_point([*words, "--episodes", "2"]) == 1
    assert "pictures of 40 x 40 pixels are made of images" in capsys.readouterr().err


def test_a_challenge_with_an_unknown_class_is_refused(tmp_path, capsys):
    run = characters_model(tmp_path / "runs")
    archive = made_challenge(tmp_path / "all_runs.zip")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    listing = tmp_path / "unpacked" / "run07" / "class_labels.txt"
    listing.write_text(listing.read_text().replace("class20", "class99"))
    words = ["challenge", str(run.path), "--archive", str(tmp_path / "unpacked")]
    assert entry_point(words) == 1
    complaint = capsys.readouterr().err
    assert "run07/class_labels.txt names class99" in complaint
    assert "class01 to class20" in complaint


def test_a_challenge_s_characters_in_training_are_told(tmp_path, capsys):
    run = characters_model(tmp_path / "runs", task__split="vinyals")
    archive = made_challenge(tmp_path / "all_runs.zip")
    words = ["challenge", str(run.path), "--archive", str(archive), "--steps", "1"]
    words += ["--data", str(tmp_path / "data")]
    assert entry_point(words) == 0
    shown = capsys.readouterr()
    assert re.search(r"trained on \d+ characters of the challenge", shown.err)
    assert "not the published one" in shown.err
    assert "characters of these alphabets as well; 1 inner" in shown.out
    assert re.search(r"at a time +\S+ % error, \d+ of 400, \S+ to \S+ %\n", shown.out)
    assert "left out: the archive does not name alphabets" in shown.out
    assert re.search(r"no different from .+ by these 400 trials\n", shown.out)


def test_a_model_that_does_not_fit_is_not_asked_for_the_archive(tmp_path, capsys):
    run = trained(tmp_path / "runs")
    assert entry_point(["challenge", str(run.path), "--data", str(tmp_path)]) == 2
    assert "needs a model of square grey pictures" in capsys.readouterr().err


def test_classes_trained_on_are_told_in_an_evaluation(tmp_path, capsys):
    run = characters_model(tmp_path / "runs", task__split="vinyals")
    made_omniglot(tmp_path / "data")
    words = ["evaluate", str(run.path), "--data", str(tmp_path / "data"), "--json"]
    small = ["--tasks", "2", "--steps", "1", "--queries", "1"]
    assert entry_point([*words, *small, "--set", "task.split=lake"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["classes_seen_in_training"] > 0
    assert "in this run's training: the score is too good" in shown.err
    assert entry_point([*words, *small]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["classes_seen_in_training"] == 0
    assert not shown.err


def test_an_evaluation_with_views_says_so_and_is_kept_so(tmp_path, capsys):
    run = characters_model(tmp_path / "runs")
    data = str(made_omniglot(tmp_path / "data"))
    words = ["evaluate", str(run.path), "--data", data, "--views", "3"]
    words += ["--tasks", "2", "--steps", "1", "--queries", "1"]
    assert entry_point(words) == 0
    assert "queries together, 3 views of a picture, norm" in capsys.readouterr().out
    assert [kept.views for kept in list_evaluations(run.path)] == [3]
    assert entry_point([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["views"] == 3


def test_a_challenge_with_runs_missing_is_refused(tmp_path, capsys):
    run = characters_model(tmp_path / "runs")
    archive = made_challenge(tmp_path / "all_runs.zip", runs=3)
    words = ["challenge", str(run.path), "--archive", str(archive)]
    assert entry_point(words) == 1
    assert "has 3 of the 20 runs" in capsys.readouterr().err


def test_a_challenge_without_its_archive_says_how_to_get_it(tmp_path, capsys):
    run = characters_model(tmp_path / "runs")
    assert entry_point(["challenge", str(run.path), "--data", str(tmp_path)]) == 1
    assert "--archive PATH" in capsys.readouterr().err


def test_a_run_is_calibrated_and_keeps_what_was_found(tmp_path, capsys):
    small = {"alphabets": 1, "characters": 4, "drawers": 8, "within_alphabet": True}
    run = made_run(
        tmp_path / "runs",
        **{f"task__{name}": value for name, value in small.items()},
        task__ways=3,
        model__filters=4,
        evaluation__steps=1,
    )
    words = ["calibrate", str(run.path), "--tasks", "2", "--data", str(tmp_path)]
    assert entry_point([*words, "--json"]) == 0
    (found,) = lines(capsys)
    assert {size["ways"] for size in found["sizes"]} == {2, 3}
    kept = run.checkpoints / "latest.calibration.json"
    assert json.loads(kept.read_text()) == found
    assert entry_point(words) == 0
    assert "2 × the inner rate: " in capsys.readouterr().out


def test_only_runs_on_pictures_are_calibrated(tmp_path, capsys):
    run = trained(tmp_path)
    assert entry_point(["calibrate", str(run.path)]) == 1
    assert "has no pictures of classes" in capsys.readouterr().err
