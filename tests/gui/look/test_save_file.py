"""The file to save to: its ending is right, and nothing is overwritten unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.look.save_file import ask_save_file


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def ask(
    host: QWidget, monkeypatch: pytest.MonkeyPatch, typed: Path | str
) -> Path | None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(typed), ""))
    return ask_save_file(host, "Save", Path("x.npz"), "NumPy arrays (*.npz)", ".npz")


def answer(button: str, seen: list[str]) -> None:
    """Press a button of the question that comes next."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        next(each for each in box.buttons() if button in each.text()).click()

    QTimer.singleShot(0, press)


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("keep", "keep.npz"),
        ("keep.npz", "keep.npz"),
        ("KEEP.NPZ", "KEEP.NPZ"),
        ("episode.v1", "episode.v1.npz"),
        ("picture.png", "picture.png.npz"),
    ],
)
def test_the_ending_is_that_of_what_is_saved(
    host: QWidget,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    typed: str,
    saved: str,
) -> None:
    assert ask(host, monkeypatch, tmp_path / typed) == tmp_path / saved


def test_a_dialog_that_is_cancelled_gives_no_file(
    host: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(host, monkeypatch, "") is None


@pytest.mark.parametrize(("button", "replaced"), [("Replace", True), ("Cancel", False)])
def test_a_file_that_the_added_ending_would_overwrite_is_asked_about(
    host: QWidget,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    button: str,
    replaced: bool,
) -> None:
    (tmp_path / "keep.npz").write_text("precious")
    seen: list[str] = []
    answer(button, seen)
    path = ask(host, monkeypatch, tmp_path / "keep")
    assert path == (tmp_path / "keep.npz" if replaced else None)
    assert seen == [f"keep.npz is in {tmp_path} already. Replace it?"]


@pytest.mark.parametrize(
    ("typed", "kind", "saved"),
    [
        ("film", "", "film.gif"),
        ("film", "MP4 video (*.mp4)", "film.mp4"),
        ("film.mp4", "GIF (*.gif)", "film.mp4"),
        ("film.gif", "GIF (*.gif)", "film.gif"),
        ("film.gif", "MP4 video (*.mp4)", "film.mp4"),
        ("film.v1", "MP4 video (*.mp4)", "film.v1.mp4"),
    ],
)
def test_of_several_endings_it_is_the_one_typed_or_else_chosen(
    host: QWidget,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    typed: str,
    kind: str,
    saved: str,
) -> None:
    answered = str(tmp_path / typed), kind
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answered)
    kinds = "GIF (*.gif);;MP4 video (*.mp4)"
    asked = ask_save_file(host, "Save", Path("film.gif"), kinds, ".gif", ".mp4")
    assert asked == tmp_path / saved
