"""A heat map of two swept fields: each cell the mean over what else differs."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from workbench.core.results.score_text import in_its_unit
from workbench.core.results.sweep_results import NONE, Average, SweepResults
from workbench.core.results.swept_fields import SweptField
from workbench.gui.look import theme
from workbench.gui.look.colours import colours, readable_on
from workbench.gui.sweeps.score_colours import score_colour
from workbench.gui.sweeps.sweep_plot import RunsChart
from workbench.gui.sweeps.wording import listed, score_name, shown, titled, written

_GAP = 6
_LEAST_LABEL = 24
_WIDEST = 120
_CENTRE = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle


class Cell(NamedTuple):
    """A cell: the values that its runs share, and their mean."""

    across: str
    down: str
    average: Average


class HeatChart(RunsChart):
    """Draws the cells with their numbers, larger values to the right and further up.

    A cell leads to its best run.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sweeps.heat")
        self.setAccessibleName("Heat map")
        self.setFont(theme.tabular(theme.smaller(self.font())))
        self.setMinimumSize(160, 110)
        self.results: SweepResults | None = None
        self.across: SweptField | None = None
        self.down: SweptField | None = None
        self.cells: list[Cell] = []

    def show_fields(
        self,
        results: SweepResults | None,
        across: SweptField | None,
        down: SweptField | None,
    ) -> None:
        """Show these fields of a sweep; one alone is a single row of cells."""
        self.results, self.across, self.down = results, across, down
        self.cells = []
        if results is not None and across is not None and down is None:
            averages = results.averages(across)
            self.cells = [Cell(x, "", averages[x,]) for x in across.values]
        elif results is not None and across is not None and down is not None:
            averages = results.averages(across, down)
            self.cells = [
                Cell(x, y, averages.get((x, y), NONE))
                for y in down.values
                for x in across.values
            ]
        self.update()

    def describe(self, cell: Cell) -> str:
        """Return what there is to say of a cell."""
        assert self.results is not None
        wanted = _wanted(self.across, cell.across, self.down, cell.down)
        mean = cell.average.mean
        said = f"{score_name(self.results)}: {written(mean, self.results)}, "
        return (
            f"{listed(wanted, list(wanted.values()))}\n"
            f"{said if mean is not None else ''}{cell.average.words}"
        )

    def text_of(self, cell: Cell) -> str:
        """Return the number that stands in a cell; empty where it has none."""
        assert self.results is not None
        mean, measure = cell.average.mean, self.results.measure
        if mean is None:
            return "diverged" if cell.average.diverged else ""
        mark = "*" if cell.average.diverged or cell.average.unscored else ""
        return in_its_unit(measure.scale * mean.mean, None, measure) + mark

    def place_of(self, cell: Cell) -> QRectF:
        """Return where a cell is drawn."""
        assert self.across is not None
        area = self._area()
        rows = 1 if self.down is None else len(self.down.values)
        width, height = area.width() / len(self.across.values), area.height() / rows
        column = self.across.values.index(cell.across)
        row = 0 if self.down is None else self.down.values.index(cell.down)
        return QRectF(
            area.left() + column * width,
            area.bottom() - (row + 1) * height,
            width,
            height,
        )

    @override
    def sizeHint(self) -> QSize:
        return QSize(360, 220)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            here = QPointF(event.pos())
            cell = self._cell_at(here)
            text = self._name_at(here) if cell is None else self.describe(cell)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours().background)
        if self.results is not None and self.across is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            for cell in self.cells:
                self._paint_cell(painter, cell)
            self._paint_values_across(painter, self.across)
            if self.down is not None:
                self._paint_values_upwards(painter, self.down)
            self._paint_names(painter)
        painter.end()

    # Painting.

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        assert self.results is not None
        box, mean, scale = self.place_of(cell), cell.average.mean, self.results.scale
        seen = colours()
        colour = seen.faint(seen.quiet, 0.1)
        if mean is not None and scale is not None:
            colour = score_colour(scale.share(mean.mean))
        painter.fillRect(box.adjusted(0, 0, -1, -1), colour)
        text, metrics = self.text_of(cell), painter.fontMetrics()
        is_wide = metrics.horizontalAdvance(text) + 2 <= box.width()
        if is_wide and metrics.height() <= box.height():
            is_filled = mean is not None
            painter.setPen(readable_on(colour) if is_filled else seen.quiet)
            painter.drawText(box, _CENTRE, text)

    def _paint_values_across(self, painter: QPainter, field: SweptField) -> None:
        """Write the values below the cells, those that there is room for."""
        painter.setPen(colours().quiet)
        metrics, top = painter.fontMetrics(), self._area().bottom() + 2
        last = -math.inf
        for cell in (c for c in self.cells if c.down == self.cells[0].down):
            box = self.place_of(cell)
            room = int(max(box.width() - 4, _LEAST_LABEL))
            text = metrics.elidedText(shown(field, cell.across), _MIDDLE, room)
            width = metrics.horizontalAdvance(text)
            left = box.center().x() - width / 2
            if left > last:
                place = QRectF(left, top, width, metrics.height())
                painter.drawText(place, _CENTRE, text)
                last = left + width + _GAP

    def _paint_values_upwards(self, painter: QPainter, field: SweptField) -> None:
        """Write the values beside the cells, those that there is room for."""
        painter.setPen(colours().quiet)
        metrics = painter.fontMetrics()
        line = metrics.height()
        room, below = self._area().left() - line - 2 * _GAP, math.inf
        for cell in (c for c in self.cells if c.across == self.cells[0].across):
            middle = self.place_of(cell).center().y()
            if below - middle >= line:
                text = metrics.elidedText(shown(field, cell.down), _MIDDLE, int(room))
                place = QRectF(line + _GAP, middle - line / 2, room, line)
                painter.drawText(place, _RIGHT, text)
                below = middle

    def _paint_names(self, painter: QPainter) -> None:
        assert self.across is not None
        painter.setPen(colours().text)
        area, line = self._area(), painter.fontMetrics().height()
        middle, top = area.center(), area.bottom() + line + 4
        _paint_name(painter, titled(self.across), middle.x(), top, self.width())
        if self.down is not None:
            foot = round(area.bottom()) + line
            painter.translate(2, foot)
            painter.rotate(-90)
            _paint_name(painter, titled(self.down), foot - middle.y(), 0, foot)

    def _area(self) -> QRectF:
        """Return the place of all cells."""
        line = self.fontMetrics().height()
        left = float(_GAP)
        if self.down is not None:
            texts = (shown(self.down, value) for value in self.down.values)
            widest = max(map(self.fontMetrics().horizontalAdvance, texts))
            left = line + 3 * _GAP + min(widest, _WIDEST, self.width() // 3)
        return QRectF(self.rect()).adjusted(left, _GAP, -_GAP, -(2 * line + 3 * _GAP))

    # Helpers.

    def _name_at(self, place: QPointF) -> str:
        """Return the field named at a place, where it may be shortened."""
        area, line = self._area(), self.fontMetrics().height()
        if self.across is not None and place.y() > area.bottom() + line:
            return titled(self.across)
        is_left = place.x() < line + _GAP
        return titled(self.down) if self.down is not None and is_left else ""

    def _cell_at(self, place: QPointF) -> Cell | None:
        inside = (cell for cell in self.cells if self.place_of(cell).contains(place))
        return next(inside, None)

    @override
    def folder_at(self, place: QPointF) -> str:
        cell = self._cell_at(place)
        if cell is None or self.results is None or not cell.average.rows:
            return ""
        folders = {row.folder for row in cell.average.rows}
        ranked = (r.folder for r in self.results.worst_first if r.folder in folders)
        return [*ranked][-1]


def _paint_name(
    painter: QPainter, name: str, middle: float, top: float, length: int
) -> None:
    """Write an axis' name at its middle, or as near to it as all of it fits."""
    metrics, room = painter.fontMetrics(), length - 2 * _GAP
    text = metrics.elidedText(name, _MIDDLE, room)
    width = metrics.horizontalAdvance(text)
    left = min(max(middle - width / 2, _GAP), length - _GAP - width)
    painter.drawText(QRectF(left, top, width, metrics.height()), _CENTRE, text)


def _wanted(
    across: SweptField | None, x: str, down: SweptField | None, y: str
) -> dict[SweptField, str]:
    return {field: v for field, v in ((across, x), (down, y)) if field is not None}
