"""A sweep of runs that are judged by their return."""

from __future__ import annotations

from tests.core.results.test_sweep_results import RATE, row
from workbench.core.base.measure import Measure
from workbench.core.results.sweep_results import SweepResults, sweep_results
from workbench.core.runs.row import RunRow
from workbench.gui.shell.session import Session
from workbench.gui.sweeps.parallel_axes import titles
from workbench.gui.sweeps.sweeps_panel import SweepsPanel
from workbench.gui.sweeps.wording import score_name, written


def walked(measure: Measure = Measure.RETURN) -> list[RunRow]:
    """Two rates, of which the first one has more return."""
    return [
        row({RATE: rate}, test=test, measure=measure, sweep="s", name=f"{rate}")
        for rate, test in ((0.1, -11.5), (0.5, -29.5))
    ]


def test_a_sweep_says_which_setting_has_the_most_return(
    qtbot, session: Session
) -> None:
    panel = SweepsPanel(session)
    qtbot.addWidget(panel)
    panel.open()
    panel.resize(1000, 640)
    panel.show()
    qtbot.waitExposed(panel)
    rows = walked()
    session.set_rows({each.folder: each for each in rows})
    assert panel.sentence.text() == (
        "Best: inner learning rate 0.1: test return −11.50 (one seed: no interval). "
        "2 runs."
    )
    chart = panel.map.chart
    said = {cell.across: chart.text_of(cell) for cell in chart.cells}
    assert said == {"0.1": "−11.50", "0.5": "−29.50"}
    assert chart.describe(chart.cells[0]) == (
        "inner learning rate 0.1\nTest return: −11.50, 1 run"
    )
    places = panel.parallel.chart.places
    assert places is not None
    worse, better = places.y[:, -1]
    assert better < worse  # y grows downwards: the best is at the top
    mixed = [rows[0], walked(Measure.ACCURACY)[1]]
    session.set_rows({each.folder: each for each in mixed})
    assert panel.hint.text().startswith(
        "Some of these runs are scored by their accuracy and others by their return: "
    )


def test_an_axis_of_returns_has_no_unit() -> None:
    results: SweepResults = sweep_results(walked())
    assert titles(results)[-1] == score_name(results) == "Test return"
    assert results.best is not None
    assert written(results.best.score, results) == "−11.50"
    of_validations = sweep_results(walked(), "validation")
    assert score_name(of_validations) == "Validation return"
