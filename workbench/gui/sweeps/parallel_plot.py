"""Parallel coordinates: an axis for each swept field, a line for each run."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QToolTip, QWidget
from typing_extensions import override

from workbench.core.results.score_text import score_text
from workbench.core.results.sweep_results import SweepResults
from workbench.gui.graphs.export import Table
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.sweeps.parallel_axes import GAP, AxesLayout, AxesPainter, titles
from workbench.gui.sweeps.sweep_plot import RunsChart, SweepPlot
from workbench.gui.sweeps.wording import listed, score_name

_LEFT, _RIGHT, _BOTTOM = 14, 112, 12
_LEAST_SPACING, _LEAST_HEIGHT = 110, 100
_REACH = 8
_POINTING = Qt.CursorShape.PointingHandCursor


class ParallelChart(RunsChart):
    """Draws every run from its values to its score, which decides its colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sweeps.parallel")
        self.setAccessibleName("Parallel coordinates")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(theme.tabular(theme.smaller(self.font())))
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.results: SweepResults | None = None
        self.places: AxesLayout | None = None
        self.hovered = ""
        self.in_hand = ""

    def show_results(self, results: SweepResults | None) -> None:
        """Show these runs; None for none."""
        self.results = results
        axes = 0 if results is None else len(results.fields)
        self.setMinimumWidth(_LEFT + _RIGHT + axes * _LEAST_SPACING)
        self._lay_out()

    def set_in_hand(self, folder: str) -> None:
        """Bring out the line of the run in hand."""
        self.in_hand = folder
        self.update()

    def describe(self, folder: str) -> str:
        """Return what there is to say of a run."""
        assert self.results is not None
        row = next(row for row in self.results.rows if row.folder == folder)
        score = self.results.score_of(row)
        said = score_text(score, None, row.measure) or row.state
        values = [field.value_of(row) for field in self.results.fields]
        return (
            f"{row.name}\n{listed(self.results.fields, values)}, seed {row.seed}\n"
            f"{score_name(self.results)}: {said}"
        )

    @override
    def sizeHint(self) -> QSize:
        return QSize(600, 240)

    @override
    def event(self, event: QEvent) -> bool:
        if not (isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip):
            return super().event(event)
        name = "" if self.hovered else self._title_at(QPointF(event.pos()))
        if name:
            QToolTip.showText(event.globalPos(), name, self)
        # What is said of a run is not replaced by what is said of the plot.
        return bool(self.hovered or name) or super().event(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.folder_at(event.position()))
        text = self.describe(self.hovered) if self.hovered else ""
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, order = event.key(), self._folders()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and order:
            # From the run in hand, or down from the best.
            here = self.hovered or self.in_hand
            at = order.index(here) if here in order else len(order)
            at += 1 if key == Qt.Key.Key_Up else -1
            self._hover(order[min(max(at, 0), len(order) - 1)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hovered:
            self.chosen.emit(self.hovered)
        else:
            super().keyPressEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hover("")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours().background)
        if self.hasFocus():
            painter.setPen(colours().accent)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self.results is not None and self.places is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            axes = AxesPainter(painter, self.results, self.places, self.width())
            axes.paint_lines(self.hovered, self.in_hand)
            axes.paint_axes()
            axes.paint_scale()
        painter.end()

    def _lay_out(self) -> None:
        self.places = None
        if self.results is not None and self.results.fields:
            head = self.fontMetrics().height() + 3 * GAP
            area = QRectF(self.rect()).adjusted(_LEFT, head, -_RIGHT, -_BOTTOM)
            self.places = AxesLayout(self.results, area)
        self.update()

    def _title_at(self, place: QPointF) -> str:
        """Return the name of the axis above which a place is; it may be shortened."""
        if self.results is None or self.places is None:
            return ""
        if place.y() >= self.places.area.top() - GAP:
            return ""
        return titles(self.results)[abs(self.places.x - place.x()).argmin()]

    def _folders(self) -> list[str]:
        rows = () if self.results is None else self.results.worst_first
        return [row.folder for row in rows]

    @override
    def folder_at(self, place: QPointF) -> str:
        at = None if self.places is None else self.places.nearest(place, _REACH)
        return "" if at is None else self._folders()[at]

    def _hover(self, folder: str) -> None:
        if folder != self.hovered:
            self.hovered = folder
            self.setCursor(_POINTING if folder else Qt.CursorShape.ArrowCursor)
            self.update()


class ParallelPlot(SweepPlot):
    """Every run as a line from its values to its score."""

    key = "sweep_runs"
    title = "Parallel coordinates"
    help = (
        "An axis for each field swept, and a line for each run, coloured by its score; "
        "dotted where it has none yet. A click takes the run in hand, a double click "
        "shows it in Training."
    )
    empty = ""

    def __init__(self) -> None:
        self.chart = ParallelChart()
        super().__init__(self.chart)
        self._area = QScrollArea()
        self._area.setWidget(self.chart)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setMinimumHeight(self.chart.minimumHeight())
        self.body.addWidget(self._area, 1)
        self.finish_controls()

    @override
    def draw(self) -> None:
        self.chart.show_results(self.results)

    @override
    def table(self) -> Table:
        if self.results is None:
            return Table((), ())
        names = [field.name for field in self.results.fields]
        columns = ("run", *names, "seed", "state", self.results.judge)
        return Table(columns, self._rows(self.results))

    def _rows(self, results: SweepResults) -> Iterator[tuple[object, ...]]:
        for row in reversed(results.worst_first):
            values = (field.value_of(row) for field in results.fields)
            score = results.score_of(row)
            said = "" if score is None else score
            yield row.folder, *values, row.seed, row.state, said
