"""Learned numbers, such as Meta-SGD's step sizes, as one histogram per layer."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.core.runs.events import HistogramEvent
from workbench.gui.graphs.crosshair import ReadoutLine
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.line import LineCurve
from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.rule import Rule
from workbench.gui.graphs.scrubber import Scrubber
from workbench.gui.graphs.series import RunHistory
from workbench.gui.look.colours import pen

_HEIGHT = 0.85


class LearnedRates(Graph):
    """The distribution of the learned rates, one row per layer."""

    key = "learned_rates"
    title = "Learned rates"
    help = "How the learned step sizes are distributed, one histogram per layer."
    place = Quarter.TOP_RIGHT
    order = 30
    x_axis = "learning rate"
    can_log = False

    def __init__(self, parent: QWidget | None = None) -> None:
        self._rows: list[pg.PlotCurveItem] = []
        super().__init__(parent)
        self.item.getAxis("left").setWidth(112)
        self._zero = Rule(0, angle=90)
        self.item.addItem(self._zero, ignoreBounds=True)
        self.scrubber = Scrubber(self)
        self.scrubber.moved.connect(self.redraw)
        self.body.addWidget(self.scrubber)
        self.paint_colours()

    @override
    def make_axes(self) -> dict[str, pg.AxisItem]:
        return {}

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return bool(history.histograms)

    @override
    def version(self, history: RunHistory) -> Hashable:
        return history.rewrites, sum(
            len(events) for events in history.histograms.values()
        )

    @override
    def is_empty(self) -> bool:
        return not self._events()

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        if not hasattr(self, "_zero"):
            return
        shown = self.colours
        self._zero.setPen(pen(shown.faint(shown.quiet, 0.5)))
        for number, row in enumerate(self._rows):
            colour = shown.run(number)
            row.setPen(pen(colour))
            row.setBrush(shown.faint(colour, 0.35))

    @override
    def draw(self) -> None:
        event = self.chosen()
        if event is None:
            self.scrubber.set_steps([])
            return
        self.scrubber.set_steps([one.step for one in self._events()])
        event = self.chosen() or event
        self.set_axis("bottom", event.title)
        layers = list(event.counts)
        while len(self._rows) < len(layers):
            self._rows.append(LineCurve())
            self.item.addItem(self._rows[-1], ignoreBounds=True)
            self.paint_colours()
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(layers))
        for number, layer in enumerate(layers):
            counts = np.array(event.counts[layer], float)
            height = _HEIGHT * counts / max(counts.max(), 1.0)
            base = len(layers) - 1 - number
            edges = np.repeat(np.array(event.edges[layer], float), 2)
            tops = np.concatenate(([0.0], np.repeat(height, 2), [0.0])) + base
            self._rows[number].setFillLevel(base)
            self._rows[number].setData(edges, tops)
        ticks = [(len(layers) - 1 - at, layer) for at, layer in enumerate(layers)]
        self.item.getAxis("left").setTicks([ticks])

    @override
    def extent(self) -> Extent | None:
        event = self.chosen()
        if event is None:
            return None
        edges = np.concatenate([np.array(one, float) for one in event.edges.values()])
        return Extent(
            min(float(edges.min()), 0.0), float(edges.max()), 0.0, len(event.edges)
        )

    @override
    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        event = self.chosen()
        if event is None:
            return []
        layers = list(event.counts)
        row = len(layers) - 1 - int(np.floor(y))
        values = [ReadoutLine(event.title, figures.number(x))]
        if 0 <= row < len(layers):
            edges = np.array(event.edges[layers[row]], float)
            at = int(np.searchsorted(edges, x, side="right")) - 1
            inside = 0 <= at < len(event.counts[layers[row]])
            count = event.counts[layers[row]][at] if inside else 0
            values.append(
                ReadoutLine(layers[row], figures.step(count), self.colours.run(row))
            )
        return values

    @override
    def table(self) -> Table:
        rows = (
            (event.step, layer, *edges, count)
            for event in self._events()
            for layer, counts in event.counts.items()
            for edges, count in zip(pairwise(event.edges[layer]), counts, strict=True)
        )
        return Table(("meta-step", "layer", "from", "to", "count"), rows)

    def chosen(self) -> HistogramEvent | None:
        """Return the histogram that the scrubber is at."""
        events = self._events()
        if not events:
            return None
        if self.scrubber.is_latest:
            return events[-1]
        return events[min(self.scrubber.index, len(events) - 1)]

    def _events(self) -> list[HistogramEvent]:
        if not self.runs:
            return []
        return next(iter(self.runs[0].history.histograms.values()), [])
