"""Adaptation over time, as a heat map: inner step by meta-step."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.core.base.measure import Measure
from workbench.core.base.phrases import percent
from workbench.core.results.drawn_score import DrawnScore
from workbench.gui.graphs.axes import WholeAxis, fit_label
from workbench.gui.graphs.crosshair import ReadoutLine
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.points import robust_range
from workbench.gui.graphs.series import RunHistory
from workbench.gui.look import theme
from workbench.gui.plots.adaptation_means import axis_name

_COLUMNS = 600
_TICKS = 5
_BAR_WIDTH = 54
_LOG_TIP = "Logarithmic colours"


class AdaptationMap(Graph):
    """The queries' figure after each inner step, as training goes on."""

    key = "adaptation_map"
    title = "Adaptation over time"
    tab = "Over time"
    help = (
        "Each column is one validation: bottom to top its inner steps, by colour the "
        "mean over tasks on the queries, of a regression the median. The first of the "
        "runs shown."
    )
    empty = "Press Start to train: each validation adds a column here."
    waiting = "Nothing yet: the first validation will be drawn here."
    over = "Nothing to draw: the run ended before its first validation."
    place = Quarter.BOTTOM_LEFT
    order = 20
    y_axis = "inner step"
    can_log = False

    def __init__(self, parent: QWidget | None = None) -> None:
        self._read_of: Hashable = None
        self._read = (np.empty(0), np.empty((0, 0)))
        super().__init__(parent)
        self._image = pg.ImageItem()
        self._image.setZValue(-10)
        self.item.addItem(self._image)
        self._bar = pg.ColorBarItem(
            values=(0, 1),
            width=12,
            interactive=False,
            colorMap=pg.colormap.get("viridis"),
        )
        self._bar.setImageItem(self._image, insert_in=self.item)
        axis = self._bar.axis
        axis.enableAutoSIPrefix(False)
        axis.geometryChanged.connect(partial(fit_label, axis))
        axis.setWidth(theme.enlarged(_BAR_WIDTH))
        self.fit_letters()
        self._image.hide()
        self.paint_colours()

    @override
    def make_axes(self) -> dict[str, pg.AxisItem]:
        return {"bottom": WholeAxis("bottom"), "left": WholeAxis("left")}

    @override
    def make_controls(self) -> None:
        self.quantity = QComboBox()
        self.add_control("quantity", self.quantity, "What the colour says")
        self.quantity.currentIndexChanged.connect(self._on_quantity_changed)
        self.log_colours = self.add_button(
            "log_colours", _LOG_TIP, "mdi6.math-log", self._on_log_toggled
        )
        super().make_controls()

    @override
    def version(self, history: RunHistory) -> Hashable:
        return history.rewrites, len(history.validations)

    @override
    def is_empty(self) -> bool:
        return not (self.runs and self.runs[0].history.validations)

    @override
    def rebuild(self) -> None:
        judged = self.runs[0].history.measure if self.runs else Measure.LOSS
        # The loss beside a return is the same, upside down.
        is_own = judged is Measure.ACCURACY
        with QSignalBlocker(self.quantity):
            self.quantity.clear()
            self.quantity.addItems([Measure.LOSS, judged] if is_own else [judged])
            self.quantity.setCurrentText(judged)
        self.quantity.setVisible(is_own)
        self._name_bar()

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        if hasattr(self, "_bar"):
            self._bar.axis.setPen(self.colours.quiet)
            self._bar.axis.setTextPen(self.colours.quiet)
            fit_label(self._bar.axis)

    @override
    def draw(self) -> None:
        self._image.setVisible(not self.is_empty())
        self._bar.setVisible(not self.is_empty())
        if self.is_empty():
            return
        steps, values = self._values_by_step()
        sides = self._sides(steps)
        fine = np.linspace(sides[0], sides[-1], min(_COLUMNS, 8 * len(steps)) + 1)
        columns = _column_at(sides, (fine[:-1] + fine[1:]) / 2)
        levels = self._colour_levels(values)
        low, high = robust_range(levels.ravel(), 0.02) or (0.0, 1.0)
        self._mark_bar(low, high)
        self._bar.setLevels((low, max(high, low + 1e-9)))
        self._image.setImage(levels[columns], autoLevels=False, levels=(low, high))
        width = sides[-1] - sides[0]
        self._image.setRect(QRectF(sides[0], -0.5, width, values.shape[1]))

    @override
    def extent(self) -> Extent | None:
        if self.is_empty():
            return None
        steps, values = self._values_by_step()
        sides = self._sides(steps)
        return Extent(sides[0], sides[-1], -0.5, values.shape[1] - 0.5)

    @override
    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        if self.is_empty():
            return []
        steps, values = self._values_by_step()
        column = int(_column_at(self._sides(steps), np.array(x)))
        inner = min(max(round(y), 0), values.shape[1] - 1)
        value = values[column, inner]
        is_share = self._measure.is_share
        shown = percent(value, 1) if is_share else figures.number(value)
        return [
            ReadoutLine("meta-step", figures.step(steps[column])),
            ReadoutLine("inner step", figures.step(inner)),
            ReadoutLine(self._quantity_name, shown),
        ]

    @override
    def table(self) -> Table:
        if self.is_empty():
            return Table(("meta-step", "inner step", "value"), ())
        steps, values = self._values_by_step()
        rows = (
            (int(step), inner, float(value))
            for step, column in zip(steps, values, strict=True)
            for inner, value in enumerate(column)
        )
        return Table(("meta-step", "inner step", self._quantity_name), rows)

    @property
    def _quantity_name(self) -> str:
        """What the values are; medians where the last validation has one."""
        name = self._measure
        last = self.runs[0].history.validations[-1].by_step[-1]
        return f"median {name}" if DrawnScore.of(last, name).is_median else name

    @property
    def _measure(self) -> Measure:
        return Measure(self.quantity.currentText() or Measure.LOSS)

    @property
    def _is_log(self) -> bool:
        return self.log_colours.isChecked() and self._measure is Measure.LOSS

    def _colour_levels(self, values: np.ndarray) -> np.ndarray:
        """Return what the colours are taken by; what has no logarithm has no colour."""
        if not self._is_log:
            return values
        return np.log10(np.where(values > 0, values, np.nan))

    def _mark_bar(self, low: float, high: float) -> None:
        """Write losses beside logarithmic colours, however few powers they span."""
        ticks = None
        if self._is_log:
            places = np.linspace(low, high, _TICKS)
            ticks = [[(place, figures.number(10.0**place)) for place in places]]
        self._bar.axis.setTicks(ticks)

    def _values_by_step(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the meta-steps, and the values as [validation, inner step]."""
        history, name = self.runs[0].history, self._measure
        events = history.validations
        key = (history, history.rewrites, len(events), name)
        if key != self._read_of:
            inner = min(len(event.by_step) for event in events)
            values = [
                [DrawnScore.of(score, name).middle for score in event.by_step[:inner]]
                for event in events
            ]
            steps = [event.step for event in events]
            self._read_of = key
            self._read = np.array(steps, float), np.array(values, float)
        return self._read

    def _sides(self, steps: np.ndarray) -> np.ndarray:
        """Return where columns begin and end: in the middle between two validations.

        None reaches beyond the meta-steps made; a single one takes those to the next.
        """
        if len(steps) > 1:
            middles = (steps[:-1] + steps[1:]) / 2
            return np.concatenate((steps[:1], middles, steps[-1:]))
        config = self.runs[0].history.config
        following = min(steps[0] + config.evaluation.every, config.training.iterations)
        return np.array((steps[0], max(steps[0] + 1.0, following)))

    def _name_bar(self) -> None:
        measure = self._measure
        self._bar.axis.setLabel(measure.of_queries(axis_name(measure, self.loss_unit)))
        fit_label(self._bar.axis)
        self._bar.axis.setScale(measure.scale)
        is_loss = measure is Measure.LOSS
        self.log_colours.setEnabled(is_loss)
        why_not = "" if is_loss else ": of losses only"
        self.log_colours.setToolTip(f"{_LOG_TIP}{why_not}")

    def _on_quantity_changed(self, _index: int) -> None:
        self._name_bar()
        self.redraw()

    def _on_log_toggled(self, _on: bool) -> None:
        self.redraw()


def _column_at(sides: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the columns that places are in, or nearest to."""
    return np.clip(np.searchsorted(sides, x, side="right") - 1, 0, len(sides) - 2)
