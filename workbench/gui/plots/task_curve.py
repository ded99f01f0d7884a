"""This task, now: a curve, its support points, and the model fitting it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.gui.graphs.crosshair import ReadoutLine
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.inner_steps import InnerSteps
from workbench.gui.graphs.legend import Entry
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.series import RunHistory
from workbench.gui.look.colours import pen
from workbench.gui.plots.task_look import TaskLook
from workbench.gui.plots.task_plot import TaskPlot

_EARLIER = 12
_SIDE = 0.02
"""Room beside the curve, as a share of it, so that no support point is cut."""
_DIVERGED = 10.0
"""Times the loss of no adaptation from which on a step does not stretch the view."""


class TaskCurve(TaskPlot[TaskLook], Graph):
    """The true curve, the support points, and the model before and after each step."""

    key = "task_curve"
    help = (
        "One validation task with the meta-parameters of now: the model before "
        "adaptation and after each inner step on the support points."
    )
    empty = "Press Start to train: one curve and the model fitting it are drawn here."
    waiting = "Nothing yet: one curve will be drawn here, and the model fitting it."
    x_axis = "x"
    y_axis = "y"
    can_log = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.truth = self._add(Line(antialias=True), 0)
        self.earlier = [self._add(Line(antialias=True), 1) for _ in range(_EARLIER)]
        self.before = self._add(Line(antialias=True), 2)
        self.now = self._add(Line(antialias=True), 3)
        self.support = self._add(
            Line(pen=None, symbol="s", symbolSize=8, antialias=True), 4
        )
        self.steps = InnerSteps(self)
        self.steps.moved.connect(self.redraw)
        self.body.addWidget(self.steps)
        self.paint_colours()

    @override
    def make_axes(self) -> dict[str, pg.AxisItem]:
        return {}

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return history.config.task.is_curve

    @override
    def make_controls(self) -> None:
        self.add_another()
        super().make_controls()

    @override
    def begin_task(self) -> None:
        self.reset_view()

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        if not hasattr(self, "steps"):
            return
        shown = self.colours
        self.truth.setPen(pen(shown.quiet, Qt.PenStyle.DashLine, 2))
        self.before.setPen(pen(shown.faint(shown.query, 0.55), Qt.PenStyle.DotLine, 2))
        self.now.setPen(pen(shown.query, width=2))
        self.support.setSymbolBrush(shown.support)
        self.support.setSymbolPen(pen(shown.background))
        for line in self.earlier:
            line.setPen(pen(shown.faint(shown.query, 0.3)))

    @override
    def draw(self) -> None:
        look = self.look
        for item in (self.truth, *self.earlier, self.before, self.now, self.support):
            item.setVisible(look is not None)
        if look is None:
            return
        step = min(self.steps.step, look.steps)
        x = look.query_x[:, 0].astype(float)
        self.truth.setData(x, look.query_y[:, 0].astype(float))
        self.support.setData(
            look.support_x[:, 0].astype(float), look.support_y[:, 0].astype(float)
        )
        self.before.setData(x, self._model(0))
        self.now.setData(x, self._model(step))
        between = {int(at) for at in np.linspace(1, step - 1, _EARLIER)}
        shown = sorted(at for at in between if 0 < at < step)
        for number, line in enumerate(self.earlier):
            line.setVisible(number < len(shown))
            if number < len(shown):
                line.setData(x, self._model(shown[number]))
        self.steps.write(f"loss {figures.number(look.query_loss[step])}")

    @override
    def extent(self) -> Extent | None:
        look = self.look
        if look is None:
            return None
        x = np.concatenate([look.query_x[:, 0], look.support_x[:, 0]])
        side = _SIDE * (x.max() - x.min())
        bearable = max(look.query_loss[0], float(np.mean(look.query_y**2)))
        loss = look.query_loss
        steps = look.outputs[np.isfinite(loss) & (loss <= _DIVERGED * bearable)]
        y = np.concatenate([look.query_y, look.support_y, *steps])
        return Extent(
            float(x.min() - side),
            float(x.max() + side),
            min(float(y.min()), -1.0),
            max(float(y.max()), 1.0),
        )

    @override
    def legend_entries(self) -> Iterator[Entry]:
        yield Entry(self.truth, "truth")
        yield Entry(self.support, "support")
        yield Entry(self.before, "before")
        yield Entry(self.now, "adapted")

    @override
    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        look = self.look
        if look is None:
            return []
        xs = look.query_x[:, 0]
        at = int(np.abs(xs - x).argmin())
        step = min(self.steps.step, look.steps)
        shown = self.colours
        return [
            ReadoutLine("x", figures.number(float(xs[at]))),
            ReadoutLine("truth", figures.number(float(look.query_y[at, 0]))),
            ReadoutLine(
                "before", figures.number(float(look.outputs[0, at, 0])), shown.query
            ),
            ReadoutLine(
                f"step {step}",
                figures.number(float(look.outputs[step, at, 0])),
                shown.query,
            ),
        ]

    @override
    def table(self) -> Table:
        look = self.look
        if look is None:
            return Table(("x", "truth"), ())
        names = ("x", "truth", *(f"step {step}" for step in range(look.steps + 1)))
        model = look.outputs[:, :, 0].T
        columns = (look.query_x[:, 0], look.query_y, model)
        return Table(names, np.column_stack(columns).tolist())

    def _model(self, step: int) -> np.ndarray:
        assert self.look is not None
        return self.look.outputs[step, :, 0].astype(float)

    def _add(self, item: pg.PlotDataItem, depth: float) -> pg.PlotDataItem:
        item.setZValue(depth)
        self.item.addItem(item, ignoreBounds=True)
        return item
