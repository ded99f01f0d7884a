"""The system ends the window: what trains is stopped with a checkpoint, and kept."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.gui.own_process import run_alone
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.search import list_runs

CODE = """
import os, pathlib, signal, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.gui.app import application
from workbench.gui.training.run_controller import RunController

number, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
app = application.make_application()

def look():
    for window in app.topLevelWidgets():
        training = window.findChild(RunController)
        if training is None:
            continue
        if not training.state.is_busy and training.history is None:
            window.session.actions.trigger("run.start")
        elif training.history is not None and training.history.step > 5:
            poll.stop()
            os.kill(os.getpid(), number)
        return

poll = QTimer()
poll.timeout.connect(look)
poll.start(50)
sys.exit(application.run(data=folder, runs=folder))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_stops_what_trains_and_closes(tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)
    done = run_alone(CODE, int(number), tmp_path)
    assert done.returncode == 0, done.stderr
    (run,) = list_runs(tmp_path)
    info = run.info()
    assert info.state == "stopped"
    assert load_checkpoint(run.checkpoint()).facts["step"] == info.step > 5
