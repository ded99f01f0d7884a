"""The data command, as a person or a program uses it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.tasks import omniglot_made as made
from workbench.cli import data as command
from workbench.tasks.omniglot_archive import HALVES


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def zips(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for title, alphabets in made.FEW.items():
        monkeypatch.setitem(HALVES, title, alphabets)
    return made.write_both(tmp_path / "zips")


def test_the_list_says_what_is_not_here_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list", "--data", tmp_path) == 0
    shown = capsys.readouterr().out
    assert "omniglot: not here" in shown
    assert "data fetch omniglot" in shown
    assert "licence: MIT" in shown
    assert "drawn when needed" in shown
    assert "0.0 MB" not in shown


def test_an_import_is_listed_as_ready(
    zips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert run("import", "omniglot", zips, "--data", data) == 0
    assert "omniglot: ready" in capsys.readouterr().out
    assert run("list", "--data", data, "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = next(line for line in lines if line["name"] == "omniglot")
    assert found["state"] == "ready"
    assert found["classes"] == 17
    assert found["pictures"] == 340
    assert found["folder"] == str(data / "omniglot")


def test_in_json_progress_comes_a_line_each_and_the_data_set_last(
    zips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", "omniglot", zips, "--data", tmp_path / "d", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-2] == {
        "event": "progress",
        "what": "Making Omniglot small",
        "done": 17,
        "total": 17,
    }
    assert lines[-1]["state"] == "ready"


def test_the_folder_is_that_of_the_environment_unless_given(
    zips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEWSHOT_DATA", str(tmp_path / "mine"))
    assert run("import", "omniglot", zips) == 0
    assert (tmp_path / "mine" / "omniglot" / "index.json").is_file()


def test_a_failed_import_says_why_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", "omniglot", tmp_path / "nowhere", "--data", tmp_path) == 1
    shown = capsys.readouterr()
    assert "nowhere does not exist" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["fetch", "omniglto"],
            "there is no data set 'omniglto'; did you mean omniglot?",
        ),
        (["import", "omniglot", "x", "--set", "size=28"], "has nothing to --set"),
        (["import", "omniglot", "x", "--set", "size"], "write it as section.field"),
    ],
)
def test_a_wrong_use_is_named_and_ends_with_2(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert run(*arguments, "--data", tmp_path) == 2
    assert message in capsys.readouterr().err


def test_listing_needs_neither_torch_nor_qt(tmp_path: Path) -> None:
    program = (
        "import argparse, sys\n"
        "from workbench.cli import data\n"
        "parser = argparse.ArgumentParser()\n"
        "data.add_arguments(parser)\n"
        f"data.run(parser.parse_args(['list', '--data', {str(tmp_path)!r}]))\n"
        "assert not {'torch', 'PySide6', 'pooch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_own_pictures_are_imported_as_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(2):
            file = tmp_path / "pets" / name / f"{number}.png"
            file.write_bytes(made.drawing(number))
    options = ["--set", "size=28", "--set", "colour=grey", "--set", "name=my pets"]
    data = tmp_path / "data"
    assert run("import", "pictures", tmp_path / "pets", "--data", data, *options) == 0
    assert "pictures/my pets: ready" in capsys.readouterr().out
    options = ["--set", "name=2024"]
    assert run("import", "pictures", tmp_path / "pets", "--data", data, *options) == 0
    assert "pictures/2024: ready" in capsys.readouterr().out
    assert run("import", "pictures", "x", "--data", data, "--set", "name=a/b") == 2
    assert "--set name: 'a/b' cannot be the name" in capsys.readouterr().err
    assert run("import", "pictures", "x", "--data", data, "--set", "sise=28") == 2
    assert "(there are: name, size, colour" in capsys.readouterr().err


def test_an_import_replaces_nothing_unless_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    for owner, shade in (("A", 0), ("B", 200)):
        for name in ("a", "b"):
            place = tmp_path / owner / "images" / name
            place.mkdir(parents=True)
            for number in range(2):
                picture = Image.new("L", (16, 16), shade + number)
                picture.save(place / f"{number}.png")
    where = ("--data", data)
    assert run("import", "pictures", tmp_path / "A" / "images", *where) == 0
    index = data / "pictures" / "images" / "index.json"
    before = index.read_bytes()
    capsys.readouterr()
    second = ("import", "pictures", tmp_path / "B" / "images", *where)
    assert run(*second) == 1
    complaint = capsys.readouterr().err
    assert "pictures/images is there already" in complaint
    assert "--force" in complaint
    assert "--set name=" in complaint
    assert index.read_bytes() == before
    assert run(*second, "--set", "name=others") == 0
    assert index.read_bytes() == before
    assert run(*second, "--force") == 0
    assert index.read_bytes() != before


def test_the_help_of_an_import_says_what_there_is_to_import(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run("import", "--help")
    shown = " ".join(capsys.readouterr().out.split())
    assert "pictures (Own pictures)" in shown
    assert "glyphs" not in shown  # these are drawn, never imported
