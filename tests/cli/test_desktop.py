"""The desktop: what is installed there, started from there, and removed again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from workbench.cli import entry_point
from workbench.core.base.folders import resource
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig

TYPES = "{http://www.freedesktop.org/standards/shared-mime-info}"


@pytest.fixture
def home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Path:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data home"))
    return tmp_path / "data home"


def entry_of(home: Path) -> dict[str, str]:
    text = (home / "applications" / "fewshot-workbench.desktop").read_text()
    return dict(line.split("=", 1) for line in text.splitlines()[1:])


def test_each_file_written_is_told_and_removed_again(home: Path, capsys) -> None:
    assert entry_point(["--install-desktop"]) == 0
    written = [Path(line[6:]) for line in capsys.readouterr().out.splitlines()]
    assert [path.suffix for path in written] == [".desktop", ".svg", ".xml"]
    assert all(path.is_file() and home in path.parents for path in written)
    assert entry_point(["--uninstall-desktop"]) == 0
    removed = [Path(line[8:]) for line in capsys.readouterr().out.splitlines()]
    assert removed == written
    assert not any(path.exists() for path in written)
    assert entry_point(["--uninstall-desktop"]) == 0
    assert capsys.readouterr().out == ""


def test_the_menu_entry_starts_this_copy_with_this_python(
    home: Path, tmp_path: Path
) -> None:
    runs = tmp_path / 'ru"ns $1'
    entry_point(["--install-desktop", "--runs", str(runs)])
    # What the desktop makes of the line is quoted as a shell has it.
    line = entry_of(home)["Exec"].replace("\\\\", "\\")
    assert line.endswith(" %f")
    command = ["sh", "-c", line.replace("%f", "--info")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert str(runs) in done.stdout


def test_every_type_that_the_entry_opens_is_declared(home: Path) -> None:
    entry_point(["--install-desktop"])
    types = ElementTree.parse(home / "mime/packages/fewshot-workbench.xml")
    declared = {each.get("type") for each in types.iter(f"{TYPES}mime-type")}
    opened = set(entry_of(home)["MimeType"].strip(";").split(";"))
    assert opened <= declared


def test_other_systems_are_told_that_it_is_for_linux(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert entry_point(["--install-desktop"]) == 1
    assert capsys.readouterr().err.startswith("error: a menu entry and file types")
    assert not home.exists()


def test_a_folder_that_cannot_be_written_is_one_message(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    home.write_text("no folder")
    assert entry_point(["--install-desktop"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(
    not (shutil.which("gio") and shutil.which("update-mime-database")),
    reason="asks the desktop's own programs",
)
def test_only_our_own_configurations_are_ours_whatever_they_are_called(
    home: Path, tmp_path: Path
) -> None:
    entry_point(["--install-desktop"])
    ours = RunConfig.from_dict(find_preset("sinusoid-quick").config).to_toml()
    texts = {
        "config.toml": ours,
        "anything.toml": ours,
        "preset.toml": resource("presets", "sinusoid-quick.toml").read_text(),
        "another/config.toml": '[task]\nname = "build"\n\n[algorithm]\nkind = "aes"\n',
    }
    found = {}
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        asked = ["gio", "info", "-a", "standard::content-type", str(path)]
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        found[name] = told.rpartition(": ")[2].strip()
    run, toml = "application/x-fewshot-run", "application/toml"
    assert list(found.values()) == [run, run, run, toml]
