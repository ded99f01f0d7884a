"""The Play tab, on screen with a small run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.acting_runs import cheetah, made_run
from workbench.gui.play.play_panel import PlayPanel
from workbench.gui.shell.session import Session

SECONDS = 60_000


@pytest.fixture
def empty(qtbot: QtBot, session: Session) -> Iterator[PlayPanel]:
    """The tab before there is a run."""
    panel = PlayPanel(session)
    qtbot.addWidget(panel)
    panel.open()
    panel.resize(1000, 600)
    panel.plane.timeline._timer.setInterval(1)
    panel.track.race._timer.setInterval(1)
    yield panel
    panel.shut_down()


@pytest.fixture
def panel(qtbot: QtBot, session: Session, empty: PlayPanel) -> PlayPanel:
    """The tab on screen, with a small run that walked."""
    made_run(session.runs, step=5)
    return shown(qtbot, empty)


@pytest.fixture
def track(qtbot: QtBot, session: Session, empty: PlayPanel) -> PlayPanel:
    """The tab on screen, with a small run of a cheetah that ran."""
    pytest.importorskip("mujoco")
    pytest.importorskip("gymnasium")
    made_run(session.runs, config=cheetah(), step=5)
    return shown(qtbot, empty)


def shown(qtbot: QtBot, panel: PlayPanel) -> PlayPanel:
    """Show the tab, and wait for what its run does."""
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.show()
        qtbot.waitExposed(panel)
    return panel
