"""What is done with several selected runs at once, used as a person does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.runs.made import small, trained
from tests.gui.runs.test_runs_panel import answer, until_done, until_listed
from tests.made_stores import add_run
from workbench.core.runs.evaluations import list_evaluations
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.shell.session import Session


def test_several_runs_are_evaluated_below_one_bar(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folders = [trained(session, training__seed=seed) for seed in (0, 1)]
    until_listed(qtbot, panel, 2)
    panel.table.selectAll()
    bar = panel.commands.together.bar
    answer("evaluate_question", "Cancel")
    panel.commands.evaluate.trigger()
    assert not bar.isVisible()
    answer("evaluate_question", "Evaluate")
    with qtbot.waitSignal(session.evaluated, timeout=60_000):
        panel.commands.evaluate.trigger()
        assert bar.isVisible()
        assert bar.label.full_text.startswith("Evaluating 1 of 2: ")
    assert [len(list_evaluations(folder.path)) for folder in folders] == [2, 2]
    assert not bar.isVisible()


def test_the_question_names_what_is_evaluated_and_what_is_not_and_the_news_the_figures(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folders = [trained(session, training__seed=seed) for seed in (0, 1)]
    damaged = add_run(session.runs, small(), name="broken")
    (damaged.path / "run.json").write_text("{")
    until_listed(qtbot, panel, 3)
    panel.table.selectAll()
    seen: list[str] = []

    def see_and_accept() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.extend([box.text(), box.informativeText(), box.defaultButton().text()])
        assert box.width() > 400
        qtbot.keyClick(box, Qt.Key.Key_Return)

    QTimer.singleShot(0, see_and_accept)
    told: list[str] = []
    session.notified.connect(lambda notice: told.append(notice.text))
    with qtbot.waitSignal(session.evaluated, timeout=60_000):
        panel.commands.evaluate.trigger()
    text, more, default = seen
    assert text.startswith("Evaluate these 2 runs?")
    assert all(folder.info().name in text for folder in folders)
    assert f"Left out: {damaged.path.name}: run.json is damaged" in more
    assert default == "Evaluate"
    (news,) = (text for text in told if text.startswith("Evaluated 2 runs: "))
    assert news.count(", accuracy ") + news.count(", loss ") == 2


def test_what_cannot_be_done_with_one_run_is_told_and_done_with_the_others(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    able = trained(session)
    add_run(session.runs, small(), name="untrained")
    until_listed(qtbot, panel, 2)
    panel.table.selectAll()
    answer("evaluate_question", "Evaluate")
    with qtbot.waitSignal(session.failed, timeout=60_000) as failed:
        panel.commands.evaluate.trigger()
    assert failed.args[0] == "1 of 2 runs could not be evaluated."
    assert failed.args[1].startswith("untrained: ")
    assert len(list_evaluations(able.path)) == 2


def test_what_is_done_with_several_runs_can_be_cancelled(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    many = {"evaluation__tasks": 100_000}
    folders = [trained(session, training__seed=seed) for seed in (0, 1)]
    for folder in folders:
        changes = {name.replace("__", "."): value for name, value in many.items()}
        folder.replace_config(folder.config().replace(changes))
    until_listed(qtbot, panel, 2)
    panel.table.selectAll()
    answer("evaluate_question", "Evaluate")
    panel.commands.evaluate.trigger()
    bar = panel.commands.together.bar
    qtbot.waitUntil(lambda: bar.bar.value() > 0, timeout=60_000)
    qtbot.mouseClick(bar.cancel, Qt.MouseButton.LeftButton)
    until_done(qtbot, panel)
    assert [len(list_evaluations(folder.path)) for folder in folders] == [1, 1]


def test_several_runs_are_exported_into_a_folder(
    qtbot: QtBot,
    session: Session,
    panel: RunsPanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folders = [trained(session, training__seed=seed) for seed in (0, 1)]
    until_listed(qtbot, panel, 2)
    place = tmp_path / "exported"
    place.mkdir()
    monkeypatch.setattr(
        QFileDialog, "getExistingDirectory", lambda *_: str(place), raising=True
    )
    panel.table.selectAll()
    with qtbot.waitSignal(session.notified, timeout=20_000) as notified:
        panel.commands.export_csv.trigger()
    assert notified.args[0].text == "Exported 2 runs"
    assert {file.stem for file in place.iterdir()} == {f.path.name for f in folders}


def test_the_selected_runs_are_compared(
    qtbot: QtBot, session: Session, panel: RunsPanel
) -> None:
    folders = [add_run(session.runs, name=name) for name in ("one", "two", "three")]
    until_listed(qtbot, panel, 3)
    panel.table.select([folders[0].path.name])
    assert panel.commands.compare.toolTip() == "Select two runs or more"
    panel.table.select([folder.path.name for folder in folders[:2]])
    with qtbot.waitSignal(session.panel_requested) as requested:
        panel.commands.compare.trigger()
    assert requested.args == ["Compare"]
    assert {run.path for run in session.overlaid} == {f.path for f in folders[:2]}
