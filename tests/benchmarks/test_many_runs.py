"""How long ten thousand runs take to open, to list, and to filter key by key.

Times are of the processor, so that other work on the machine does not count; the
folders have been read into the index before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.made_stores import add_many
from workbench.cli import entry_point
from workbench.core.runs.index import all_rows
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Session

RUNS = 10_000
OPEN_SECONDS = 2.0
KEY_SECONDS = 0.1

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    add_many(tmp_path / "runs", RUNS)
    all_rows(tmp_path / "runs")
    return tmp_path / "runs"


def busy(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def test_ten_thousand_runs_are_listed_at_once(runs: Path) -> None:
    took = busy(lambda: entry_point(["runs", "--runs", str(runs)]), time.process_time)
    print(f"listing {RUNS} runs: {took:.2f} s")
    assert took < OPEN_SECONDS


def test_ten_thousand_runs_are_filtered_without_a_visible_delay(
    qapp: QApplication, qtbot: QtBot, runs: Path
) -> None:
    session = Session(runs.parent / "data", runs)
    panel = RunsPanel(session)
    qtbot.addWidget(panel)
    for action in panel.actions():
        session.actions.add(action)
    panel.open()
    panel.resize(1100, 600)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: len(panel.model.rows) == RUNS, timeout=20_000)

    def press(typed: str) -> None:
        with qtbot.waitSignal(panel.model.rearranged):
            panel.filter.setText(typed)
        panel.table.viewport().repaint()

    taken = [
        busy(lambda typed=typed: press(typed), time.thread_time)
        for typed in accumulate("sweep 99 seed=4")
    ]
    panel.shut_down()
    median, slowest = np.median(taken), max(taken)
    print(f"filtering {RUNS} runs: {1000 * median:.0f}, {1000 * slowest:.0f} ms a key")
    assert median < KEY_SECONDS
