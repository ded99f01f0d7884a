"""Probability bars: one row a class, one column a run."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from workbench.core.base.phrases import percent
from workbench.core.sketch.session import NONE
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.look.vertical_area import VerticalArea

_NARROWEST_ROW, _WIDEST_ROW = 16, 30
_ROWS_IN_VIEW = 6
_GAP = 10
_EQUAL = 1e-6


def called(name: str) -> str:
    """Return what stands in a list of classes: a class's name, or None of these."""
    return name if name != NONE else "None of these"


def spoken(name: str) -> str:
    """Return what stands in a sentence: a class's name, or none of these."""
    return name if name != NONE else "none of these"


class BarColumn(NamedTuple):
    """What one run says: the probability of each class, or why there is none."""

    probabilities: dict[str, float]
    problem: str = ""
    is_none: bool = False
    """Whether it takes the query for none of the classes."""

    def figure(self, name: str) -> str:
        """Return what is written beside a class's bar."""
        if name == NONE:
            return "likely" if self.winner == NONE else ""
        return "" if self.winner == NONE else percent(self.probabilities.get(name, 0.0))

    @property
    def winner(self) -> str | None:
        """What it answers; None where all classes are equally probable."""
        shares = self.probabilities.values()
        if max(shares, default=0.0) - min(shares, default=0.0) < _EQUAL:
            return None
        best = max(self.probabilities, key=self.probabilities.__getitem__)
        return NONE if self.is_none else best


class Bars(QWidget):
    """Shows how probable each class is; a click on a class says it was the right one.

    Signals:
        chosen(str): the class that was clicked.
        row_reached(QRect): the keyboard went to the class whose row lies there.
    """

    chosen = Signal(str)
    row_reached = Signal(QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.columns: tuple[BarColumn, ...] = ()
        self.hint = ""
        self._current = -1
        self.setFont(theme.tabular(self.font()))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setObjectName("bars")
        self.setAccessibleName("Probabilities")
        self.setToolTip("Click the class that the drawing was of: it is counted")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes().changed.connect(self.update)

    def show_columns(
        self, names: tuple[str, ...], columns: tuple[BarColumn, ...]
    ) -> None:
        """Show these classes and what each run says of them."""
        if (names, columns) != (self.names, self.columns):
            is_resized = len(names) != len(self.names)
            self.names, self.columns = names, columns
            if is_resized:
                self.updateGeometry()
            self.setAccessibleDescription(self._description())
            self.update()

    def show_hint(self, hint: str) -> None:
        """Say what is missing for an answer; empty for nothing."""
        if hint != self.hint:
            self.hint = hint
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, max(5, len(self.names)) * 22)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, max(2, len(self.names)) * _NARROWEST_ROW)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().toPoint())
        if row >= 0:
            self.chosen.emit(self.names[row])

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_to(self._row_at(event.position().toPoint()))

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point_to(-1)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._point_to(-1)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in moves and self.names:
            wanted = self._current + moves[Qt.Key(event.key())]
            row = min(max(wanted, 0), len(self.names) - 1)
            self._point_to(row)
            height = self._row_height()
            self.row_reached.emit(QRectF(0, row * height, 1, height).toAlignedRect())
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space) and self._current >= 0
        ):
            self.chosen.emit(self.names[self._current])
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos())
            text = f"Click if it was {spoken(self.names[row])}" if row >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hint or not self.columns:
            painter.setPen(QColor(theme.colours().muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(8, 0, -8, 0), flags, self.hint)
        else:
            self._paint_rows(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(theme.colours().accent))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2
            )
        painter.end()

    def _paint_rows(self, painter: QPainter) -> None:
        metrics, height, shown = self.fontMetrics(), self._row_height(), theme.colours()
        label = self._label_width(metrics)
        for row, name in enumerate(self.names):
            line = QRectF(0, row * height, self.width(), height)
            if row == self._current:
                painter.fillRect(line, QColor(shown.line))
            painter.setPen(QColor(shown.text))
            painter.drawText(
                QRectF(4, line.top(), label - 8, height),
                Qt.AlignmentFlag.AlignVCenter,
                metrics.elidedText(
                    called(name), Qt.TextElideMode.ElideRight, label - 8
                ),
            )
        width = (self.width() - label) / len(self.columns)
        for number, column in enumerate(self.columns):
            area = QRectF(label + number * width, 0, width, height * len(self.names))
            self._paint_column(painter, area, number, column)

    def _paint_column(
        self, painter: QPainter, area: QRectF, number: int, column: BarColumn
    ) -> None:
        if column.problem:
            painter.setPen(QColor(theme.colours().warning))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
            painter.drawText(area.adjusted(2, 2, -4, -2), flags, column.problem)
            return
        height, metrics = self._row_height(), self.fontMetrics()
        figure = metrics.horizontalAdvance("100 %") + 6
        winner = column.winner
        room = max(area.width() - figure - _GAP, 8.0)
        for row, name in enumerate(self.names):
            share = column.probabilities.get(name, 0.0)
            top = row * height
            bar = QRectF(area.left(), top + 0.22 * height, room, 0.56 * height)
            if name != NONE:
                # What is likely none of them is none of them to any degree.
                shown = 0.0 if column.is_none else share
                self._paint_bar(painter, bar, shown, number, wins=name == winner)
            painter.setPen(QPen(QColor(theme.colours().text)))
            font = painter.font()
            font.setBold(name == winner)
            painter.setFont(font)
            painter.drawText(
                QRectF(bar.right() + 4, top, figure, height),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                column.figure(name),
            )
        font = painter.font()
        font.setBold(False)
        painter.setFont(font)

    def _paint_bar(
        self, painter: QPainter, bar: QRectF, share: float, number: int, *, wins: bool
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        shown = colours()
        painter.setBrush(QColor(theme.colours().line))
        painter.drawRoundedRect(bar, 2, 2)
        colour = shown.run(number)
        painter.setBrush(colour if wins else shown.faint(colour, 0.55))
        filled = QRectF(
            bar.left(), bar.top(), max(bar.width() * share, 1), bar.height()
        )
        painter.drawRoundedRect(filled, 2, 2)

    def _row_height(self) -> float:
        each = self.height() / max(len(self.names), 1)
        return min(max(each, _NARROWEST_ROW), _WIDEST_ROW)

    def _label_width(self, metrics: QFontMetrics) -> int:
        longest = max(
            (metrics.horizontalAdvance(called(name)) for name in self.names), default=0
        )
        return min(longest + 14, round(0.36 * self.width()))

    def _row_at(self, at: QPoint) -> int:
        row = int(at.y() // self._row_height())
        return row if 0 <= row < len(self.names) and not self.hint else -1

    def _point_to(self, row: int) -> None:
        if row != self._current:
            self._current = row
            self.setCursor(
                Qt.CursorShape.PointingHandCursor
                if row >= 0
                else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def _description(self) -> str:
        return "; ".join(
            "none of these"
            if column.is_none
            else ", ".join(
                f"{name} {percent(share)}"
                for name, share in column.probabilities.items()
            )
            for column in self.columns
        )


class BarsArea(VerticalArea):
    """Holds bars: with many classes they scroll, and the window stays as it is."""

    def __init__(self, bars: Bars, parent: QWidget | None = None) -> None:
        super().__init__(bars, parent)
        self.setObjectName("bars.area")
        self.setMinimumHeight(_ROWS_IN_VIEW * _NARROWEST_ROW)
        # What is behind the window is behind the bars, in every theme.
        self.viewport().setAutoFillBackground(False)
        bars.setAutoFillBackground(False)
        bars.row_reached.connect(self._on_bars_row_reached)

    def _on_bars_row_reached(self, row: QRect) -> None:
        self.ensureVisible(0, row.top(), 0, 0)
        self.ensureVisible(0, row.bottom() + 1, 0, 0)
