"""The returns of an adaptation by update, over what validation says of the runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours, colours, run_style

if TYPE_CHECKING:
    from workbench.core.episodes.walkers import Journey

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 20, 18
_BAND, _VALIDATED = 0.18, 0.5
_DOT = 3.5
_MARGIN = 0.06


class Curve(NamedTuple):
    """Mean returns after 0, 1, 2, … updates, with half their intervals' widths."""

    mean: tuple[float, ...] = ()
    ci95: tuple[float, ...] = ()

    @property
    def edges(self) -> tuple[float, ...]:
        """Where its band begins and ends."""
        pairs = list(zip(self.mean, self.ci95, strict=True))
        return *(m + c for m, c in pairs), *(m - c for m, c in pairs)


class RunReturns(NamedTuple):
    """A run's returns on the goal, and on those that it was validated on."""

    goal: Curve
    validated: Curve

    @classmethod
    def of(cls, journey: Journey, most: int) -> RunReturns:
        """Return those of a journey, after so many updates at the most."""
        updates = journey.walks.updates if journey.walks else ()
        scores = [
            each
            for each in journey.validated
            if each.mean_return is not None and each.step <= most
        ]
        return cls(
            Curve(
                tuple(each.mean_return for each in updates),
                tuple(each.return_ci95 for each in updates),
            ),
            Curve(
                tuple(each.mean_return or 0.0 for each in scores),
                tuple(each.return_ci95 or 0.0 for each in scores),
            ),
        )


class ReturnCurve(QWidget):
    """Draws the runs' returns; a click chooses an update.

    Signals:
        update_chosen(int): the update that was clicked.
    """

    update_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs: tuple[RunReturns, ...] = ()
        self.updates = self.update_shown = 0
        self.setObjectName("play.returns")
        self.setFont(theme.smaller(theme.tabular(self.font())))
        self.setAccessibleName("Returns by update")
        self.setToolTip(
            "The mean return on this goal by update, with its 95 % interval; behind "
            "it, faint, the run's validation on many goals"
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changes().changed.connect(self.update)

    def show_journeys(self, journeys: Sequence[Journey], updates: int) -> None:
        """Show how runs fare on an errand with so many updates."""
        self.runs = tuple(RunReturns.of(each, updates) for each in journeys)
        self.updates = updates
        told = (", ".join(map(figures.told_return, run.goal.mean)) for run in self.runs)
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def show_update(self, update: int) -> None:
        """Mark an update."""
        if update != self.update_shown:
            self.update_shown = update
            self.update()

    def position_of(self, update: int, value: float) -> QPointF:
        """Return where a return after so many updates is drawn."""
        area, (low, high) = self._area(), self._range()
        share = (value - low) / (high - low)
        x = area.left() + area.width() * update / max(1, self.updates)
        return QPointF(x, area.bottom() - share * area.height())

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, theme.enlarged(132))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position().x())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position().x())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown, area = QPainter(self), colours(), self._area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(shown.quiet)
        top = QRectF(area.left(), 0, area.width(), area.top() - 3)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, "return by update")
        if any(run.validated.mean for run in self.runs):
            painter.drawText(top, Qt.AlignmentFlag.AlignRight, "dotted: validation")
        painter.setPen(QPen(QColor(theme.colours().line), 1))
        painter.drawRect(area)
        if any(run.goal.mean for run in self.runs):
            self._paint_axes(painter, area, shown)
            painter.setClipRect(area.adjusted(-_DOT - 1, 0, _DOT + 1, 0))
            for number, run in enumerate(self.runs):
                faint = shown.faint(shown.run(number), _VALIDATED)
                dotted = QPen(faint, 1.4, Qt.PenStyle.DotLine)
                self._paint_band(painter, run.validated, faint)
                self._paint_line(painter, run.validated, dotted)
            for number, run in enumerate(self.runs):
                colour = shown.run(number)
                self._paint_band(painter, run.goal, colour)
                self._paint_line(painter, run.goal, QPen(colour, 2, run_style(number)))
                self._paint_dots(painter, run.goal, colour)
        painter.end()

    def _paint_axes(self, painter: QPainter, area: QRectF, shown: PlotColours) -> None:
        line = painter.fontMetrics().height()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(shown.quiet)
        for value in self._range():
            y = self.position_of(0, value).y() - line / 2
            room = QRectF(0, y, area.left() - 5, line)
            painter.drawText(room, right, figures.told_return(value))
        for update in range(self.updates + 1):
            x = self.position_of(update, 0.0).x()
            place = QRectF(x - 14, area.bottom() + 2, 28, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(update))
        x = self.position_of(min(self.update_shown, self.updates), 0.0).x()
        painter.setPen(QPen(shown.accent, 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_band(self, painter: QPainter, curve: Curve, colour: QColor) -> None:
        half = len(curve.mean)
        edges = [
            self.position_of(number % half, value)
            for number, value in enumerate(curve.edges)
        ]
        clear = QColor(colour)
        clear.setAlphaF(_BAND)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(clear)
        painter.drawPolygon(QPolygonF(edges[:half] + edges[half:][::-1]))

    def _paint_line(self, painter: QPainter, curve: Curve, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(self._points(curve)))

    def _paint_dots(self, painter: QPainter, curve: Curve, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for point in self._points(curve):
            painter.drawEllipse(point, _DOT, _DOT)

    def _points(self, curve: Curve) -> list[QPointF]:
        return [self.position_of(*each) for each in enumerate(curve.mean)]

    def _range(self) -> tuple[float, float]:
        """Return the lowest and the highest return in view."""
        curves = [curve for run in self.runs for curve in run]
        seen = [edge for curve in curves for edge in curve.edges] or [0.0]
        low, high = min(seen), max(seen)
        # A line is not to lie on the frame.
        margin = _MARGIN * (high - low) or 1.0
        return low - margin, high + margin

    def _area(self) -> QRectF:
        left, top, right, bottom = map(theme.enlarged, (_LEFT, _TOP, _RIGHT, _BOTTOM))
        return QRectF(self.rect()).adjusted(left, top, -right, -bottom)

    def _choose(self, x: float) -> None:
        area = self._area()
        share = min(max((x - area.left()) / max(1.0, area.width()), 0.0), 1.0)
        self.update_chosen.emit(round(share * self.updates))
