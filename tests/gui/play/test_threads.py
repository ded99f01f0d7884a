"""Play computes with one thread, and takes none from who trains afterwards."""

from __future__ import annotations

import sys

import pytest
import torch
from pytestqt.qtbot import QtBot

from tests.acting_runs import navigation
from tests.made_runs import finish
from workbench.core.base import threads
from workbench.core.runs.store import RunFolder
from workbench.core.training.requested import Request, evaluated
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


@pytest.mark.usefixtures("two_threads")
def test_an_evaluation_that_is_asked_for_has_all_threads(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "all_threads", lambda: 2)
    folder = RunFolder.create(session.runs, navigation(), name="next")
    finish(folder)
    threads.use_one_thread()
    evaluated(Request(folder), session.data)
    assert torch.get_num_threads() == 2
