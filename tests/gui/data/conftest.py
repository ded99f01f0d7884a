"""The Data panel over made data, as the window has it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.made_data import configuration, made_omniglot
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.shell.session import Session


@pytest.fixture(scope="session")
def omniglot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_omniglot(tmp_path_factory.mktemp("made"))


@pytest.fixture
def open_panel(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> Iterator[Callable[..., DataPanel]]:
    opened: list[DataPanel] = []

    def opener(data: Path, task: str = "omniglot", **overrides: object) -> DataPanel:
        session = Session(data, tmp_path / "runs")
        session.load_config(configuration(task, **overrides))
        panel = DataPanel(session)
        qtbot.addWidget(panel)
        session.setParent(panel)
        panel.open()
        deque(panel.fill(), maxlen=0)
        panel.resize(1000, 640)
        panel.show()
        qtbot.waitExposed(panel)
        opened.append(panel)
        return panel

    yield opener
    for panel in opened:
        panel.shut_down()


@pytest.fixture
def session(session: Session) -> Session:
    """Need no data, so that none are made."""
    session.load_config(configuration("sinusoid"))
    return session
