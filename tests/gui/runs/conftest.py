"""What the tests of the Runs views share: panels on a session, and a trash."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.runs.made import small
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session

SomePanel = TypeVar("SomePanel", bound=Panel)


class Opener(Protocol):
    """Opens a panel beside the session, as the window does."""

    def __call__(self, kind: type[SomePanel]) -> SomePanel: ...


@pytest.fixture
def session(session: Session) -> Session:
    """Edit sinusoids, whose forecast is quick."""
    session.load_config(small())
    return session


@pytest.fixture
def runs(session: Session) -> Path:
    return session.runs


@pytest.fixture
def open_panel(qtbot: QtBot, session: Session) -> Iterator[Opener]:
    opened: list[Panel] = []

    def opener(kind: type[SomePanel]) -> SomePanel:
        panel = kind(session)
        qtbot.addWidget(panel)
        opened.append(panel)
        for action in panel.actions():
            if action.id not in session.actions:
                session.actions.add(action)
        panel.open()
        panel.resize(1100, 600)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield opener
    for panel in opened:
        panel.shut_down()


@pytest.fixture
def panel(open_panel: Opener) -> RunsPanel:
    return open_panel(RunsPanel)


@pytest.fixture(autouse=True)
def _own_trash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the trash be looked for anew: its place is decided when it is imported."""
    for name in [name for name in sys.modules if name.startswith("send2trash")]:
        monkeypatch.delitem(sys.modules, name)
