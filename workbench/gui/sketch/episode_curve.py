"""The sketch's adaptation curve: support loss and confidence at each inner step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.base.phrases import percent
from workbench.gui.look import theme
from workbench.gui.look.colours import colours, run_style

_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 40, 20, 18


class RunCurve(NamedTuple):
    """One run's figures at inner steps 0..K; no confidence without a query."""

    support_loss: tuple[float, ...]
    confidence: tuple[float, ...]


class EpisodeCurve(QWidget):
    """Draws the curves of the runs; a click goes to an inner step.

    Signals:
        step_chosen(int): the inner step that was clicked.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: tuple[RunCurve, ...] = ()
        self.step = 0
        self.setFont(theme.tabular(self.font()))
        self.setAccessibleName("Adaptation curve")
        self.setToolTip(
            "How the support loss falls and the confidence in the answer rises with "
            "each inner step"
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes().changed.connect(self.update)

    def show_curves(self, curves: Sequence[RunCurve]) -> None:
        """Show these runs' curves."""
        if tuple(curves) != self.curves:
            self.curves = tuple(curves)
            self.update()

    def show_step(self, step: int) -> None:
        """Mark an inner step."""
        if step != self.step:
            self.step = step
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, 130)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, 84)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go_to(event.position().x())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position().x())

    def _go_to(self, x: float) -> None:
        area = self._area()
        share = (x - area.left()) / max(area.width(), 1)
        self.step_chosen.emit(round(min(max(share, 0), 1) * self._steps()))

    def _steps(self) -> int:
        return max((len(curve.support_loss) - 1 for curve in self.curves), default=0)

    def _area(self) -> QRectF:
        left, top, right, bottom = map(theme.enlarged, (_LEFT, _TOP, _RIGHT, _BOTTOM))
        return QRectF(self.rect()).adjusted(left, top, -right, -bottom)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown, area = colours(), self._area()
        font = painter.font()
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1.5))
        painter.setFont(font)
        painter.setPen(QPen(QColor(theme.colours().line), 1))
        painter.drawRect(area)
        if self._steps() > 0:
            self._paint_axes(painter, area)
            self._paint_curves(painter, area)
        else:
            painter.setPen(shown.quiet)
            painter.drawText(
                area, Qt.AlignmentFlag.AlignCenter, "The adaptation curve appears here"
            )
        painter.end()

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        shown, top = colours(), self._highest()
        self._paint_keys(painter, area)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        line = painter.fontMetrics().height()
        for share in (0.0, 1.0):
            y = area.bottom() - share * area.height() - line / 2
            painter.setPen(shown.support)
            place = QRectF(0, y, area.left() - 4, line)
            painter.drawText(place, right, f"{share * top:.2g}")
            painter.setPen(shown.query)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            place = QRectF(area.right() + 4, y, self.width() - area.right() - 4, line)
            painter.drawText(place, left, percent(share))
        painter.setPen(shown.quiet)
        steps = self._steps()
        every = max(1, steps // 10)
        for step in range(0, steps + 1, every):
            x = area.left() + area.width() * step / steps
            place = QRectF(x - 14, area.bottom() + 2, 28, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(step))

    def _paint_keys(self, painter: QPainter, area: QRectF) -> None:
        shown = colours()
        line = QRectF(area.left(), 0, area.width(), area.top() - 3)
        painter.setPen(shown.support)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, "support loss")
        painter.setPen(shown.query)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, "confidence")
        painter.setPen(shown.quiet)
        if area.width() > 220:
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, "by inner step")

    def _paint_curves(self, painter: QPainter, area: QRectF) -> None:
        shown, top, steps = colours(), self._highest(), self._steps()
        x = area.left() + area.width() * self.step / steps
        painter.setPen(QPen(shown.accent, 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for number, curve in enumerate(self.curves):
            for values, colour in (
                ([loss / top for loss in curve.support_loss], shown.support),
                (list(curve.confidence), shown.query),
            ):
                self._paint_line(
                    painter, area, values, QPen(colour, 1.6, run_style(number))
                )

    def _paint_line(
        self, painter: QPainter, area: QRectF, values: list[float], pen: QPen
    ) -> None:
        steps = self._steps()
        points = [
            QPointF(
                area.left() + area.width() * step / steps,
                area.bottom() - min(max(value, 0.0), 1.0) * area.height(),
            )
            for step, value in enumerate(values)
        ]
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if points:
            painter.setBrush(pen.color())
            painter.drawEllipse(points[min(self.step, len(points) - 1)], 3.5, 3.5)

    def _highest(self) -> float:
        losses = [loss for curve in self.curves for loss in curve.support_loss]
        return max([*losses, 1e-6])
