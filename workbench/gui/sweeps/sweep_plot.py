"""What the plots of a sweep share: runs that are clicked, controls and export."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.results.sweep_results import SweepResults
from workbench.gui.graphs.plot import Plot


class RunsChart(QWidget):
    """A drawing in which runs can be clicked.

    Signals:
        chosen(str): a run was clicked: its folder.
        opened(str): a run was double-clicked.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def folder_at(self, place: QPointF) -> str:
        """Return the folder of the run at a place; empty for none."""
        return ""

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if folder := self.folder_at(event.position()):
            self.chosen.emit(folder)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if folder := self.folder_at(event.position()):
            self.opened.emit(folder)


class SweepPlot(Plot):
    """A plot of a sweep's runs, whose chart leads to them."""

    def __init__(self, chart: RunsChart) -> None:
        super().__init__()
        self.results: SweepResults | None = None
        self._chart = chart
        chart.setAccessibleDescription(self.help)
        chart.setToolTip(self.help)
        chart.setWhatsThis(self.help)

    def show_results(self, results: SweepResults | None) -> None:
        """Show these runs from now on."""
        self.results = results
        self.redraw()

    @override
    def paint_colours(self) -> None:
        self._chart.update()

    @override
    def exported(self) -> QWidget:
        return self._chart

    @override
    def is_empty(self) -> bool:
        return self.results is None
