"""A legend in a row or more above a graph, where it hides no data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from workbench.gui.graphs.short_names import cut_names, short_names
from workbench.gui.look import theme
from workbench.gui.look.colours import weighed

_SAMPLE = 16
_GAP = 4
_BETWEEN = 10
_MARK = 3.5
_MOST_ROWS = 3


class Entry(NamedTuple):
    """A curve and its name in the legend; others are shown and hidden with it."""

    curve: pg.PlotDataItem
    name: str
    others: tuple[pg.PlotDataItem, ...] = ()


class Legend(QWidget):
    """Samples and names of curves; a click hides a curve, and shows it again.

    ``texts`` is what there is room for of each name.
    """

    def __init__(self, left: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = left
        self._entries: tuple[Entry, ...] = ()
        self._places: list[QRect] = []
        self.texts: list[str] = []
        self._per_row = 1
        self.setFont(theme.smaller(self.font()))
        self.setFixedHeight(self._line)
        self.setAccessibleName("Legend")
        if parent is not None:
            parent.installEventFilter(self)  # its height decides on the rows
        self.hide()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries from now on."""
        if tuple(entries) == self._entries:
            return
        self._entries = tuple(entries)
        self.setVisible(bool(entries))
        self._take_room()
        self.setAccessibleDescription(", ".join(entry.name for entry in entries))
        self.update()

    @property
    def names(self) -> list[str]:
        """The names shown."""
        return [entry.name for entry in self._entries]

    @override
    def sizeHint(self) -> QSize:
        return QSize(100, self.height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_room()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._take_room()
        return super().eventFilter(watched, event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_room()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._places = self._arranged()
        shown = zip(self._entries, self.texts, self._places, strict=True)
        for entry, name, place in shown:
            self._paint_sample(painter, entry.curve, place)
            painter.setOpacity(1.0 if entry.curve.isVisible() else 0.4)
            painter.setPen(self.palette().text().color())
            room = place.adjusted(_SAMPLE + _GAP, 0, 0, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
            painter.setOpacity(1.0)
        painter.end()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._entry_at(event.position().toPoint())
        if at is not None:
            entry = self._entries[at]
            is_shown = entry.curve.isVisible()
            for curve in (entry.curve, *entry.others):
                curve.setVisible(not is_shown)
            self.update()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            at = self._entry_at(event.pos())
            if at is not None:
                text = f"{self._entries[at].name}: click to hide or show"
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().event(event)

    @property
    def _line(self) -> int:
        return self.fontMetrics().height() + 2

    def _take_room(self) -> None:
        """Choose the rows, and what of each name is shown in them.

        There are more than the usual only where they show what differs.
        """
        names = self.names
        for count in range(1, self._most_rows + 1):
            share = self._share(count)
            is_tight = count >= _MOST_ROWS
            self.texts = short_names(names, self._width_of, share, tightly=is_tight)
            if max(map(self._width_of, self.texts), default=0) <= share:
                break
        else:
            self.texts = cut_names(names, self._width_of, share)
        self.setFixedHeight(self._line * max(1, math.ceil(len(names) / self._per_row)))

    def _width_of(self, name: str) -> int:
        return self.fontMetrics().horizontalAdvance(name) + 2

    @property
    def _most_rows(self) -> int:
        """How many there may be: the curves have half of the height at least."""
        parent = self.parentWidget()
        room = 0 if parent is None else parent.height() // 2 // self._line
        return max(1, min(len(self._entries), max(_MOST_ROWS, room)))

    def _share(self, rows: int) -> int:
        """Return the widest that a name may be in the fullest of so many rows."""
        widths, shares = [*map(self._width_of, self.names)], [self.width()]
        self._per_row = max(1, math.ceil(len(widths) / rows))
        for at in range(0, len(widths), self._per_row):
            row = widths[at : at + self._per_row]
            room = self.width() - _GAP - len(row) * (_SAMPLE + _GAP + _BETWEEN)
            if sum(row) > room:
                shares.append(_fair_share(row, room))
        return min(shares)

    def _arranged(self) -> list[QRect]:
        widths, length = [*map(self._width_of, self.texts)], self._per_row
        rows = [widths[at : at + length] for at in range(0, len(widths), length)]
        return [
            place
            for at, row in enumerate(rows)
            for place in self._row(row, at * self._line)
        ]

    def _row(self, widths: list[int], top: int) -> list[QRect]:
        fixed = len(widths) * (_SAMPLE + _GAP + _BETWEEN)
        spare = self.width() - fixed - sum(widths)
        left = max(_GAP, min(theme.enlarged(self._left), spare))
        room = max(20 * len(widths), self.width() - left - fixed)
        share = _fair_share(widths, room)
        places, x = [], left
        for width in widths:
            taken = _SAMPLE + _GAP + min(width, share)
            places.append(QRect(x, top, taken, self._line))
            x += taken + _BETWEEN
        return places

    def _paint_sample(
        self, painter: QPainter, curve: pg.PlotDataItem, place: QRect
    ) -> None:
        middle = place.center().y() + 0.5
        line = curve.opts.get("pen")
        if line is not None:
            painter.setPen(weighed(QPen(line), painter))
            painter.drawLine(
                QPointF(place.left(), middle), QPointF(place.left() + _SAMPLE, middle)
            )
        symbol = curve.opts.get("symbol")
        if symbol is not None:
            path = pg.graphicsItems.ScatterPlotItem.Symbols[symbol]
            painter.save()
            painter.translate(place.left() + _SAMPLE / 2, middle)
            size = 2 * _MARK * (1.6 if symbol == "star" else 1)
            painter.scale(size, size)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(pg.mkBrush(curve.opts["symbolBrush"])))
            painter.drawPath(path)
            painter.restore()

    def _entry_at(self, position: QPoint) -> int | None:
        inside = (
            at for at, place in enumerate(self._places) if place.contains(position)
        )
        return next(inside, None)


def _fair_share(widths: Sequence[int], room: int) -> int:
    """Return the widest that a name may be so that all fit; short ones give way."""
    left, count = room, len(widths)
    for width in sorted(widths):
        if width * count > left:
            return max(20, left // count)
        left -= width
        count -= 1
    return max(widths, default=0)
