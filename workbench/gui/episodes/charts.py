"""Small charts beside an episode: its curve, its adaptation curve, its confusions."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.answers import Answers
from workbench.core.episodes.shown_episode import ShownEpisode
from workbench.gui.episodes.chart import Chart
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.rule import Rule
from workbench.gui.look import theme
from workbench.gui.look.colours import colours, pen, readable_on

_LABEL = 16
_CORNER = 2 * _LABEL
"""What is left of and above a confusion matrix: its axes' names and its labels."""
_AXIS_NAMES = "answered", "true"
_TICKS = 10
_HEADROOM = 0.2
"""Of a curve's range, kept free above it for the legend at least."""
_ENTRIES, _LEGEND_LINE = 4, 26
_LEGEND_COLUMNS = {4: 560, 2: 360, 1: 0}
"""How many entries of the legend go beside each other, from which width on."""


class CurveChart(Chart):
    """A regression: the true function, its points, and the model at inner steps."""

    def __init__(self) -> None:
        super().__init__("Curve", "x", "y")
        self.setObjectName("episode.curve")
        self.shown: ShownEpisode | None = None
        self.answers: Answers | None = None
        self.step = 0
        self.truth = Line()
        self.support = Line(pen=None, symbol="o", symbolSize=9)
        self.query = Line(pen=None, symbol="s", symbolSize=7)
        self.earlier: list[pg.PlotDataItem] = []
        self.model = Line()
        self._legend = self.addLegend(offset=(4, 2), colCount=4)
        for item in (self.truth, self.model, self.query, self.support):
            self.addItem(item)
        self.paint_colours()

    def show_episode(self, shown: ShownEpisode) -> None:
        """Show an episode of a curve."""
        self.shown, self.answers = shown, None
        for item, part in (
            (self.support, shown.episode.support),
            (self.query, shown.episode.query),
        ):
            item.setData(part.x[:, 0].numpy().astype(float), part.y[:, 0].numpy())
        if shown.curve is not None:
            self.truth.setData(shown.curve.x.astype(float), shown.curve.y)
        self.show_answers(None, 0)

    def show_answers(self, answers: Answers | None, step: int) -> None:
        """Show the model after ``step`` inner steps, and faintly before that."""
        self.answers = answers
        curves = answers.curves if answers is not None else None
        self.step = min(step, len(curves) - 1) if curves is not None else 0
        for item in self.earlier:
            self.removeItem(item)
        self.earlier = []
        if curves is None or self.shown is None or self.shown.curve is None:
            self.model.setData([], [])
        else:
            x = self.shown.curve.x.astype(float)
            for row in curves[: self.step]:
                item = Line(x=x, y=row)
                item.setZValue(-1)
                self.addItem(item)
                self.earlier.append(item)
            self.model.setData(x, curves[self.step])
        self._name_items()
        self._fit_range()
        self.paint_colours()

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        shown = colours()
        self.truth.setPen(pen(shown.text))
        self.model.setPen(pen(shown.accent, width=2))
        for number, item in enumerate(self.earlier, 1):
            share = 0.15 + 0.35 * number / len(self.earlier)
            item.setPen(pen(shown.faint(shown.accent, share)))
        for item, colour in ((self.support, shown.support), (self.query, shown.query)):
            item.setSymbolPen(pen(colour))
            item.setSymbolBrush(colour if item is self.support else shown.background)
        self._legend.setLabelTextColor(shown.text)
        for _, label in self._legend.items:
            label.setText(label.text)  # takes the colour only now

    def _fit_range(self) -> None:
        """Show all inner steps on one scale, with room for the legend above them."""
        if self.shown is None or self.shown.curve is None:
            return
        parts = (self.shown.episode.support, self.shown.episode.query)
        values = [self.shown.curve.y, *(part.y.numpy().ravel() for part in parts)]
        if self.answers is not None and self.answers.curves is not None:
            curves = np.asarray(self.answers.curves)
            values.append(curves[np.isfinite(curves)])
        low, high = (float(f(np.concatenate(values))) for f in (np.min, np.max))
        legend = _LEGEND_LINE * -(-_ENTRIES // self._legend.columnCount)
        room = self.height() - self.getAxis("bottom").height()
        share = min(legend / max(room, 1), 0.5)
        headroom = max(_HEADROOM, share / (1 - share))
        self.setYRange(low, high + headroom * (high - low))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_legend"):  # pyqtgraph resizes while it is made
            width = self.width()
            columns = next(n for n, least in _LEGEND_COLUMNS.items() if width >= least)
            self._legend.setColumnCount(columns)
            self._fit_range()

    def _name_items(self) -> None:
        self._legend.clear()
        self._legend.addItem(self.truth, "true function")
        self._legend.addItem(self.support, "support")
        self._legend.addItem(self.query, "query")
        if self.answers is not None:
            self._legend.addItem(self.model, f"model, step {self.step}")


class AdaptationChart(Chart):
    """An episode's own adaptation curve: losses, or the return, at each inner step."""

    def __init__(self) -> None:
        super().__init__("Adaptation curve of this episode", "inner step", "loss")
        self.setObjectName("episode.adaptation")
        self.support, self.query = (Line(symbol="o", symbolSize=5) for _ in range(2))
        self.here = Rule(0, angle=90)
        for item in (self.here, self.support, self.query):
            self.addItem(item)
        self.setMinimumHeight(90)
        self.setMaximumHeight(320)
        self.paint_colours()

    def show_answers(self, answers: Answers | ActedEpisode | None, step: int) -> None:
        """Show the losses or returns, and where the inner step shown is."""
        self.support.setData([], [])
        self.query.setData([], [])
        if answers is None:
            return
        steps = np.arange(answers.steps + 1, dtype=float)
        acts = isinstance(answers, ActedEpisode)
        self.getAxis("left").setLabel("return" if acts else "loss")
        if isinstance(answers, ActedEpisode):
            self.query.setData(steps, answers.returns)
        else:
            self.support.setData(steps, answers.support_loss)
            self.query.setData(steps, answers.query_loss)
        self.here.setValue(step)
        stride = -(-answers.steps // _TICKS)
        marks = range(0, answers.steps + 1, stride)
        self.getAxis("bottom").setTicks([[(mark, str(mark)) for mark in marks]])

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        shown = colours()
        for item, colour in ((self.support, shown.support), (self.query, shown.query)):
            item.setPen(pen(colour))
            item.setSymbolPen(pen(colour))
            item.setSymbolBrush(colour)
        self.here.setPen(pen(shown.faint(shown.quiet, 0.6)))


class ConfusionMatrix(QWidget):
    """How often a class (row) was taken for a class (column)."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("episode.confusion")
        across, down = _AXIS_NAMES
        self.setAccessibleName(f"Confusion matrix: rows are {down}, columns {across}")
        self.counts: np.ndarray | None = None
        self._names: tuple[str, ...] = ()
        self.setMinimumHeight(80)
        self.setMouseTracking(True)
        theme.changes().changed.connect(self.update)

    def show_counts(self, counts: np.ndarray | None, names: tuple[str, ...]) -> None:
        """Show the counts, and say the names on hover."""
        self.counts, self._names = counts, names
        self.update()

    def describe(self, place: QPointF) -> str:
        """Return what the cell at a place says."""
        if self.counts is None:
            return ""
        side = self._side()
        column = int((place.x() - _CORNER) // side)
        row = int((place.y() - _CORNER) // side)
        ways = len(self.counts)
        if not (0 <= row < ways and 0 <= column < ways):
            return ""
        count, asked = self.counts[row, column], self.counts[row].sum()
        verb = (
            "rightly recognised"
            if row == column
            else f"taken for {self._names[column]}"
        )
        return f"{self._names[row]}: {count} of {asked} {verb}"

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, 200)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.describe(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.counts is None:
            return
        painter, shown = QPainter(self), colours()
        font = QFont(self.font())
        font.setPointSizeF(7.5)
        painter.setFont(font)
        painter.setPen(shown.quiet)
        self._paint_names(painter)
        self._paint_labels(painter)
        most = max(int(self.counts.sum(1).max()), 1)
        for (row, column), count in np.ndenumerate(self.counts):
            colour = shown.right if row == column else shown.wrong
            share = 0.25 + 0.75 * count / most
            cell = (
                shown.faint(colour, share) if count else shown.faint(shown.quiet, 0.08)
            )
            box = self._cell(row, column)
            painter.fillRect(box.adjusted(0, 0, -1, -1), cell)
            if count and box.width() >= _LABEL:
                painter.setPen(readable_on(cell))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(count))
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        last = len(self._names) - 1
        extent = self._cell(last, last).right() - _CORNER
        across, down = _AXIS_NAMES
        room = max(extent, painter.fontMetrics().horizontalAdvance(across))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(QRect(_CORNER, 0, room, _LABEL), centre, across)
        painter.save()
        painter.translate(0, _CORNER + extent)
        painter.rotate(-90)
        painter.drawText(QRect(0, 0, extent, _LABEL), centre, down)
        painter.restore()

    def _paint_labels(self, painter: QPainter) -> None:
        every = 1 if self._side() >= 9 else 5
        for label in range(0, len(self._names), every):
            middle = self._cell(label, label).center().x() - _LABEL // 2
            for x, y in ((_LABEL, middle), (middle, _LABEL)):
                box = QRect(x, y, _LABEL, _LABEL)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(label))

    def _cell(self, row: int, column: int) -> QRect:
        side = self._side()
        left, top = (round(_CORNER + place * side) for place in (column, row))
        return QRect(left, top, int(side), int(side))

    def _side(self) -> float:
        ways = max(len(self.counts) if self.counts is not None else 1, 1)
        room = min(self.width(), self.height()) - _CORNER
        return max(2.0, min(room / ways, 28.0))
