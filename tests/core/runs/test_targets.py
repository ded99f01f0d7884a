"""An export writes beside what is there, never over it and never into a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cli import entry_point
from workbench.core.base.errors import RemedyKind
from workbench.core.results.report import write_report
from workbench.core.runs.bundle import bundle
from workbench.core.runs.errors import RunError
from workbench.core.runs.export import EXPORTS
from workbench.core.runs.store import RunFolder

ENDINGS = {"csv": "train.csv", "weights": "train.safetensors", "tensorboard": "board"}


def files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_what_is_there_stays_unless_it_is_to_be_replaced(
    run: RunFolder, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "out" / ENDINGS[kind]
    path.parent.mkdir()
    EXPORTS[kind](run, path)
    mine = files(path.parent)
    for file in mine:
        file.write_text("mine")
    before = files(path.parent)
    with pytest.raises(RunError, match="is there already") as caught:
        EXPORTS[kind](run, path)
    assert caught.value.remedies[0].kind is RemedyKind.REPLACE
    assert files(path.parent) == before
    EXPORTS[kind](run, path, replace=True)
    assert b"mine" not in files(path.parent).values()


def test_weights_spare_a_program_of_the_same_name(run: RunFolder, tmp_path: Path):
    (tmp_path / "train.py").write_text("mine")
    with pytest.raises(RunError, match=r"train\.py is there already"):
        EXPORTS["weights"](run, tmp_path / "train.safetensors")
    assert (tmp_path / "train.py").read_text() == "mine"
    assert not (tmp_path / "train.safetensors").exists()


def test_weights_are_not_written_under_the_name_of_a_program(
    run: RunFolder, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=r"name it net\.safetensors"):
        EXPORTS["weights"](run, tmp_path / "net.py")


@pytest.mark.parametrize("name", ["metrics.jsonl", "new", "checkpoints/best"])
@pytest.mark.parametrize("replace", [False, True])
def test_nothing_is_written_into_a_run(
    run: RunFolder, name: str, replace: bool
) -> None:
    before = files(run.path)
    writers = [
        *EXPORTS.values(),
        lambda run, path, replace: write_report([run], path, replace=replace),
        lambda run, path, replace: bundle(run, path),
    ]
    for write in writers:
        with pytest.raises(RunError, match=r"in the folder of the run|does not end"):
            write(run, run.path / name, replace=replace)
    assert files(run.path) == before


def test_the_command_line_names_the_option_that_replaces(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("mine")
    command = ["export", str(run.path), "--to", "csv", str(file)]
    assert entry_point(command) == 1
    assert "give --force to replace a.csv" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert entry_point([*command, "--force"]) == 0
    assert file.read_text() != "mine"
