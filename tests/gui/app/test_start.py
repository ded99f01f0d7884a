"""Opening the window: what is missing is said in words, and a crash is shown later."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

import workbench
from tests.gui.own_process import run_alone
from tests.made_runs import small_config
from workbench.core.runs.store import RunFolder
from workbench.gui.app import start
from workbench.gui.app.application import tell_of
from workbench.gui.app.crash_log import CrashLog, Left
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look.error_dialog import ErrorDialog
from workbench.gui.shell.session import Session


def test_without_a_display_the_way_to_train_without_one_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "There is no display" in start.missing_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert start.missing_display() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="X servers are for Linux here")
def test_an_unreachable_display_ends_in_a_sentence_and_exit_code_2() -> None:
    without = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")
    environment = {k: v for k, v in os.environ.items() if k not in without}
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=Path(workbench.__file__).parents[1],
        env=environment | {"DISPLAY": ":7391"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "The display :7391 (in DISPLAY) cannot be reached" in done.stderr
    assert "python main.py train PRESET" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_missing_system_library_is_named_with_the_command_that_mends_it() -> None:
    error = "libEGL.so.1: cannot open shared object file: No such file or directory"
    message = start._import_message(error)
    assert "libEGL.so.1" in message
    assert "apt install libegl1" in message


def test_missing_qt_is_told_apart_from_a_missing_library() -> None:
    message = start._import_message("No module named 'PySide6'")
    assert "pip install" in message


def test_a_library_that_is_here_can_be_loaded_and_another_cannot() -> None:
    assert not start._loads("libthere-is-no-such-thing.so.9")


def test_a_session_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    log = CrashLog(tmp_path)
    log.start()
    log.stop()
    assert CrashLog(tmp_path).take_last() is None
    assert list((tmp_path / "sessions").iterdir()) == []


def test_a_session_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    log = CrashLog(tmp_path)
    log.start()
    assert CrashLog(tmp_path).take_last() is None
    log.stop()


def session_that(ends: str, folder: Path, *more: str) -> None:
    """Begin a session in a process of its own, which then ``ends`` badly."""
    code = (
        "import faulthandler, os, pathlib, signal, socket, sys\n"
        "from workbench.core.runs.index import all_rows\n"
        "from workbench.core.runs.store import RunFolder\n"
        "from workbench.gui.app.crash_log import CrashLog\n"
        "log = CrashLog(pathlib.Path(sys.argv[1])); log.start()\n"
        f"def planted(): {ends}\n"
        "planted()\n"
    )
    assert run_alone(code, folder, *more).returncode != 0


def test_a_crash_is_there_at_the_next_start_and_only_once(tmp_path: Path) -> None:
    session_that("faulthandler._sigsegv()", tmp_path)
    log = CrashLog(tmp_path)
    left = log.take_last()
    assert left is not None
    assert "planted" in left.crash
    assert log.take_last() is None


KILLED_IN_TRAINING = (
    "run = RunFolder(pathlib.Path(sys.argv[2])); "
    "run.update(state='running', pid=os.getpid(), host=socket.gethostname()); "
    "all_rows(run.path.parent); "
    "os.kill(os.getpid(), signal.SIGKILL)"
)


@pytest.mark.skipif(sys.platform == "win32", reason="has no signal that kills")
def test_a_session_that_the_system_ended_is_told_with_the_run_it_trained(
    tmp_path: Path,
    session: Session,
    open_window: Callable[[], MainWindow],
    qtbot: QtBot,
) -> None:
    folder = RunFolder.create(session.runs, small_config(), name="long run")
    session_that(KILLED_IN_TRAINING, tmp_path, str(folder.path))
    left = CrashLog(tmp_path).take_last()
    assert left is not None
    window = open_window()
    tell_of(left, window)
    assert session.run is not None
    assert session.run.path == folder.path
    box = window.findChild(QMessageBox, "last_session")
    assert "ended without closing. The system may have ended it" in box.text()
    assert "long run was being trained, and can go on" in box.informativeText()
    assert box.icon() is QMessageBox.Icon.Information
    buttons = {each.text().replace("&", ""): each for each in box.buttons()}
    assert buttons.keys() == {"Close", "Continue the run"}
    assert box.defaultButton() is buttons["Close"]
    training = window.panel("Training")
    qtbot.mouseClick(buttons["Continue the run"], Qt.MouseButton.LeftButton)
    assert training.controller.trained.path == folder.path
    training.controller.shut_down()


def test_only_a_crash_of_the_last_session_is_an_error_to_be_reported(
    open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = open_window()
    tell_of(Left(0, "Fatal Python error: planted"), window)
    dialog = window.findChild(ErrorDialog)
    assert dialog.summary == "The last session ended in a crash."
    assert dialog.findChild(QPushButton, "error_dialog.save").isVisible()
    assert dialog.findChild(QPushButton, "error_dialog.continue") is None
    close = dialog.findChild(QPushButton, "error_dialog.close")
    assert (close.text().replace("&", ""), close.isDefault()) == ("Close", True)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is None)


def test_the_window_is_made_without_torch(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from workbench.gui.app.application import *\n"
        "application = make_application()\n"
        "theme.start(application)\n"
        "session = Session(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[1]))\n"
        "window = MainWindow(session)\n"
        "window.show()\n"
        "application.processEvents()\n"
        "assert window.isVisible()\n"
        "assert 'torch' not in sys.modules, 'torch is there before the window'\n"
        "window.close()\n"
    )
    done = run_alone(code, tmp_path)
    assert done.returncode == 0, done.stderr
