"""The table of runs and what stands beside it, of runs judged by their return."""

from __future__ import annotations

import math

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.runs.conftest import Opener
from tests.made_returns import (
    BETTER,
    WORSE,
    kept_returns,
    row_of_returns,
    run_of_returns,
)
from workbench.core.base.measure import Measure
from workbench.core.results.published import PublishedFigure
from workbench.core.results.results_table import TableCell
from workbench.core.results.statistics import Mean
from workbench.core.runs.row import RunRow
from workbench.gui.published.published_panel import details_text
from workbench.gui.runs.columns import FIRST
from workbench.gui.runs.compare_panel import ComparePanel
from workbench.gui.runs.evaluate_dialog import EvaluateDialog
from workbench.gui.runs.together import figure_text
from workbench.gui.shell.session import Session

pytestmark = pytest.mark.usefixtures("walks")


def row(name: str, test: float | None, measure: Measure = Measure.RETURN) -> RunRow:
    return RunRow(name, "completed", name, measure=measure, test=test, best=test)


@pytest.mark.parametrize("key", ["test", "best"])
def test_runs_are_sorted_by_their_return_and_those_that_diverged_are_worst(
    key: str,
) -> None:
    column = FIRST[key]
    rows = [row("better", -11.5), row("lost", math.inf), row("worse", -29.5)]
    assert [column.text(each) for each in rows] == ["−11.50", "diverged", "−29.50"]
    names = [each.name for each in sorted(rows, key=column.sort)]
    assert names == ["lost", "worse", "better"]
    losses = [row("lost", math.inf, Measure.LOSS), row("low", 0.1, Measure.LOSS)]
    names = [each.name for each in sorted(losses, key=column.sort)]
    assert names == ["low", "lost"]


def test_the_run_with_less_return_is_worse(
    qtbot: QtBot, session: Session, open_panel: Opener
) -> None:
    panel = open_panel(ComparePanel)
    folders = [
        run_of_returns(session.runs, BETTER),
        run_of_returns(session.runs, WORSE, algorithm__inner_lr=0.5),
    ]
    session.set_overlaid(folders)
    qtbot.waitUntil(lambda: panel.table.rowCount() == 2)
    cells = [panel.table.item(1, column).text() for column in range(6)]
    assert cells[3] == "−29.50 ± 1.27"
    assert cells[4].startswith("−18.00 ± ")
    assert cells[4].endswith("\nworse: a lower return")
    assert "paired t test over 4 tasks" in cells[5]


def test_an_evaluation_tells_its_return(qtbot: QtBot, session: Session) -> None:
    folder = run_of_returns(session.runs, BETTER)
    dialog = EvaluateDialog(folder, folder.config(), session.data)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.ended) as ended:
        dialog._on_thread_kept(kept_returns(BETTER))
    assert ended.args == ["evaluated: return −11.50 ± 1.06", True]
    assert dialog.message.text().startswith("Return −11.50 ± 1.06, kept")
    table = dialog.table
    cells = [table.item(0, at).text() for at in range(table.columnCount())]
    assert "−11.50 ± 1.06" in cells
    dialog.close()


def test_evaluations_of_several_runs_tell_their_returns() -> None:
    said = figure_text("walks", kept_returns(BETTER))
    assert said == "walks, return −11.50 ± 1.06"


def test_a_published_return_stands_beside_the_measured_one_without_a_unit(
    session: Session,
) -> None:
    figure = PublishedFigure(
        "Table", "MAML", "walks", "−40.0", "paper", "", "maml", "walks", 5
    )
    measured = Mean(-11.5, 1.06, 3)
    assert row_of_returns(session.runs, BETTER).test == measured.mean
    text = details_text(TableCell(figure, None, measured))
    assert "Published: <b>−40.0</b>" in text
    assert "Measured: <b>−11.50 ± 1.06</b>" in text
