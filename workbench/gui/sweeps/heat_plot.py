"""The heat map of a sweep, with the choice of its two fields."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox
from typing_extensions import override

from workbench.core.results.sweep_results import SweepResults
from workbench.core.results.swept_fields import SweptField
from workbench.gui.graphs.export import Table
from workbench.gui.sweeps.heat_chart import Cell, HeatChart
from workbench.gui.sweeps.sweep_plot import SweepPlot
from workbench.gui.sweeps.wording import titled

_WIDEST_COMBO = 170


class HeatPlot(SweepPlot):
    """The mean of the runs for each pair of values of two fields."""

    key = "sweep_map"
    title = "Heat map"
    help = (
        "The mean score of the runs with two values, whatever else differs between "
        "them; * marks a mean that not all of them have a part in. A click takes the "
        "best of a cell's runs in hand."
    )
    empty = ""

    def __init__(self) -> None:
        self.chart = HeatChart()
        super().__init__(self.chart)
        self.across, self.down = QComboBox(), QComboBox()
        for name, combo, tip in (
            ("across", self.across, "The field across"),
            ("down", self.down, "The field upwards"),
        ):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setMaximumWidth(_WIDEST_COMBO)
            self.add_control(name, combo, tip)
            combo.currentIndexChanged.connect(self._on_combo_changed)
        self.body.addWidget(self.chart, 1)
        self.finish_controls()

    @override
    def show_results(self, results: SweepResults | None) -> None:
        before = () if self.results is None else self.results.fields
        self.results = results
        fields = () if results is None else results.fields
        if [f.name for f in before] != [f.name for f in fields]:
            self._offer(fields)
        self.redraw()

    @override
    def draw(self) -> None:
        fields = () if self.results is None else self.results.fields
        across, down = (_at(fields, c.currentIndex()) for c in (self.across, self.down))
        self.chart.show_fields(self.results, across, down if down != across else None)

    @override
    def table(self) -> Table:
        fields = (self.chart.across, self.chart.down)
        names = ["" if field is None else field.name for field in fields]
        return Table((*names, "mean", "ci95", "runs"), map(_numbers, self.chart.cells))

    def _offer(self, fields: tuple[SweptField, ...]) -> None:
        """Offer these fields, and choose the two with most values."""
        most = sorted(range(len(fields)), key=lambda at: -len(fields[at].values))
        for combo, at in ((self.across, 0), (self.down, min(1, len(fields) - 1))):
            combo.blockSignals(True)
            combo.clear()
            combo.addItems([titled(field) for field in fields])
            combo.setCurrentIndex(most[at] if fields else -1)
            combo.blockSignals(False)
        self.down.setVisible(len(fields) > 1)

    def _on_combo_changed(self, _index: int) -> None:
        self.redraw()


def _numbers(cell: Cell) -> tuple[object, ...]:
    mean = cell.average.mean
    figures = ("", "") if mean is None else (mean.mean, mean.ci95)
    return cell.across, cell.down, *figures, len(cell.average.rows)


def _at(fields: tuple[SweptField, ...], index: int) -> SweptField | None:
    return fields[index] if 0 <= index < len(fields) else None
