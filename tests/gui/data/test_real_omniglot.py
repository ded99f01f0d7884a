"""The Data tab over the published Omniglot, where it is (FEWSHOT_DATA)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from tests.gui.data.test_episodes import (
    expected_pictures,
    painted_pictures,
    show_episodes,
    shows,
)
from workbench.core.episodes.shown_episode import Address
from workbench.core.pictures.datasets import DataState
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.data.import_dialog import ImportDialog

pytestmark = [
    pytest.mark.skipif("FEWSHOT_DATA" not in os.environ, reason="needs real data"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def published() -> Path:
    return Path(os.environ["FEWSHOT_DATA"])


def test_the_published_zips_are_imported_and_their_episodes_are_the_samplers(
    qtbot: QtBot, tmp_path: Path, open_panel: Callable[..., DataPanel], published: Path
) -> None:
    panel = open_panel(tmp_path / "data", task__queries=2)
    panel.show_page("Data sets")
    view = panel.data_sets
    qtbot.waitUntil(lambda: bool(view.list.listed), timeout=30_000)
    panel.offer_import(published)
    dialog = view.findChild(ImportDialog)
    assert dialog.data_set.name == "omniglot"
    accept = dialog.findChild(QAbstractButton, "import.accept")
    qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)
    said: list[str] = []
    view.said.connect(lambda text, _: said.append(text))
    qtbot.waitUntil(lambda: view.transfer.stage.done > 10, timeout=120_000)
    assert view.transfer.stage.total == 1623
    qtbot.waitUntil(lambda: view.transfer is None, timeout=240_000)
    assert said == ["Omniglot: 1,623 classes are here"]
    qtbot.waitUntil(
        lambda: (
            {e.data_set.name: e.report.state for e in view.list.listed}["omniglot"]
            is DataState.READY
        )
    )
    episodes = show_episodes(qtbot, panel)
    for number in (0, 1):
        address = Address("train", 0, number)
        episodes.go(address)
        qtbot.waitUntil(lambda address=address: shows(episodes, address))
        np.testing.assert_array_equal(
            painted_pictures(episodes), expected_pictures(panel, address)
        )
