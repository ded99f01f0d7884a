"""Runs are checked and repaired from the menu, beside the window."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.gui.runs.made import trained
from tests.gui.runs.test_runs_panel import until_listed
from tests.made_stores import add_many
from workbench.core.base.file_lock import file_lock
from workbench.core.runs.store import RunFolder
from workbench.gui.runs.check_dialog import CheckDialog
from workbench.gui.runs.check_thread import CheckThread
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Session


@pytest.fixture
def damaged(session: Session) -> RunFolder:
    """A run whose run.json is cut, and which was so for long."""
    folder = trained(session)
    file = folder.path / "run.json"
    file.write_bytes(file.read_bytes()[:99])
    os.utime(folder.path, (1.7e9, 1.7e9))
    return folder


def shown(qtbot: QtBot, panel: RunsPanel) -> CheckDialog:
    """Return the dialog that checks, once it is done."""
    dialog = panel.findChild(CheckDialog)
    assert dialog is not None
    until_done(qtbot, dialog)
    return dialog


def until_done(qtbot: QtBot, dialog: CheckDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.bar.isVisible(), timeout=20_000)


def said(dialog: CheckDialog) -> str:
    return dialog.findings.toPlainText()


def test_a_damaged_run_is_repaired_and_can_be_read_again(
    qtbot: QtBot, panel: RunsPanel, damaged: RunFolder
) -> None:
    name = damaged.path.name
    until_listed(qtbot, panel, 1)
    qtbot.waitUntil(lambda: panel.model.rows[name].state == "damaged")
    panel.table.select([name])
    panel.commands.check.trigger()
    dialog = shown(qtbot, panel)
    assert dialog.windowTitle() == f"Check {name}"
    assert dialog.sentence.text() == "Something is wrong."
    assert said(dialog).startswith("run.json: it is damaged: ")
    assert "Repairing makes it anew" in said(dialog)
    dialog.repair.click()
    until_done(qtbot, dialog)
    assert dialog.sentence.text() == "Repaired. All is well."
    assert said(dialog).startswith("Repaired: run.json is made anew")
    assert not dialog.repair.isEnabled()
    qtbot.waitUntil(lambda: panel.model.rows[name].state == "completed")


def test_a_run_in_hand_is_read_anew_when_it_is_repaired(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folder = trained(session)
    until_listed(qtbot, panel, 1)
    session.set_run(folder)
    folder.metrics.write_bytes(folder.metrics.read_bytes() + b"half a li")
    panel.commands.check.trigger()
    dialog = shown(qtbot, panel)
    with qtbot.waitSignal(session.run_changed, timeout=20_000):
        dialog.repair.click()
    assert folder.metrics.read_bytes().endswith(b"\n")


def test_a_run_in_hand_from_elsewhere_is_checked_as_well(
    qtbot: QtBot, session: Session, panel: RunsPanel, tmp_path: Path
) -> None:
    folder = RunFolder(shutil.copytree(trained(session).path, tmp_path / "other"))
    session.set_run(folder)
    panel.commands.check.trigger()
    dialog = shown(qtbot, panel)
    assert dialog.windowTitle() == "Check other"
    assert dialog.sentence.text() == "All is well."


def test_where_all_is_well_it_is_said_what_was_looked_at(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folder = trained(session)
    until_listed(qtbot, panel, 1)
    panel.table.select([folder.path.name])
    panel.commands.check.trigger()
    dialog = shown(qtbot, panel)
    assert dialog.sentence.text() == "All is well."
    assert said(dialog).startswith("Looked at: settings, run.json, every event")
    assert not dialog.repair.isEnabled()


def test_all_runs_are_checked_with_what_they_share(
    qtbot: QtBot, panel: RunsPanel, damaged: RunFolder, runs: Path
) -> None:
    (runs / "queue.json").write_text("{")
    until_listed(qtbot, panel, 1)
    panel.commands.check_all.trigger()
    dialog = shown(qtbot, panel)
    what = "1 run, the folder of runs, the queue and the index of the runs checked"
    assert dialog.sentence.text() == f"{what}: 2 with something wrong."
    lines = [line for line in said(dialog).splitlines() if line]
    assert lines[0] == damaged.path.name
    assert "queue" in lines
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == said(dialog)
    dialog.repair.click()
    until_done(qtbot, dialog)
    assert dialog.sentence.text() == f"{what}, 2 repairs made: all is well."
    assert damaged.info().state == "completed"


def test_a_run_that_is_trained_is_left_alone(
    qtbot: QtBot, panel: RunsPanel, damaged: RunFolder
) -> None:
    until_listed(qtbot, panel, 1)
    panel.table.select([damaged.path.name])
    with file_lock(damaged.path / "lock"):
        panel.commands.check.trigger()
        dialog = shown(qtbot, panel)
    assert dialog.sentence.text() == "It was left alone."
    assert said(dialog).startswith("It is being trained")
    assert not dialog.repair.isEnabled()


def test_a_check_can_be_cancelled_and_ends_with_the_window(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    add_many(runs, 500)
    until_listed(qtbot, panel, 500)
    panel.commands.check_all.trigger()
    dialog = panel.findChild(CheckDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.sentence.text().startswith("Checking "))
    dialog.cancel.click()
    until_done(qtbot, dialog)
    assert dialog.sentence.text().startswith("Cancelled after ")
    panel.commands.check_all.trigger()
    panel.shut_down()
    threads = panel.findChildren(CheckThread)
    assert not any(thread.isRunning() for thread in threads)


def test_no_run_need_be_chosen_to_check_all(qtbot: QtBot, panel: RunsPanel) -> None:
    assert not panel.commands.check.isEnabled()
    assert "Select a run first" in panel.commands.check.toolTip()
    assert panel.commands.check_all.isEnabled()
    assert panel.commands.check in panel.commands.menu.actions()
    assert panel.commands.check_all not in panel.commands.menu.actions()
