"""The studio, on screen or not yet, for all tests of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.sketch_runs import made_run
from workbench.gui.shell.session import Session
from workbench.gui.sketch.sketch_panel import SketchPanel

SECONDS = 60_000


@pytest.fixture
def quiet(qtbot: QtBot, session: Session) -> Iterator[SketchPanel]:
    """The studio before it was ever looked at: it asks nobody."""
    panel = SketchPanel(session)
    qtbot.addWidget(panel)
    panel.open()
    panel.resize(1000, 640)
    yield panel
    panel.shut_down()


@pytest.fixture
def panel(qtbot: QtBot, session: Session, quiet: SketchPanel) -> SketchPanel:
    """The studio on screen, with a small run that has answered."""
    quiet.view.picker.choose([made_run(session.runs).path])
    with qtbot.waitSignal(quiet.answering.answered, timeout=SECONDS):
        quiet.show()
        qtbot.waitExposed(quiet)
    return quiet
