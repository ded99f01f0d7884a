"""How far a run is, in the window's title and in the taskbar."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.training.test_run_controller import tiny
from workbench.gui.app.main_window import MainWindow
from workbench.gui.app.taskbar import TaskbarProgress
from workbench.gui.shell.session import Session

WAIT_MS = 60_000


def test_the_title_says_how_far_the_run_is(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.load_config(tiny(iterations=400))
    session.actions.trigger("run.start")
    assert session.run is not None
    name = session.run.info().name
    assert window.windowTitle() == f"0 % · {name} — Few-Shot Workbench"
    qtbot.waitUntil(
        lambda: window.windowTitle() == "Few-Shot Workbench", timeout=WAIT_MS
    )
    assert session.run.info().state == "completed"


@pytest.fixture
def bus() -> Iterator[str]:
    """A bus of its own; its address."""
    if shutil.which("dbus-daemon") is None or shutil.which("dbus-monitor") is None:
        pytest.skip("there is no D-Bus")
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()


def test_the_taskbar_is_told_how_far_the_run_is(bus: str) -> None:
    from PySide6.QtDBus import QDBusConnection

    told = "interface='com.canonical.Unity.LauncherEntry'"
    command = ["dbus-monitor", "--address", bus, told]
    connection = QDBusConnection.connectToBus(bus, "test")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as monitor:
        assert monitor.stdout is not None
        # It says that it is there before it listens to what is told.
        while "NameLost" not in monitor.stdout.readline():
            pass
        taskbar = TaskbarProgress(connection)
        taskbar.show(42)
        taskbar.show(42)
        taskbar.show(None)
        heard = []
        while sum("progress-visible" in line for line in heard) < 2:
            heard.append(monitor.stdout.readline())
        monitor.terminate()
    text = "".join(heard)
    assert text.count("member=Update") == 2
    assert 'string "application://fewshot-workbench.desktop"' in text
    assert "double 0.42" in text
    QDBusConnection.disconnectFromBus("test")
