"""The plots of a run that is judged by its return."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.made_returns import BETTER, GAIN, run_of_returns, validation
from workbench.core.base.measure import Measure
from workbench.core.runs.events import StepEvent
from workbench.gui.graphs.plot import Plot
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.plots.accuracy import Accuracy
from workbench.gui.plots.adaptation import AdaptationCurves
from workbench.gui.plots.adaptation_map import AdaptationMap
from workbench.gui.plots.adaptation_means import Means, extent_of
from workbench.gui.plots.meta_loss import MetaLoss
from workbench.gui.plots.returns import Returns

pytestmark = pytest.mark.usefixtures("walks")

Shower = Callable[[Plot], None]


@pytest.fixture
def history(tmp_path: Path) -> RunHistory:
    folder = run_of_returns(tmp_path, BETTER)
    made = RunHistory("walks", "walks", folder.config())
    made.add(folder.events())
    return made


@pytest.fixture
def show(qtbot: QtBot, history: RunHistory) -> Shower:
    def shower(plot: Plot) -> None:
        qtbot.addWidget(plot)
        plot.resize(520, 260)
        plot.show_runs((ShownRun(history, 0),))
        plot.show()
        qtbot.waitExposed(plot)

    return shower


def label(plot: AdaptationCurves | Returns | MetaLoss) -> str:
    return plot.item.getAxis("left").labelText


def test_a_history_is_of_returns(history: RunHistory) -> None:
    assert history.measure is Measure.RETURN
    assert history.curve("validation_return")[1].tolist() == [-18.5, -11.5]
    assert history.curve("validation_loss")[1].tolist() == [18.5, 11.5]


def test_adaptation_curves_are_of_returns_and_in_no_unit(show: Shower) -> None:
    plot = AdaptationCurves()
    show(plot)
    assert label(plot) == "return"
    assert plot.item.getAxis("left").scale == 1
    assert not plot.measure.isVisible()
    (returns,) = (line.curve.yData.tolist() for line in plot._lines)
    assert returns == [-11.5 - GAIN, -11.5]
    now, earlier = plot.legend_entries()
    assert earlier.name.startswith("earlier")
    assert now.name == "return ± 95 % CI"
    told = [(line.name, line.text) for line in plot.values_at(1, 0)]
    assert told[1:] == [("return", "-11.50 ± 1.059")]


def test_the_view_of_returns_goes_below_zero(show: Shower) -> None:
    """Whatever is of losses, the band of a return has a lower edge too."""
    plot = AdaptationCurves()
    show(plot)
    extent = plot.extent()
    assert extent is not None
    means = plot.means(plot.runs[0].history.validations[0], support=False)
    assert extent.bottom == pytest.approx(means.low.min())
    assert extent.bottom < means.y.min() < -20


def test_the_best_return_is_in_view_however_far_above_those_of_training(
    show: Shower, history: RunHistory
) -> None:
    """A loss so far above training's has diverged, and is left out of view."""
    history.add([StepEvent(21, 40.0, None, 1.0, 1e-3, {"return": -40.0})])
    history.add([validation(22, [each + 40 for each in BETTER], best=True)])
    plot = Returns()
    show(plot)
    extent = plot.extent()
    assert extent is not None
    assert extent.top == 28.5


def test_more_return_after_more_inner_steps_than_training_s_is_in_view() -> None:
    event = validation(0, BETTER, best=True)
    means = [Means.of(event, Measure.RETURN, support=False)]
    extent = extent_of(means, 0, log=False, is_signed=True)
    assert extent is not None
    assert extent.top == pytest.approx(means[0].high[1])
    assert extent.bottom == pytest.approx(means[0].low[0])


def test_single_tasks_are_drawn_by_their_return(show: Shower) -> None:
    plot = AdaptationCurves()
    show(plot)
    plot.tasks_button.setChecked(True)
    drawn = [line.yData.tolist() for line in plot._tasks if line.isVisible()]
    assert drawn == [[each - GAIN, each] for each in BETTER]


def test_the_map_s_colours_are_returns(show: Shower) -> None:
    plot = AdaptationMap()
    show(plot)
    assert plot._bar.axis.labelText == "return"
    assert plot._bar.axis.scale == 1
    assert not plot.quantity.isVisible()
    assert not plot.log_colours.isEnabled()
    told = [(line.name, line.text) for line in plot.values_at(20, 1)]
    assert told == [("meta-step", "20"), ("inner step", "1"), ("return", "-11.50")]


def test_the_return_has_a_plot_with_validations_and_the_best(
    show: Shower, history: RunHistory, tmp_path: Path
) -> None:
    plot = Returns()
    show(plot)
    assert Returns.applies(history)
    assert not Accuracy.applies(history)
    assert label(plot) == "return"
    (curves,) = plot._curves
    assert curves.validation.yData.tolist() == [-18.5, -11.5]
    assert curves.best.yData.tolist() == [-11.5]
    names = [entry.name for entry in plot.legend_entries()]
    assert "validation ± 95 % CI" in names
    assert names[-1] == "best"
    rows = list(plot.table().rows)
    assert [row[3] for row in rows if row[1] == "validation"] == [-18.5, -11.5]
    assert rows[-1][5] == pytest.approx(1.0585, abs=1e-4)


def test_the_meta_loss_says_what_its_best_is_the_best_by(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    assert label(plot) == "meta-loss (minus the return)"
    assert [entry.name for entry in plot.legend_entries()][-1] == "best return"


def test_returns_are_in_the_table_of_adaptation_curves(show: Shower) -> None:
    plot = AdaptationCurves()
    show(plot)
    table = plot.table()
    at = table.columns.index("mean_return")
    assert [row[at] for row in table.rows] == [-23.5, -18.5, -16.5, -11.5]
