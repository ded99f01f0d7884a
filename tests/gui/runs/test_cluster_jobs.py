"""A cluster's jobs in the window: submitted, waited for, cancelled."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.runs.conftest import Opener
from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.records import Submitted, submitted, write_record
from workbench.gui.queue.cluster_jobs import _stands
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.queue.submit_dialog import SubmitDialog
from workbench.gui.shell.session import Session

ANSWERS = """#!/bin/sh
case "$0" in
*squeue) cat "{folder}/listed" ;;
*scancel) echo "$@" >> "{folder}/cancelled"; : > "{folder}/listed" ;;
*) cat > /dev/null; echo "Submitted batch job 47" ;;
esac
"""
LISTED = "47_0|PENDING|Resources||0|\n47_1|RUNNING|None|node1|0|\n"


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for Slurm's commands, which answer what is in a file."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name in ("squeue", "scancel", "sbatch"):
        command = folder / name
        command.write_text(ANSWERS.format(folder=folder))
        command.chmod(0o755)
    (folder / "listed").write_text(LISTED)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def page_of(panel: QueuePanel) -> list[list[str]]:
    table = panel.workers.table
    columns = range(table.columnCount())
    return [
        [table.item(row, column).text() for column in columns]
        for row in range(table.rowCount())
    ]


def test_jobs_that_wait_and_run_are_listed_and_cancelled(
    qtbot: QtBot, session: Session, open_panel: Opener, slurm: Path
) -> None:
    session.runs.mkdir(parents=True, exist_ok=True)
    record = Submitted(
        name="a",
        cluster="slurm",
        host="login",
        since=1.0,
        command=("work",),
        jobs=("47_0", "47_1"),
    )
    write_record(session.runs, record)
    panel = open_panel(QueuePanel)
    panel.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: len(page_of(panel)) == 2)
    (waits, runs) = page_of(panel)
    assert waits[3:5] == ["47_0", "waiting: Resources"]
    assert (runs[0], runs[4]) == ("node1", "running")
    assert panel.tabs.tabText(1) == "Workers 2"
    panel.workers.table.selectRow(0)
    assert panel.workers.stop.text() == "Cancel this job"
    panel.workers.stop.trigger()
    qtbot.waitUntil(lambda: page_of(panel) == [])
    assert (slurm / "cancelled").read_text() == "--quiet 47_0\n"
    assert submitted(session.runs)[0].cancelled == ("47_0",)


def test_what_is_asked_of_slurm_is_checked_while_it_is_written(
    open_panel: Opener, slurm: Path
) -> None:
    panel = open_panel(QueuePanel)
    assert panel.workers.submit.isEnabled()
    panel.workers.submit.trigger()
    dialog = panel.findChild(SubmitDialog)
    dialog.settings.setText("tim=4:00:00")
    assert "did you mean time" in dialog.sentence.text()
    assert not dialog._ok.isEnabled()
    dialog.settings.setText("time=4:00:00")
    assert dialog._ok.isEnabled()
    dialog.reject()


def test_workers_are_submitted_by_the_window(
    qtbot: QtBot, session: Session, open_panel: Opener, slurm: Path
) -> None:
    told = list[str]()
    session.notified.connect(lambda notice: told.append(notice.text))
    panel = open_panel(QueuePanel)
    panel.workers.submit.trigger()
    dialog = panel.findChild(SubmitDialog)
    dialog.workers.setValue(2)
    dialog.accept()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told == ["Submitted to Slurm: 47_0, 47_1"]
    (record,) = submitted(session.runs)
    assert record.command[3:5] == ("work", "--runs")


def test_where_there_is_no_slurm_the_reason_is_said(
    open_panel: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    panel = open_panel(QueuePanel)
    panel.workers.refresh()
    assert not panel.workers.submit.isEnabled()
    assert "no Slurm on this machine" in panel.workers.submit.toolTip()


def test_the_cluster_is_not_asked_of_what_is_over(
    session: Session, slurm: Path
) -> None:
    session.runs.mkdir(parents=True, exist_ok=True)
    record = Submitted(
        name="a", cluster="slurm", host="login", since=1.0, command=(), jobs=("47_0",)
    )
    write_record(session.runs, record)
    assert list(_stands(session.runs)) == ["47_0"]
    (slurm / "squeue").write_text("#!/bin/sh\nexit 1\n")
    assert _stands(session.runs, over={"47_0"}) == {}
    with pytest.raises(ClusterError):
        _stands(session.runs)
