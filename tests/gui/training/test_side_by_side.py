"""The runs of a sweep that the queue trains side by side, as the window shows them."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.training.test_following import WAIT_MS
from workbench.core.planning.sweep import plan_sweep
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.shell.session import Session


def states(session: Session) -> list[str]:
    items = RunQueue(session.runs).read().all_begun
    return [state_of(RunFolder(session.runs / item.run)) for item in items]


def state_of(folder: RunFolder) -> str:
    try:
        return folder.info().state
    except RunError:
        return "just being made"


@pytest.fixture
def beside(qtbot: QtBot, queue: QueuePanel) -> QueuePanel:
    """The queue's panel while four seeds of a long run are trained side by side."""
    session = queue.session
    config = session.config.replace(
        {"training.iterations": 1_000_000, "task.kind": "sinusoid"}
    )
    planned = plan_sweep(config, [0, 1, 2, 3])
    RunQueue(session.runs).add([(one.label, one.config) for one in planned])
    qtbot.waitUntil(queue.start.isEnabled, timeout=WAIT_MS)
    queue.start.trigger()
    qtbot.waitUntil(lambda: states(session) == ["running"] * 4, timeout=3 * WAIT_MS)
    return queue


def test_one_of_those_side_by_side_is_paused_and_skipped_by_itself(
    qtbot: QtBot, beside: QueuePanel
) -> None:
    session, lines = beside.session, beside.list
    news = session.beside
    qtbot.waitUntil(lambda: "4 side by side" in news.queue.text(), timeout=WAIT_MS)
    assert news.queue.text().startswith("1–4 of 4")
    assert beside.sentence.full_text == "training"  # and none is to go
    assert not beside.pause_runs.isEnabled()
    lines.setCurrentRow(1)
    qtbot.waitUntil(beside.pause_runs.isEnabled, timeout=WAIT_MS)
    beside.pause_runs.trigger()
    paused = ["running", "paused", "running", "running"]
    qtbot.waitUntil(lambda: states(session) == paused, timeout=WAIT_MS)
    assert lines.item(1).text().endswith("paused")
    qtbot.waitUntil(
        lambda: beside.pause_runs.text() == "Resume the selected runs", timeout=WAIT_MS
    )
    beside.pause_runs.trigger()
    qtbot.waitUntil(lambda: states(session) == ["running"] * 4, timeout=WAIT_MS)
    run = RunQueue(session.runs).read().items[1].run
    assert beside.skip.toolTip().startswith("Stop seed 1 only")
    beside.skip.trigger()
    stopped = RunFolder(session.runs / run)
    qtbot.waitUntil(lambda: stopped.info().state == "stopped", timeout=WAIT_MS)
    assert states(session) == ["running"] * 3
    assert beside.busy_with()
