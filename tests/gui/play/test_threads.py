"""Play computes with one thread, and takes none from who trains afterwards."""

from __future__ import annotations

import sys

import pytest
from pytestqt.qtbot import QtBot

from tests.acting_runs import navigation
from workbench.core.base import threads
from workbench.core.runs.store import RunFolder
from workbench.gui.play.play_panel import PlayPanel
from workbench.gui.shell.session import Session
from workbench.gui.training.run_thread import RunThread

SECONDS = 60_000


@pytest.mark.skipif(sys.platform == "darwin", reason="torch counts otherwise there")
@pytest.mark.usefixtures("two_threads")
def test_a_run_that_starts_after_play_has_all_threads(
    qtbot: QtBot,
    session: Session,
    panel: PlayPanel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "all_threads", lambda: 2)
    assert not panel.walking.is_busy  # it walked, with one thread
    folder = RunFolder.create(session.runs, navigation(), name="next")
    training = RunThread(folder, session.data)
    with qtbot.waitSignal(training.ended, timeout=SECONDS):
        training.start()
    training.wait()
    assert "2 threads" in folder.info().device
